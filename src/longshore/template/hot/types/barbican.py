"""Secrets."""

from __future__ import annotations

from longshore.template.hot.types.schema import (
    REQUIRED,
    allowed,
    between,
    form,
    integer,
    listing,
    mapping,
    row,
    rows,
    string,
)

ROWS = rows(
    row(
        "OS::Barbican::CertificateContainer",
        "Holds a certificate with its key and chain.",
        {
            "name": string(),
            "certificate_ref": string(form("barbican.secret")),
            "private_key_ref": string(form("barbican.secret")),
            "private_key_passphrase_ref": string(form("barbican.secret")),
            "intermediates_ref": string(form("barbican.secret")),
        },
        "status:string container_ref:string secret_refs:map consumers:list",
    ),
    row(
        "OS::Barbican::GenericContainer",
        "Holds references to secrets.",
        {
            "name": string(),
            "secrets": listing(
                mapping({"name": string(REQUIRED), "ref": string(REQUIRED, form("barbican.secret"))})
            ),
        },
        "status:string container_ref:string secret_refs:map consumers:list",
    ),
    row(
        "OS::Barbican::Order",
        "Orders a secret to be generated.",
        {
            "name": string(),
            "payload_content_type": string(),
            "expiration": string(form("expiration")),
            "algorithm": string(),
            "bit_length": integer(),
            "mode": string(),
            "type": string(REQUIRED, allowed("key", "asymmetric", "certificate")),
            "request_type": string(allowed("stored-key", "simple-cmc", "custom")),
            "subject_dn": string(),
            "source_container_ref": string(form("barbican.container")),
            "ca_id": string(),
            "profile": string(),
            "request_data": string(),
            "pass_phrase": string(),
        },
        "status:string order_ref:string secret_ref:string container_ref:string "
        "public_key:string private_key:string certificate:string intermediates:string",
    ),
    row(
        "OS::Barbican::RSAContainer",
        "Holds an RSA pair of keys.",
        {
            "name": string(),
            "private_key_ref": string(form("barbican.secret")),
            "private_key_passphrase_ref": string(form("barbican.secret")),
            "public_key_ref": string(form("barbican.secret")),
        },
        "status:string container_ref:string secret_refs:map consumers:list",
    ),
    row(
        "OS::Barbican::Secret",
        "Keeps a secret value.",
        {
            "name": string(),
            "payload": string(),
            "secret_type": string(
                allowed("symmetric", "public", "private", "certificate", "passphrase", "opaque"),
                default="opaque",
            ),
            "payload_content_type": string(allowed("text/plain", "application/octet-stream")),
            "payload_content_encoding": string(allowed("base64")),
            "expiration": string(form("expiration")),
            "algorithm": string(),
            "bit_length": integer(between(0)),
            "mode": string(),
        },
        "status:string decrypted_payload:string",
    ),
)
