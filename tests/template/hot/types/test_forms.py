"""Forms of values that have a name, as Heat reads them."""

from __future__ import annotations

import pytest

from longshore.template.hot.types import forms

RIGHT: dict[str, list[str]] = {
    "ip_addr": ["10.0.0.1", "::1", "2001:DB8::1", "::ffff:1.2.3.4", "0.0.0.0"],
    "net_cidr": ["10.0.0.0/24", "10.0.0.1/24", "0.0.0.0/0", "::/0", "2001:db8::/32"],
    "ip_or_cidr": ["10.0.0.1", "10.0.0.0/24", "::1", "::/0"],
    "mac_addr": ["02:00:00:00:00:10", "02-00-00-00-00-10", "0200.0000.0010", "020000000010", "2:0:0:0:0:10"],
    "dns_name": ["web", "web.example.com.", "1", "a.1", ""],
    "rel_dns_name": ["web", "a.b", ""],
    "dns_domain": ["example.com.", ""],
    "iso_8601": [
        "2099-01-01T00:00:00Z",
        "2099",
        "2099-01",
        "20990101T000000Z",
        "2099-01-01T00:00:00.5+01:00",
    ],
    "expiration": ["2012-01-01T00:00:00Z", "", " 2099-01-01 "],
    "cron_expression": ["0 3 * * *", "*/5 * * * 1-5", "0 0 1 jan *", "@daily", "* * * * * 5", ""],
    "timezone": ["UTC", "Europe/Paris", "EST5EDT", ""],
    "json_string": ["{}", "1", "null", ""],
    "nova.flavor": ["anything at all"],
}

WRONG: dict[str, list[object]] = {
    "ip_addr": ["010.1.1.1", "10.0.0", "256.1.1.1", "fe80::1%eth0", "10.0.0.0/24", " 1.1.1.1", "", 5],
    "net_cidr": [
        "10.0.0.0",
        "10/8",
        "10.0.0.0/33",
        "10.0.0.0/08",
        "10.0.0.0/255.255.255.0",
        "2001:db8::/129",
        "",
    ],
    "ip_or_cidr": ["10.0.0/24", "x", ""],
    "mac_addr": ["xx", "", "02:00:00:00:00:100", "02:00:00-00:00:10", "00:00"],
    "dns_name": ["WEB", "-web", "web-", "a..b", "1.2.", "w_b", "a" * 64, ".".join(["a" * 60] * 5)],
    "rel_dns_name": ["web.", ".".join(["abc"] * 70)],
    "dns_domain": ["example.com", "A."],
    "iso_8601": ["x", "", "2099-13-01", "2099-02-30", "2099-01-01T25:00:00"],
    "expiration": ["tomorrow"],
    "cron_expression": [
        "x",
        "* * * *",
        "60 * * * *",
        "0 24 * * *",
        "0 0 * * 8",
        "*/0 * * * *",
        "1,,2 * * * *",
        "@x",
    ],
    "timezone": ["x", "GMT+1", "../x"],
    "json_string": ["{", "x"],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in RIGHT.items() for value in values]
)
def test_right(name: str, value: object) -> None:
    assert forms.broken(name, value) is None


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in WRONG.items() for value in values]
)
def test_wrong(name: str, value: object) -> None:
    words = forms.broken(name, value)
    assert words
    assert len(words) < 300
