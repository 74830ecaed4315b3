"""The cell's own certificate authority: a host's engine and we know each other by its certificates.

Keys never leave the folder but into the host they are for. What is issued is short of nothing: a host
of the lab lives for hours, and its certificate for a year.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from longshore.model.clock import SECOND, Micros

_YEAR = timedelta(days=365)
_EARLIER = timedelta(hours=1)
"""A host's clock may be behind ours."""


class Pair(NamedTuple):
    """A certificate and its key, as PEM."""

    certificate: bytes
    key: bytes


class Authority:
    """Issues certificates; made once per folder, and found there again."""

    def __init__(self, folder: Path, now: Micros) -> None:
        """Read the authority's key from the folder, or make one there, readable by its owner alone."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.ca_file = folder / "ca.pem"
        self.cert_file = folder / "client.pem"
        self.key_file = folder / "client-key.pem"
        self._now = datetime.fromtimestamp(now / SECOND, UTC)
        secret = folder / "ca-key.pem"
        # The client's key is written last: where it is, all is.
        if not self.key_file.exists():
            self._found(secret)
        found = serialization.load_pem_private_key(secret.read_bytes(), password=None)
        assert isinstance(found, ec.EllipticCurvePrivateKey)
        self._key = found
        self._certificate = x509.load_pem_x509_certificate(self.ca_file.read_bytes())

    def issue(self, name: str, *, server: bool) -> Pair:
        """A certificate for a host of this name, or for a client."""
        return _issue(name, self._key, self._certificate.subject, self._now, server=server)

    def _found(self, secret: Path) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Longshore lab")])
        certificate = (
            _blank(subject, subject, key.public_key(), self._now, 10 * _YEAR)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        client = _issue("longshore", key, subject, self._now, server=False)
        _write(secret, _pem(key))
        _write(self.ca_file, certificate.public_bytes(serialization.Encoding.PEM))
        _write(self.cert_file, client.certificate)
        _write(self.key_file, client.key)


def _issue(
    name: str, authority: ec.EllipticCurvePrivateKey, issuer: x509.Name, now: datetime, *, server: bool
) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    purpose = ExtendedKeyUsageOID.SERVER_AUTH if server else ExtendedKeyUsageOID.CLIENT_AUTH
    certificate = (
        _blank(subject, issuer, key.public_key(), now, _YEAR)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), critical=False
        )
        .sign(authority, hashes.SHA256())
    )
    return Pair(certificate.public_bytes(serialization.Encoding.PEM), _pem(key))


def _blank(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(now + life)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, and nobody else's to read."""
    draft = path.with_suffix(".draft")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(content)
    draft.replace(path)
