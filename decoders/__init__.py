"""From the latent to tokens: the bridges, and the fillers that share the constraints."""
