"""`python -m longshore` is the `longshore` command."""

from longshore.main import run

run()
