"""The page of examples/shop, as a visitor sees it."""

# The page is asked for over plain HTTP, where the demo has just put it.
# ruff: noqa: S310

from __future__ import annotations

import http.client
import urllib.parse
import urllib.request

from narration import Broken
from trial import ENGINE, Trial


def address(trial: Trial) -> str:
    """Where the page is: on this machine, or on that of a remote engine."""
    where = urllib.parse.urlsplit(ENGINE)
    name = where.hostname if where.scheme != "unix" and where.hostname else "127.0.0.1"
    return f"http://{name}:{trial.environ['SHOP_PORT']}"


def get(trial: Trial, path: str) -> str:
    """A page's text; nothing where it does not answer, or not well."""
    try:
        with urllib.request.urlopen(address(trial) + path, timeout=10) as answer:
            return str(answer.read().decode())
    except (OSError, http.client.HTTPException):
        return ""


def post(trial: Trial, path: str, **form: str) -> None:
    """Send a form.

    Raises:
        Broken: it was not taken.
    """
    try:
        urllib.request.urlopen(
            address(trial) + path, urllib.parse.urlencode(form).encode(), timeout=10
        ).close()
    except (OSError, http.client.HTTPException) as error:
        raise Broken(f"the page does not take an order: {error}") from error
