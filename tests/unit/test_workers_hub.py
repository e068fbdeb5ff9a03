"""Packs fetched from a hub: over real sockets, from a server that breaks off, redirects, lies and dawdles as told."""

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scoring.packs import PackError
from workers.hub import SOURCE, Hub, Limits, read_manifest
from workers.hub_address import HubError, read_address
from workers.hub_download import Times

COMMIT = "0123456789abcdef0123456789abcdef01234567"
QUICK = Times(connect=1, read=0.3, total=20, between=0)


@dataclass
class Remote:
    """A hub's server: `files` by path; `cut` says after how many bytes the next answers for a path break off."""

    port: int = 0
    files: dict[str, bytes] = field(default_factory=dict)
    cut: dict[str, list[int]] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def publish(self, folder: str, **changes: object) -> str:
        """Put a pack at a folder; the sha256 of its manifest."""
        files = {"head.safetensors": bytes(range(256)) * 400, "a word list.txt": b"java\n"}
        digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        told = {"name": "match", "version": "7", "kind": "match", "files": digests, **changes}
        manifest = json.dumps(told).encode()
        self.files |= {f"{folder}/{name}": content for name, content in files.items()}
        self.files[f"{folder}/manifest.json"] = manifest
        return hashlib.sha256(manifest).hexdigest()


def handler(remote: Remote) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, asked = unquote(self.path), self.headers.get("Range")
            remote.asked.append((self.path, asked))
            if path in remote.redirects:
                self.send_response(302)
                self.send_header("Location", remote.redirects[path])
                self.end_headers()
                return
            if path not in remote.files:
                self.send_error(404)
                return
            self.answer(path, remote.files[path], int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0)

        def answer(self, path: str, content: bytes, start: int) -> None:
            if start >= len(content) > 0 and start:
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(content) - start))
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            self.end_headers()
            cuts = remote.cut.get(path)
            end = start + cuts.pop(0) if cuts else len(content)
            self.wfile.write(content[start:end])
            if end < start:  # a cut below zero: dawdle
                time.sleep(1)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@pytest.fixture
def remote() -> Iterator[Remote]:
    remote = Remote()
    with ThreadingHTTPServer(("127.0.0.1", 0), handler(remote)) as http:
        remote.port = http.server_address[1]
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        yield remote
        http.shutdown()
        thread.join()


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return Hub(tmp_path / "packs", times=QUICK)


FOLDER = f"/acme/packs/resolve/{COMMIT}/match 7"
HEAD = f"{FOLDER}/head.safetensors"


def test_a_pack_is_fetched_once_and_found_there_again(remote: Remote, hub: Hub) -> None:
    remote.publish(FOLDER)
    directory = hub.fetch(remote.url(FOLDER))
    assert directory == hub.root / "match" / "7"
    assert (directory / "head.safetensors").read_bytes() == remote.files[HEAD]
    encoded = FOLDER.replace(" ", "%20")
    assert json.loads((directory / SOURCE).read_text()) == {"address": remote.url(f"{encoded}/")}
    assert (f"{encoded}/a%20word%20list.txt", None) in remote.asked
    remote.asked.clear()
    assert hub.fetch(remote.url(f"{encoded}/manifest.json")) == directory
    assert [path for path, _ in remote.asked] == [f"{encoded}/manifest.json"]


def test_a_download_that_breaks_off_goes_on_where_it_was(remote: Remote, hub: Hub) -> None:
    remote.publish(FOLDER)
    remote.cut[HEAD] = [70_000, 20_000]
    directory = hub.fetch(remote.url(FOLDER))
    assert (directory / "head.safetensors").read_bytes() == remote.files[HEAD]
    ranges = [asked for path, asked in remote.asked if path.endswith("head.safetensors")]
    assert ranges[0] is None
    assert len(ranges) == 3
    assert all(asked is not None and int(asked.removeprefix("bytes=").rstrip("-")) > 0 for asked in ranges[1:])


def test_the_next_process_goes_on_where_the_last_one_died(remote: Remote, hub: Hub) -> None:
    remote.publish(FOLDER)
    remote.cut[HEAD] = [9_000] + [0] * 4
    with pytest.raises(HubError, match="could not be fetched"):
        hub.fetch(remote.url(FOLDER))
    assert not (hub.root / "match").exists()
    remote.asked.clear()
    hub.fetch(remote.url(FOLDER))
    (asked,) = [asked for path, asked in remote.asked if path.endswith("head.safetensors")]
    assert asked is not None
    assert asked.startswith("bytes=")


def test_remains_of_another_file_do_not_spoil_it(remote: Remote, hub: Hub) -> None:
    sha256 = remote.publish(FOLDER)
    parts = hub.root / ".fetching" / "match" / f"7-{sha256[:16]}"
    parts.mkdir(parents=True)
    (parts / "head.safetensors").write_bytes(b"x" * 5_000)
    (parts / "a word list.txt").write_bytes(b"longer than the whole")
    directory = hub.fetch(remote.url(FOLDER))
    assert (directory / "head.safetensors").read_bytes() == remote.files[HEAD]


def test_a_file_that_is_not_the_manifests_is_refused(remote: Remote, hub: Hub) -> None:
    remote.publish(FOLDER)
    remote.files[HEAD] = remote.files[HEAD][:-1] + b"x"
    with pytest.raises(HubError, match="not what its manifest says"):
        hub.fetch(remote.url(FOLDER))
    assert not (hub.root / "match").exists()


def test_a_branch_is_fetched_with_the_manifests_sha256_alone(remote: Remote, hub: Hub) -> None:
    url = remote.url(FOLDER.replace(COMMIT, "main"))
    sha256 = remote.publish(FOLDER.replace(COMMIT, "main"))
    with pytest.raises(HubError, match=r"main is no commit.*40 hex digits"):
        hub.fetch(url)
    with pytest.raises(HubError, match=f"has the sha256 {sha256}"):
        hub.fetch(url, "0" * 64)
    assert hub.fetch(url, sha256).name == "7"


