"""The command line: ``latent-ebm``."""
