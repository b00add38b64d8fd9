"""Ways to move the latent downhill; one module each, behind one protocol."""
