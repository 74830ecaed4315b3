"""A host of the lab as it is asked for, without an engine."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
from cryptography import x509

from longshore.model.clock import Micros
from longshore.model.errors import Invalid
from longshore.model.host import Capacity
from longshore.provider.lab import machine
from longshore.provider.lab.authority import Authority, Pair
from longshore.provider.lab.settings import quotes, read_settings

NOW = Micros(1_800_000_000_000_000)


def _body(**changes: object) -> dict[str, object]:
    asked: dict[str, object] = {
        "name": "public-1",
        "capacity": Capacity(cpu=1500, memory=1 << 30),
        "labels": {"a": "b"},
        "facts": {"disk": "ssd"},
        "network": "bridge",
        "privileged": True,
    }
    return machine.body(**{**asked, **changes})  # type: ignore[arg-type]


def test_a_host_is_bound_and_its_engine_knows_its_bounds() -> None:
    body = _body()
    host = body["HostConfig"]
    assert isinstance(host, dict)
    assert (host["NanoCpus"], host["Memory"], host["MemorySwap"]) == (1_500_000_000, 1 << 30, 1 << 30)
    assert body["Cmd"] == [
        "--label=disk=ssd",
        "--label=io.longshore.cpu=1500",
        f"--label=io.longshore.memory={1 << 30}",
    ]


def test_a_host_without_bounds_says_nothing_of_them() -> None:
    assert _body(capacity=Capacity())["Cmd"] == ["--label=disk=ssd"]


def test_without_privilege_it_has_what_an_engine_needs_and_not_the_machines_limits() -> None:
    plain, whole = _body(privileged=False)["HostConfig"], _body()["HostConfig"]
    assert isinstance(plain, dict)
    assert isinstance(whole, dict)
    assert whole["Privileged"] is True
    assert "Privileged" not in plain
    assert plain["CapDrop"] == ["SYS_RESOURCE"]


def test_keys_are_for_their_host_alone() -> None:
    with tarfile.open(fileobj=io.BytesIO(machine.keys(b"ca", Pair(b"cert", b"key")))) as tar:
        assert {m.name: m.mode for m in tar.getmembers()} == {
            "etc/longshore/ca.pem": 0o600,
            "etc/longshore/host.pem": 0o600,
            "etc/longshore/host-key.pem": 0o600,
        }


def test_an_authority_is_found_again_and_nobody_else_reads_its_keys(tmp_path: Path) -> None:
    folder = tmp_path / "lab"
    first = Authority(folder, NOW)
    second = Authority(folder, NOW)
    assert first.ca_file.read_bytes() == second.ca_file.read_bytes()
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    authority = x509.load_pem_x509_certificate(first.ca_file.read_bytes())
    for made in (first.issue("host-1", server=True), second.issue("host-1", server=True)):
        x509.load_pem_x509_certificate(made.certificate).verify_directly_issued_by(authority)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"flavour": "x"}, "no setting flavour"),
        ({"flavors": "small:1"}, "NAME:CPU:MEMORY:PRICE"),
        ({"boot": "soon"}, "length of time"),
        ({"labels": "ssd"}, "labels like"),
    ],
)
def test_wrong_settings_are_told(given: dict[str, str], words: str) -> None:
    with pytest.raises(Invalid, match=words) as caught:
        read_settings("public", given)
    assert caught.value.code == "bad-setting"
    assert caught.value.remedy


def test_flavors_are_offers() -> None:
    settings = read_settings("public", {"flavors": "tiny:0.5:512MiB:0.01,big:2:4GiB:?", "currency": "usd"})
    tiny, big = quotes("public", settings)
    assert (tiny.flavor, tiny.capacity.cpu, tiny.capacity.memory) == ("tiny", 500, 512 << 20)
    assert tiny.price is not None
    assert (tiny.price.nano, tiny.price.currency) == (10_000_000, "USD")
    assert big.price is None
