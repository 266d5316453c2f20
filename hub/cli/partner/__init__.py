"""`hub partner`: who we trade with, how far each one is, what proves it, and which certificates run out."""

from hub.cli.partner import book, certificates, proof, stage

__all__ = ["book", "certificates", "proof", "stage"]
