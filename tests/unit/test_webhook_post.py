"""One POST, over real sockets: where it goes, how long it may take, and what is believed."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from receivers import Answer, Receiver

from workers.addresses import AddressPolicy
from workers.connection import Reply
from workers.post import Sender, UnreachableError

LOOPBACK = AddressPolicy((ip_network("127.0.0.0/8"),))
ONE_ADDRESS = AddressPolicy((ip_network("127.0.0.1/32"),))
SENDER = Sender(LOOPBACK)


def post(sender: Sender, url: str, headers: dict[str, str] | None = None, body: bytes = b"{}") -> Reply:
    """One message over a line of its own."""
    with sender.line() as line:
        return line.post(url, headers or {}, body)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        yield listening


def test_the_body_arrives_as_it_was_sent(receiver: Receiver) -> None:
    receiver.answers.append(Answer(200, {"X-Name": "Value"}, b"taken"))
    reply = post(SENDER, receiver.url + "?a=b", {"webhook-id": "7"}, b'{"type":"x"}')
    (request,) = receiver.received
    assert (request.path, request.headers["webhook-id"], request.body) == ("/hook?a=b", "7", b'{"type":"x"}')
    assert (reply.status, reply.headers["x-name"], reply.text) == (200, "Value", "taken")


def test_a_redirect_is_an_answer_and_not_followed(receiver: Receiver) -> None:
    with Receiver() as elsewhere:
        receiver.answers.append(Answer(307, {"Location": elsewhere.url}))
        assert post(SENDER, receiver.url).status == 307
        assert elsewhere.received == []


def test_a_proxy_of_the_environment_is_not_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    with Receiver() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert post(SENDER, receiver.url).status == 204
        assert proxy.received == []


def test_only_the_beginning_of_a_long_answer_is_read(receiver: Receiver) -> None:
    receiver.answers.append(Answer(200, body=b"\xff\x00" + b"a" * 5_000_000))
    reply = post(SENDER, receiver.url)
    assert reply.text == "\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}" + "a" * 1022


@pytest.mark.parametrize("answer", [Answer(wait=60), Answer(200, drip=True)], ids=["hangs", "drips"])
def test_the_time_out_is_of_the_whole_exchange(receiver: Receiver, answer: Answer) -> None:
    receiver.answers.append(answer)
    begun = time.monotonic()
    with pytest.raises(UnreachableError, match=r"timeout: no complete answer within 0\.4 s"):
        post(Sender(LOOPBACK, seconds=0.4), receiver.url)
    assert 0.4 <= time.monotonic() - begun < 30  # of the sixty that it hangs, on any machine


def test_a_resolver_that_hangs_counts_against_the_time_out() -> None:
    ended = threading.Event()

    def silent(host: str, port: int) -> list[str]:
        ended.wait(10)
        return []

    try:
        with pytest.raises(UnreachableError, match="timeout"):
            post(Sender(LOOPBACK, silent, 0.2), "http://silent.example/")
    finally:
        ended.set()


def test_a_name_without_an_address_and_a_closed_port_are_told_apart(receiver: Receiver) -> None:
    def nowhere(host: str, port: int) -> list[str]:
        raise OSError

    with pytest.raises(UnreachableError, match="name: "):
        post(Sender(LOOPBACK, nowhere), "http://nowhere.example/")
    closed = Receiver()
    closed._server.server_close()
    with pytest.raises(UnreachableError, match="connection: "):
        post(SENDER, closed.url)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "0x7f000001", "[::1]", "localhost", "169.254.169.254"])
def test_without_leave_nothing_inside_is_reached(receiver: Receiver, host: str) -> None:
    with pytest.raises(UnreachableError, match="address: "):
        post(Sender(AddressPolicy()), f"http://{host}:{receiver.port}/")
    assert receiver.received == []


def test_a_name_that_resolves_differently_the_second_time_reaches_nothing_inside(receiver: Receiver) -> None:
    """The resolver answers first with the permitted receiver's address, then with that of an inner service."""
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

    sender = Sender(ONE_ADDRESS, rebinding)
    url = f"http://rebinding.example:{receiver.port}/"
    with Receiver(host="127.0.0.2", port=receiver.port) as inner:
        assert post(sender, url).status == 204
        assert asked == ["rebinding.example"]  # asked once: what was checked is what was connected to
        with pytest.raises(UnreachableError, match="address: "):
            post(sender, url)
        assert inner.received == []
    assert len(asked) == 2  # and asked again at the next try, whose answer is checked anew
    assert receiver.received[0].headers["host"] == f"rebinding.example:{receiver.port}"