def test_a_version_that_is_there_is_never_replaced(remote: Remote, hub: Hub) -> None:
    remote.publish(FOLDER)
    hub.fetch(remote.url(FOLDER))
    other = FOLDER.replace("match 7", "other")
    remote.publish(other, threshold=0.9)
    with pytest.raises(HubError, match="never changes"):
        hub.fetch(remote.url(other))


def test_what_is_too_long_or_too_slow_is_given_up(remote: Remote, hub: Hub) -> None:
    remote.publish(FOLDER)
    with pytest.raises(HubError, match="longer than the 100000 bytes"):
        replace(hub, limits=Limits(files=100_000)).fetch(remote.url(FOLDER))
    with pytest.raises(HubError, match="longer than the 10 bytes"):
        replace(hub, limits=Limits(manifest=10)).fetch(remote.url(FOLDER))
    remote.cut[f"{FOLDER}/manifest.json"] = [-1] * 9
    with pytest.raises(HubError, match=r"longer than 0 s|could not be fetched"):
        replace(hub, times=replace(QUICK, total=0.5)).fetch(remote.url(FOLDER))


def test_redirects_lead_to_the_same_host_or_a_trusted_one(remote: Remote, hub: Hub) -> None:
    remote.publish("/storage")
    for name in ("manifest.json", "head.safetensors", "a word list.txt"):
        remote.redirects[f"{FOLDER}/{name}"] = f"/storage/{name.replace(' ', '%20')}"
    assert hub.fetch(remote.url(FOLDER)).name == "7"
    remote.redirects[f"{FOLDER}/manifest.json"] = remote.url("/storage/manifest.json", host="localhost")
    with pytest.raises(HubError, match="redirects to localhost, which is not trusted"):
        hub.fetch(remote.url(FOLDER))
    trusting = replace(hub, trusted=frozenset({"localhost"}))
    assert trusting.fetch(remote.url(FOLDER)).name == "7"
    remote.redirects[f"{FOLDER}/manifest.json"] = f"{FOLDER}/manifest.json".replace(" ", "%20")
    with pytest.raises(HubError, match="more than 5 times"):
        hub.fetch(remote.url(FOLDER))


def test_what_is_not_there_is_told(remote: Remote, hub: Hub) -> None:
    with pytest.raises(HubError, match="HTTP 404"):
        hub.fetch(remote.url(FOLDER))


@pytest.mark.parametrize(
    ("address", "told"),
    [
        (f"https://hub.co/a/b/blob/{COMMIT}/match/2", f"files are at /resolve/: https://hub.co/a/b/resolve/{COMMIT}/match/2"),
        (f"https://hub.co/a/b/tree/{COMMIT}", "/tree/ is the page for people"),
        ("https://hub.co/a/b/match/2", "holds no /resolve/REVISION/"),
        ("https://hub.co/a/b/resolve", "holds no /resolve/REVISION/"),
        (f"http://hub.co/a/b/resolve/{COMMIT}", "https only"),
        (f"http://127.0.0.1.evil.co/a/b/resolve/{COMMIT}", "https only"),
        (f"ftp://hub.co/a/b/resolve/{COMMIT}", "begins with https://"),
        (f"https://me:secret@hub.co/a/b/resolve/{COMMIT}", "no user name"),
        (f"https://hub.co/a/b/resolve/{COMMIT}/../c", "without dots"),
        (f"https://hub.co/a/b/resolve/{COMMIT}/%2e%2e/c", "without dots"),
        (f"https://hub.co/a/b/resolve/{COMMIT}/c?download=true", "query"),
    ],
)  # fmt: skip
def test_an_address_of_another_form_is_refused_with_the_right_one(address: str, told: str) -> None:
    with pytest.raises(HubError) as refused:
        read_address(address)
    assert told in str(refused.value)
    assert "secret" not in str(refused.value)


def test_spaces_are_encoded_once() -> None:
    for written in ("match 7", "match%207"):
        address = read_address(f"https://hub.co/a/b/resolve/{COMMIT}/{written}/")
        assert address.file("a b.txt") == f"https://hub.co/a/b/resolve/{COMMIT}/match%207/a%20b.txt"


@pytest.mark.parametrize(
    "name", ["../x", "/etc/passwd", "a/b", ".hidden", "manifest.json", "source.json", "..", "", "a\\b"]
)
def test_a_manifest_cannot_name_files_outside_its_folder(name: str) -> None:
    told = {"name": "match", "version": "1", "files": {name: "0" * 64}}
    with pytest.raises(HubError, match="no pack has"):
        read_manifest(json.dumps(told).encode())


@pytest.mark.parametrize(
    "changed", [{"name": "../match"}, {"version": "1/.."}, {"files": []}, {"files": {"a": "main"}}]
)
def test_a_manifest_of_a_wrong_shape_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(HubError):
        read_manifest(json.dumps({"name": "match", "version": "1", "files": {}, **changed}).encode())


@given(st.binary(max_size=200) | st.text().map(str.encode))
@example(b"[" * 100_000)
def test_any_other_bytes_are_no_manifest(content: bytes) -> None:
    with pytest.raises(PackError):
        read_manifest(content)


@given(st.text(min_size=1, max_size=40))
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    try:
        manifest = read_manifest(json.dumps({"name": "match", "version": "1", "files": {name: "0" * 64}}).encode())
    except HubError:
        return
    for file in manifest.files:
        assert (Path("/packs") / file).resolve().parent == Path("/packs")
