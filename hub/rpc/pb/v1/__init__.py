"""Generated from schemas/proto by `python -m hub.rpc.generate`. Do not edit."""