def test_of_several_addresses_only_the_permitted_are_tried(receiver: Receiver) -> None:
    with Receiver(host="127.0.0.2", port=receiver.port) as inner:
        sender = Sender(ONE_ADDRESS, lambda host, port: ["127.0.0.2", "::1", "127.0.0.1"])
        assert post(sender, f"http://both.example:{receiver.port}/").status == 204
        assert inner.received == []


def test_when_one_address_refuses_the_next_is_tried(receiver: Receiver) -> None:
    sender = Sender(LOOPBACK, lambda host, port: ["127.0.0.9", "127.0.0.1"])
    assert post(sender, f"http://two.example:{receiver.port}/").status == 204


def test_a_line_keeps_its_connection_for_as_long_as_the_receiver_does() -> None:
    asked: list[str] = []

    def counting(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with Receiver(keeps=True) as keeping, Sender(ONE_ADDRESS, counting).line() as line:
        for _ in range(3):
            assert line.post(f"http://kept.example:{keeping.port}/", {}, b"{}").status == 204
    assert (len(keeping.received), len(keeping.connections), len(asked)) == (3, 1, 1)


def test_a_line_whose_receiver_hangs_up_connects_anew_and_checks_the_address_again(receiver: Receiver) -> None:
    answers = iter([["127.0.0.1"], ["127.0.0.1"], ["127.0.0.2"]])
    url = f"http://rebinding.example:{receiver.port}/"
    with Receiver(host="127.0.0.2", port=receiver.port) as inner:
        with Sender(ONE_ADDRESS, lambda host, port: next(answers)).line() as line:
            assert [line.post(url, {}, b"{}").status for _ in range(2)] == [204, 204]
            with pytest.raises(UnreachableError, match="address: "):
                line.post(url, {}, b"{}")
        assert inner.received == []
    assert len(receiver.connections) == 2


def test_the_time_out_of_each_message_on_a_line_is_its_own() -> None:
    with Receiver(keeps=True) as keeping, Sender(LOOPBACK, seconds=20).line() as line:
        line.post(keeping.url, {}, b"{}")
        line._clock._end -= 20  # as if the first had taken all of its time
        assert line.post(keeping.url, {}, b"{}").status == 204


def test_a_kept_connection_that_breaks_off_is_made_anew_and_a_new_one_that_does_is_a_failure() -> None:
    """The second message finds a connection that the receiver closes without an answer, as the message arrives."""
    with HangingUp(after=1) as receiver, SENDER.line() as line:
        assert [line.post(receiver.url, {}, b"{}").status for _ in range(2)] == [204, 204]
        assert receiver.accepted == 2
    with HangingUp(after=0) as receiver, SENDER.line() as line:
        with pytest.raises(UnreachableError, match="protocol: "):
            line.post(receiver.url, {}, b"{}")
        assert receiver.accepted == 1


def _read(connection: socket.socket) -> None:
    """A whole request with the body `{}`, or what comes before the other side hangs up."""
    read = b""
    while not read.endswith(b"{}") and (some := connection.recv(65536)):
        read += some


class HangingUp:
    """Answers so many requests of each connection and hangs up on the next."""

    def __init__(self, after: int) -> None:
        self.after, self.accepted = after, 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/"
        self._thread = threading.Thread(target=self._serve)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                with connection:
                    self.accepted += 1
                    for _ in range(self.after):
                        _read(connection)
                        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
                    _read(connection)

    def __enter__(self) -> HangingUp:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate and key for hooks.example, signed by itself, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hooks.example")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path_factory.mktemp("tls") / "hooks.pem"
    path.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + private)
    return path


def test_tls_asks_for_the_hosts_name_though_it_connects_by_address(certificate: Path) -> None:
    names: list[str | None] = []
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(certificate)
    served.sni_callback = lambda connection, name, context: names.append(name)
    trusting = ssl.create_default_context(cafile=str(certificate))
    with Receiver(tls=served) as secure:
        sender = Sender(LOOPBACK, lambda host, port: ["127.0.0.1"], tls=trusting)
        assert post(sender, f"https://hooks.example:{secure.port}/").status == 204
        with pytest.raises(UnreachableError, match="CERTIFICATE_VERIFY_FAILED"):
            post(sender, f"https://other.example:{secure.port}/")
        with pytest.raises(UnreachableError, match="CERTIFICATE_VERIFY_FAILED"):
            post(Sender(LOOPBACK, sender.resolver), f"https://hooks.example:{secure.port}/")
        assert names == ["hooks.example", "other.example", "hooks.example"]
        assert len(secure.received) == 1
