"""Is this the same person? Pure Python, no Django."""

from heard.matching.mentions import Person, Written

__all__ = ["Person", "Written"]
