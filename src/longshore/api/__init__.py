"""HTTP to service, and back.

One table of routes (`routes`), one border where errors become status codes (`border`), one guard that
asks for the token, the host and the version (`guard`). Handlers take a request apart, call one service
function and hand its answer on; they decide nothing. What they take and give is in docs/api.md.
"""

from longshore.api.app import make_app, make_reader_app

__all__ = ["make_app", "make_reader_app"]
