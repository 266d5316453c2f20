"""`hub partner`: who we trade with, how far each one is, what proves it, and which certificates run out."""

from hub.cli.partner import book, certificates, hold, proof, stage

__all__ = ["book", "certificates", "hold", "proof", "stage"]
