"""The shop's page: asks the API by its name, whichever replica that is, and shows what it says.

GET  /          the page; counts a visit
POST /orders    adds an order from the page's form, then shows the page
GET  /summary   what the page shows, as JSON; counts no visit
GET  /health    this process answers
"""

from __future__ import annotations

import configparser
import html
import http.client
import json
import random
import signal
import socket
import string
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

PORT = 8080
API = ("api", 8000)
PAGE = string.Template(Path(__file__).with_name("page.html").read_text())
ROW = '<li><span class="id">#{id}</span> {item} <time>{at}</time></li>'


def ask_api(method: str, path: str, body: dict[str, str] | None = None) -> tuple[int, bytes]:
    """Ask the replicas of the API in a random order until one answers.

    Raises:
        OSError: none does.
    """
    # The resolver gives one address for each replica, but always in the same order.
    addresses = [found[4][0] for found in socket.getaddrinfo(*API, socket.AF_INET, socket.SOCK_STREAM)]
    random.shuffle(addresses)
    refusal = OSError("the API has no replica")
    for address in addresses:
        connection = http.client.HTTPConnection(address, API[1], timeout=5)
        try:
            connection.connect()
        except OSError as error:
            refusal = error
            continue
        # Past this point the order may have been taken: no other replica is asked.
        try:
            connection.request(method, path, json.dumps(body or {}), {"Content-Type": "application/json"})
            response = connection.getresponse()
            return response.status, response.read()
        except http.client.HTTPException as error:
            raise OSError(f"the API broke off: {error!r}") from error
        finally:
            connection.close()
    raise refusal


def page(said: dict[str, object]) -> str:
    """The page, from the API's summary."""
    settings = configparser.ConfigParser()
    settings.read("/etc/shop.ini")
    shop = settings["shop"]
    orders = said["orders"]
    rows = [ROW.format(id=o["id"], item=html.escape(o["item"]), at=html.escape(o["at"])) for o in orders]
    return PAGE.substitute(
        title=html.escape(shop["title"]),
        motto=html.escape(shop["motto"]),
        visits=said["visits"],
        hits=said["hits"],
        replica=html.escape(str(said["replica"])),
        orders="\n".join(rows) or "<li>No orders yet. Be the first.</li>",
    )


class Web(BaseHTTPRequestHandler):
    """One request."""

    def do_GET(self) -> None:
        """Show something."""
        if self.path == "/health":
            self._answer(200, b"healthy\n", "text/plain")
        elif self.path == "/":
            self._through("POST", "/visits")
        elif self.path == "/summary":
            self._through("GET", "/summary")
        else:
            self._answer(404, b"nothing here\n", "text/plain")

    def do_POST(self) -> None:
        """Take an order."""
        form = parse_qs(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode(errors="replace"))
        if self.path == "/orders":
            self._through("POST", "/orders", {"item": form.get("item", [""])[0]})
        else:
            self._answer(404, b"nothing here\n", "text/plain")

    def _through(self, method: str, path: str, body: dict[str, str] | None = None) -> None:
        try:
            status, said = ask_api(method, path, body)
        except OSError as error:
            status, said = 503, json.dumps({"error": f"the API does not answer: {error}"}).encode()
        if status != 200 or path == "/summary":
            self._answer(status, said, "application/json")
        elif path == "/orders":
            self.send_response(303)
            self.send_header("Location", "/")
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._answer(200, page(json.loads(said)).encode(), "text/html; charset=utf-8")

    def _answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log all but the health checks."""
        if self.path != "/health":
            super().log_request(code, size)


class Server(ThreadingHTTPServer):
    """Waits for open requests when it closes."""

    daemon_threads = False


def check() -> None:
    """Exit with a trace unless the server in this container answers."""
    urllib.request.urlopen(f"http://127.0.0.1:{PORT}/health", timeout=2).close()


def serve() -> None:
    """Serve until asked to stop. The first process of a container must take SIGTERM itself."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with Server(("", PORT), Web) as server:
        server.serve_forever()


if __name__ == "__main__":
    check() if sys.argv[1:] == ["--check"] else serve()
