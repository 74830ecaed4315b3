"""Where an engine listens, and with which certificates."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

from longshore.model.errors import Invalid

DEFAULT_URL = "unix:///var/run/docker.sock"

SETTINGS = {
    "url": "where the engine listens: unix:///PATH, tcp://HOST:PORT or https://HOST:PORT",
    "tls_ca": "file with the certificate authority the engine's certificate must come from",
    "tls_cert": "file with our certificate, where the engine asks for one",
    "tls_key": "file with the key of `tls_cert`",
}

_PORTS = {False: 2375, True: 2376}
"""Docker's registered ports, without and with TLS."""


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """An engine's address. Any TLS file makes `tcp://` mean TLS; the files are read by us.

    `tls_name` is the name that the engine's certificate has to bear, where it is not the address's.
    """

    url: str = DEFAULT_URL
    tls_ca: str = ""
    tls_cert: str = ""
    tls_key: str = ""
    tls_name: str = ""

    @property
    def socket(self) -> str:
        """The path of the unix socket; empty for TCP."""
        parts = urlsplit(self.url)
        return parts.path if parts.scheme == "unix" else ""

    @property
    def secure(self) -> bool:
        """Whether TLS is spoken."""
        return self.url.startswith("https:") or (
            not self.socket and bool(self.tls_ca or self.tls_cert or self.tls_key)
        )

    @property
    def host(self) -> str:
        """The host's name for TCP."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """The port for TCP."""
        return urlsplit(self.url).port or _PORTS[self.secure]


def read_address(settings: Mapping[str, str], default: Address) -> Address:
    """The address that a cloud's settings name; without a `url`, the default with changes.

    Raises:
        Invalid: a setting is unknown, or not of its form.
    """
    unknown = sorted(set(settings) - set(SETTINGS))
    if unknown:
        raise _wrong(f"There is no setting {unknown[0]!r}.", f"Settings are {', '.join(SETTINGS)}.")
    given = {key: value for key, value in settings.items() if value}
    start = Address() if "url" in given else default
    address = msgspec.structs.replace(start, **given)
    _check(address)
    return address


def tls_context(address: Address) -> ssl.SSLContext | None:
    """What TLS needs, from the address's files; None where TLS is not spoken.

    Raises:
        Invalid: a file cannot be read, or holds no certificate or key.
    """
    if not address.secure:
        return None
    try:
        context = ssl.create_default_context(cafile=address.tls_ca or None)
        if address.tls_cert:
            context.load_cert_chain(address.tls_cert, address.tls_key)
    except OSError as error:
        files = ", ".join(f for f in (address.tls_ca, address.tls_cert, address.tls_key) if f)
        raise _wrong(
            f"The TLS files {files} cannot be used: {error}.",
            "Give PEM files that this user can read, the key matching the certificate.",
        ) from error
    return context


def _check(address: Address) -> None:
    form = "Write unix:///PATH, tcp://HOST:PORT or https://HOST:PORT."
    try:
        parts = urlsplit(address.url)
        port = parts.port
    except ValueError as error:
        raise _wrong(f"{address.url!r} is no address of an engine: {error}.", form) from error
    if parts.scheme not in {"unix", "tcp", "http", "https"}:
        raise _wrong(f"{address.url!r} is no address of an engine.", form)
    if parts.scheme == "unix" and (parts.netloc or not parts.path.startswith("/")):
        raise _wrong(f"{address.url!r} names no absolute path.", "Write unix:// and the path: three slashes.")
    if parts.scheme != "unix" and (not parts.hostname or port == 0):
        raise _wrong(f"{address.url!r} names no host.", form)
    if bool(address.tls_cert) != bool(address.tls_key):
        raise _wrong("`tls_cert` and `tls_key` need each other.", "Give both, or neither.")


def _wrong(message: str, remedy: str) -> Invalid:
    return Invalid(message, code="bad-setting", remedy=remedy)
