"""What the environment may say, and what it may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from longshore.model.clock import SECOND
from longshore.model.errors import Invalid
from longshore.model.money import Money
from longshore.settings import make_state, read_settings, state_of


def test_without_a_word_all_has_a_value() -> None:
    found = read_settings({"HOME": "/home/ann"})
    assert found.state == Path("/home/ann/.local/state/longshore")
    assert found.socket == found.state / "longshore.sock"
    assert found.address.socket == "/var/run/docker.sock"


def test_what_is_said_holds() -> None:
    found = read_settings(
        {
            "LONGSHORE_STATE": "/s",
            "LONGSHORE_PRICE": "0.02 USD",
            "LONGSHORE_GRACE": "7.5s",
            "LONGSHORE_HEADROOM": "100",
            "LONGSHORE_LOCAL": "no",
            "DOCKER_HOST": "tcp://10.0.0.7:2376",
            "DOCKER_TLS_VERIFY": "1",
            "DOCKER_CERT_PATH": "/certs",
        }
    )
    assert (found.price, found.grace, found.headroom) == (Money(20_000_000, "USD"), 7_500_000, 100)
    assert not found.local
    assert (found.address.port, found.address.tls_cert) == (2376, "/certs/cert.pem")


def test_the_state_lies_where_it_was_meant_whoever_asks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert state_of({"LONGSHORE_STATE": "mine"}) == tmp_path / "mine"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("LONGSHORE_PRICE", "cheap"),
        ("LONGSHORE_GRACE", "soon"),
        ("LONGSHORE_GRACE", "-1"),
        ("LONGSHORE_GRACE", "nan"),
        ("LONGSHORE_SETTLE", "inf"),
        ("LONGSHORE_MIN_LIFE", "1e99"),
        ("LONGSHORE_LOOK", "0"),
        ("LONGSHORE_ANSWER", "0.01"),
        ("LONGSHORE_HEADROOM", "-7"),
        ("LONGSHORE_HEADROOM", "1001"),
        ("LONGSHORE_HEADROOM", "½"),
        ("LONGSHORE_LOCAL", "maybe"),
        ("DOCKER_HOST", "ssh://ann@box"),
        ("DOCKER_HOST", "box"),
    ],
)
def test_what_means_nothing_is_said_at_once(name: str, text: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_settings({"HOME": "/", name: text})
    assert (caught.value.code, name in caught.value.message) == ("bad-setting", True)
    assert caught.value.remedy
    assert "could not convert" not in caught.value.message


def test_an_engine_that_is_not_used_may_be_anything() -> None:
    assert not read_settings({"HOME": "/", "LONGSHORE_LOCAL": "no", "DOCKER_HOST": "ssh://x"}).local
    assert read_settings({"HOME": "/", "LONGSHORE_LOOK": "0.5"}).look == SECOND // 2


def test_the_folder_is_made_for_this_user_only(tmp_path: Path) -> None:
    make_state(tmp_path / "a" / "b")
    make_state(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in ("file", "file/below"):
        with pytest.raises(Invalid, match="a file is in its place") as caught:
            make_state(tmp_path / place)
        assert caught.value.code == "state-unusable"
