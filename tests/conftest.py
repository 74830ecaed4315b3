"""What all tests share: properties are tried with the same examples every time."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("longshore", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("longshore")
