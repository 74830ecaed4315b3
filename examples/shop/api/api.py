"""The shop's API: orders and visits in PostgreSQL, hits in Redis.

POST /visits            counts a visit, answers with the summary
GET  /summary           the summary: visits, hits, orders, and the replica that answered
POST /orders {"item"}   adds an order, answers with the summary
GET  /health            this process answers; says nothing of PostgreSQL or Redis, whose trouble is their own
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psycopg2
import redis

PORT = 8000
SHOWN = 8  # orders on the page, newest first
LONGEST = 80  # characters of an order

# Made by whichever replica comes first: the lock lets the others wait instead of tripping over it.
SCHEMA = """
SELECT pg_advisory_xact_lock(8000);
CREATE TABLE IF NOT EXISTS visits (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    count bigint NOT NULL
);
INSERT INTO visits (count) VALUES (0) ON CONFLICT DO NOTHING;
CREATE TABLE IF NOT EXISTS orders (
    id bigserial PRIMARY KEY,
    item text NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);
"""
NEWEST = "SELECT id, item, to_char(at, 'HH24:MI:SS') FROM orders ORDER BY id DESC LIMIT %s"

Json = dict[str, object]


def database() -> psycopg2.extensions.connection:
    """Connect anew for each request, so that a database that was restarted is simply there again."""
    return psycopg2.connect(
        host=os.environ["DB_HOST"],
        dbname="shop",
        user="shop",
        password=Path("/run/secrets/db_password").read_text().strip(),
        connect_timeout=3,
    )


def cache() -> redis.Redis:
    """A client of Redis."""
    return redis.Redis(os.environ["CACHE_HOST"], socket_timeout=3, socket_connect_timeout=3)


def summary(*statement: object) -> Json:
    """Run one more statement, if given, and tell how things stand after it, all in one transaction."""
    connection = database()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(SCHEMA)
            if statement:
                cursor.execute(*statement)
            cursor.execute("SELECT count FROM visits")
            (visits,) = cursor.fetchone()
            cursor.execute(NEWEST, (SHOWN,))
            orders = [{"id": row[0], "item": row[1], "at": row[2]} for row in cursor]
    finally:
        connection.close()
    return {"visits": visits, "hits": cache().incr("hits"), "orders": orders, "replica": socket.gethostname()}


class Api(BaseHTTPRequestHandler):
    """One request."""

    def do_GET(self) -> None:
        """Answer a question."""
        if self.path == "/health":
            self._answer(200, {"healthy": True})
        elif self.path == "/summary":
            self._try()
        else:
            self._answer(404, {"error": f"nothing at {self.path}"})

    def do_POST(self) -> None:
        """Change something."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/visits":
            self._try("UPDATE visits SET count = count + 1")
        elif self.path == "/orders":
            try:
                item = str(json.loads(body)["item"]).strip()
            except (ValueError, KeyError, TypeError):
                item = ""
            if 0 < len(item) <= LONGEST:
                self._try("INSERT INTO orders (item) VALUES (%s)", (item,))
            else:
                self._answer(400, {"error": f"an order is 1 to {LONGEST} characters in `item`"})
        else:
            self._answer(404, {"error": f"nothing at {self.path}"})

    def _try(self, *statement: object) -> None:
        try:
            self._answer(200, summary(*statement))
        except (psycopg2.Error, redis.RedisError) as error:
            self._answer(503, {"error": str(error).strip()})

    def _answer(self, status: int, said: Json) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
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
    with Server(("", PORT), Api) as server:
        server.serve_forever()


if __name__ == "__main__":
    check() if sys.argv[1:] == ["--check"] else serve()
