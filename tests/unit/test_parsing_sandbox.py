import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from parsing_files import SENTENCE, exploding_pdf, pdf, protected_pdf, simple_docx, zipped

from parsing.document import Member
from parsing.errors import ParseError
from parsing.limits import MIB, ArchiveLimits, Limits
from parsing.pool import POOL, Template
from parsing.sandbox import expand, extract

SLOW = exploding_pdf(20)


def descendants(ancestor: int) -> set[int]:
    """Processes below one, by /proc."""
    found: set[int] = set()
    for task in Path(f"/proc/{ancestor}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found |= {child} | descendants(child)
    return found


def gone(pids: set[int], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (pdf([SENTENCE]), "cv.pdf", "application/pdf"),
        (simple_docx(SENTENCE), "cv.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (SENTENCE.encode(), "cv.txt", "text/plain"),
    ],
)
def test_every_format(content: bytes, name: str, media_type: str) -> None:
    document = extract(content, name)
    assert (document.text, document.media_type, document.pages) == (SENTENCE, media_type, 1)


def test_an_error_arrives_with_its_code_and_message() -> None:
    with pytest.raises(ParseError, match="without one") as caught:
        extract(protected_pdf("secret"), "cv.pdf")
    assert caught.value.code == "password_protected"


def test_a_name_that_is_no_text_does_no_harm() -> None:
    assert extract(SENTENCE.encode(), "\ud800" * 1000 + ".txt").text == SENTENCE


def test_a_slow_document_is_stopped_with_all_its_processes() -> None:
    before = descendants(os.getpid())
    started = time.monotonic()
    with pytest.raises(ParseError, match="timeout"):
        extract(SLOW, "cv.pdf", Limits(seconds=0.3))
    assert time.monotonic() - started < 5
    assert descendants(os.getpid()) <= before
    assert extract(SENTENCE.encode(), "cv.txt").text == SENTENCE


def test_a_document_that_takes_too_much_memory() -> None:
    large = simple_docx(*["word " * 10_000] * 500)
    with pytest.raises(ParseError) as caught:
        extract(large, "cv.docx", Limits(address_space=192 * MIB))
    assert caught.value.code == "memory"
    assert extract(SENTENCE.encode(), "cv.txt").text == SENTENCE


def test_one_process_serves_many_documents() -> None:
    extract(SENTENCE.encode(), "cv.txt")
    before = descendants(os.getpid())
    for number in range(5):
        extract(f"{SENTENCE} {number}".encode(), "cv.txt")
    assert descendants(os.getpid()) == before


def test_a_killed_idle_process_is_replaced() -> None:
    template = POOL.take()
    os.kill(template.pid, signal.SIGKILL)
    POOL.give(template)
    assert gone_or_zombie(template.pid)
    assert extract(SENTENCE.encode(), "cv.txt").text == SENTENCE


def gone_or_zombie(pid: int) -> bool:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.01)
    return False


def test_threads_do_not_mix_documents() -> None:
    texts = [f"{SENTENCE} {number}" for number in range(24)]
    with ThreadPoolExecutor(4) as threads:
        documents = list(threads.map(lambda text: extract(text.encode(), "cv.txt"), texts))
    assert [document.text for document in documents] == texts


def test_a_fork_of_the_caller_starts_processes_of_its_own() -> None:
    extract(SENTENCE.encode(), "cv.txt")
    child = os.fork()
    if child == 0:
        right = extract(SENTENCE.encode(), "cv.txt").text == SENTENCE
        POOL.close()
        os._exit(0 if right else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert extract(SENTENCE.encode(), "cv.txt").text == SENTENCE


def test_the_process_has_no_environment_and_no_descriptor_of_ours() -> None:
    with Path("/etc/hostname").open() as ours:
        os.set_inheritable(ours.fileno(), True)
        template = Template()
        environment = Path(f"/proc/{template.pid}/environ").read_bytes()
        descriptors = {int(each.name) for each in Path(f"/proc/{template.pid}/fd").iterdir()}
        template.close()
    assert environment == b""
    assert descriptors <= {0, 1, 2}


def test_nothing_is_left_when_the_caller_is_killed_amid_a_document(tmp_path: Path) -> None:
    (tmp_path / "slow.pdf").write_bytes(SLOW)
    program = (
        "import sys, pathlib; from parsing.sandbox import extract; extract(b'x', 'x.txt'); print('ready', flush=True); "
        "extract(pathlib.Path(sys.argv[1]).read_bytes(), 'cv.pdf')"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "slow.pdf")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as caller:
        assert caller.stdout
        assert caller.stdout.readline() == b"ready\n"
        while len(descendants(caller.pid)) < 2:  # the template and its child
            time.sleep(0.01)
        started = descendants(caller.pid)
        caller.kill()
    assert gone(started)


def test_archives_come_one_member_at_a_time() -> None:
    members = list(expand(zipped({"a/cv.txt": b"one", "b.zip": zipped({}), "c.txt": b""})))
    assert members[0] == Member("a/cv.txt", b"one")
    assert members[1].error
    assert (members[1].name, members[1].error.code) == ("b.zip", "archive_nested")
    assert members[2] == Member("c.txt", b"")


def test_an_archive_that_is_none() -> None:
    with pytest.raises(ParseError, match="unsupported_type"):
        next(expand(b"name,text\n"))


def test_an_abandoned_archive_leaves_no_process() -> None:
    before = descendants(os.getpid())
    archive = expand(zipped({f"{number}.txt": bytes(MIB) for number in range(8)}))
    assert len(next(archive).content) == MIB
    archive.close()
    assert descendants(os.getpid()) <= before


def test_a_slow_reader_does_not_run_out_of_time() -> None:
    archive = expand(zipped({f"{number}.txt": bytes(MIB) for number in range(3)}), ArchiveLimits(seconds=3))
    names = []
    for member in archive:
        names.append(member.name)
        time.sleep(1.1)
    assert names == ["0.txt", "1.txt", "2.txt"]


def test_importing_the_sandbox_loads_no_parser() -> None:
    code = "import sys, parsing.sandbox; print({'pypdf', 'docx', 'lxml'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "set()\n"
