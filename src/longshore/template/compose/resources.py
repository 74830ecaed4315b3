"""Tables of what stands beside the services: networks, volumes, secrets, configs, models, includes."""

from __future__ import annotations

from longshore.template.compose import forms
from longshore.template.compose.parts import DICT_OF_WORDS, FOR_NOW
from longshore.template.findings import At
from longshore.template.nodes import Node, Scalar
from longshore.template.schema import (
    Check,
    Table,
    distinct,
    does,
    idles,
    listed,
    named,
    plain,
    refuses,
    table,
    text,
    truth,
    unsupported,
    whole,
)

_ADDRESS = "remove it: addresses are given by the engine; reach services by name"
_CONTENT = "give its content: file: ./path, or environment: NAME"
_TEXT = "write the text out; variables are replaced"


def driver(*known: str) -> Check:
    """A driver of networks or volumes that Longshore makes."""

    def check(node: Node, at: At) -> Node | None:
        kept = text(node, at)
        if isinstance(kept, Scalar) and kept.text not in known:
            hint = f"write driver: {known[-1]}, or make it yourself and write external: true"
            unsupported(node, at, f'the driver "{kept.text[:40]}" is not done yet', hint)
        return kept

    return check


def taken_to_be_on(node: Node, at: At) -> Node | None:
    """True or false; false is not done yet."""
    kept = truth(node, at)
    if isinstance(kept, Scalar) and kept.data is False:
        unsupported(node, at, "a network without IPv4 is not done yet", FOR_NOW)
    return kept


_WORDS = named(text, pattern=r"(?s).+")

SUBNET: Table = {
    "subnet": does(text),
    "ip_range": does(text),
    "gateway": does(text),
    "aux_addresses": does(_WORDS),
}

IPAM: Table = {
    "driver": does(driver("", "default")),
    "config": does(listed(table(SUBNET)), "each host that makes the network gives it the same addresses"),
    "options": refuses(_WORDS, _ADDRESS),
}

_EXTERNAL = forms.external(table({"name": does(text)}))
_OLD_EXTERNAL = forms.external(table({"name": does(text)}, closed=False))

NETWORK: Table = {
    "name": does(text),
    "driver": does(driver("", "bridge")),
    "driver_opts": does(DICT_OF_WORDS),
    "external": does(_EXTERNAL),
    "internal": does(truth),
    "labels": does(forms.labels),
    "attachable": idles(truth, "every container may join a bridge"),
    "enable_ipv4": does(taken_to_be_on),
    "enable_ipv6": refuses(truth, FOR_NOW),
    "ipam": does(table(IPAM)),
}

VOLUME: Table = {
    "name": does(text),
    "driver": does(driver("", "local")),
    "driver_opts": does(DICT_OF_WORDS),
    "external": does(_EXTERNAL),
    "labels": does(distinct(forms.labels)),
}

SECRET: Table = {
    "environment": does(text),
    "file": does(text),
    # Kept in the normalised project; a secret is delivered by its key, as Docker Compose does.
    "name": does(text),
    "labels": does(distinct(forms.labels)),
    "external": refuses(_OLD_EXTERNAL, _CONTENT),
    "driver": refuses(text, _CONTENT),
    "driver_opts": refuses(DICT_OF_WORDS, _CONTENT),
    "template_driver": refuses(text, _TEXT),
}

CONFIG: Table = {
    "content": does(text),
    "environment": does(text),
    "file": does(text),
    "name": does(text),
    "labels": does(distinct(forms.labels)),
    "external": refuses(_OLD_EXTERNAL, f"{_CONTENT}, or content: …"),
    "template_driver": refuses(text, _TEXT),
}

MODEL: Table = {
    "name": does(text),
    "model": does(text),
    "context_size": does(plain(whole())),
    "runtime_flags": does(listed(text)),
}

_PATHS = listed(text, single=True, distinct=True)

INCLUDE: Table = {
    "path": does(_PATHS),
    "env_file": does(_PATHS),
    "project_directory": does(text),
}
