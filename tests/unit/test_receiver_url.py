"""A webhook's URL is refused for its form alone; where its host lies is the sender's business."""

from __future__ import annotations

import pytest

from api.receiver_url import check


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://ats.example/hooks?a=b", "https://ats.example/hooks?a=b"),
        ("HTTP://ATS.example:8080", "http://ats.example:8080"),
        ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
        ("https://[2001:db8::1]:8443/", "https://[2001:db8::1]:8443/"),
    ],
)
def test_a_good_url_is_kept_in_ascii(url: str, kept: str) -> None:
    assert check(url) == kept


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("", "https://"),
        ("ats.example/hooks", "https://"),
        ("ftp://ats.example/", "https://"),
        ("file:///etc/passwd", "https://"),
        ("https:///hooks", "host"),
        ("https://a b.example/", "host"),
        ("https://user:pw@ats.example/", "user name"),
        ("https://ats.example/#top", "fragment"),
        ("https://ats.example:22/", "port"),
        ("https://ats.example:65536/", "port"),
        ("https://ats.example/\n", "URL"),
    ],
)
def test_a_bad_one_says_what_to_change(url: str, advice: str) -> None:
    with pytest.raises(ValueError, match=advice):
        check(url)
