"""Longshore: containers over your own machines first and any cloud after that."""

__version__ = "0.1.0"
