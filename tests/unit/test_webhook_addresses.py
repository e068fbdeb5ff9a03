"""Only the public Internet, and what an operator allows, may be sent webhooks."""

from __future__ import annotations

import threading
from ipaddress import IPv4Address, IPv4Network, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.addresses import AddressPolicy, resolve, resolve_within

POLICY = AddressPolicy()


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "100.127.255.254",
        "100.100.100.200",  # metadata
        "127.0.0.1",
        "127.8.8.8",
        "169.254.169.254",  # metadata
        "168.63.129.16",  # metadata
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",  # metadata
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:808:808::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",  # metadata
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_what_is_not_the_internet_is_refused(address: str) -> None:
    assert not POLICY.permits(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "100.63.255.255", "100.128.0.1", "172.32.0.1", "192.169.0.1", "2606:4700::1111", "2a00:1450::1"],
)
def test_the_internet_is_permitted(address: str) -> None:
    assert POLICY.permits(address)


@given(st.ip_addresses(v=4))
def test_no_ipv4_address_gets_through_wrapped_in_ipv6(inner: IPv4Address) -> None:
    number = int(inner)
    prefixes = ("::", "::ffff:0:0", "64:ff9b::")
    wrapped = [str(IPv6Address(int(IPv6Address(prefix)) + number)) for prefix in prefixes]
    six_to_four = str(IPv6Address(int(IPv6Address("2002::")) + (number << 80)))
    assert not any(POLICY.permits(address) for address in (*wrapped, six_to_four))


@given(st.ip_addresses(v=4))
def test_what_python_calls_private_is_refused(address: IPv4Address) -> None:
    if not address.is_global or address.is_multicast:
        assert not POLICY.permits(str(address))


def test_an_operator_allows_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINNOW_WEBHOOK_ALLOW", "10.1.0.0/16, fd00::/8")
    policy = AddressPolicy.from_environment()
    assert [policy.permits(one) for one in ("10.1.255.1", "fd12::1", "10.2.0.1", "127.0.0.1", "::ffff:10.1.0.1")] == [
        True,
        True,
        False,
        False,
        False,
    ]
    monkeypatch.setenv("WINNOW_WEBHOOK_ALLOW", "10.1.0.1/16")
    with pytest.raises(ValueError, match="host bits"):
        AddressPolicy.from_environment()


@pytest.mark.parametrize("spelling", ["127.1", "0x7f.1", "2130706433", "0177.0.0.1", "127.0.0.1"])
def test_odd_spellings_of_loopback_are_resolved_before_they_are_checked(spelling: str) -> None:
    addresses = resolve(spelling, 80)
    assert addresses
    assert all(IPv4Address(address) in IPv4Network("127.0.0.0/8") for address in addresses)


def test_a_resolver_that_does_not_answer_is_not_waited_for() -> None:
    ended = threading.Event()

    def silent(host: str, port: int) -> list[str]:
        ended.wait(10)
        return []

    try:
        with pytest.raises(TimeoutError):
            resolve_within(0.05, silent, "silent.example", 80)
    finally:
        ended.set()
