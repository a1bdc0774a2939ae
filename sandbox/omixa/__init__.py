"""A stand-in Omixa gateway: the published contract, a wallet, pictures, and faults on demand."""

from sandbox.omixa.gateway import Omixa

__all__ = ["Omixa"]
