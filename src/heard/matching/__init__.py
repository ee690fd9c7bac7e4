"""Is this the same person? Pure Python, no Django."""

from heard.matching.mentions import Person, mentioned

__all__ = ["Person", "mentioned"]
