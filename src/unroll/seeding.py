"""One generator per seed and purpose, so that no draw depends on another."""

import hashlib

import torch


def derive_seed(seed: int, purpose: str) -> int:
    """Return a 63-bit seed that is stable over machines and versions.

    >>> derive_seed(0, "batches") == derive_seed(0, "weights")
    False
    """
    digest = hashlib.sha256(f"{purpose}:{seed}".encode()).digest()
    return int.from_bytes(digest[:8], "little") >> 1


def make_generator(seed: int, purpose: str, device: torch.device | str = "cpu") -> torch.Generator:
    """Return a new generator for one purpose ("weights", "batches", …) of one seed."""
    return torch.Generator(device=device).manual_seed(derive_seed(seed, purpose))
