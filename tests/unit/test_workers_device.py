"""Which device a process takes, and who may use it when."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from workers.device import Device, DeviceError, choose, cores, settle

ROOT = Path(__file__).parents[2]


def test_the_cpu_hides_every_accelerator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    assert choose("cpu") == "cpu"
    assert os.environ["CUDA_VISIBLE_DEVICES"] == ""


def test_one_accelerator_is_taken_unless_the_operator_named_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert choose("cuda:2") == "cuda"
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "2"
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "5")
    choose("cuda:2")
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "5"


@pytest.mark.parametrize("wanted", ["gpu", "cuda", "cuda:x", "tpu:0", ""])
def test_an_unknown_device_is_refused(wanted: str) -> None:
    with pytest.raises(DeviceError, match="WINNOW_DEVICE"):
        choose(wanted)


@pytest.mark.parametrize(
    ("told", "expected"), [("max 100000", 4), ("150000 100000", 2), ("10000 100000", 1), ("900000 100000", 4), ("", 4)]
)
def test_cores_are_those_that_this_process_may_use(tmp_path, monkeypatch, told, expected) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 2, 4, 6})
    group = tmp_path / "cpu.max"
    assert cores(group) == 4
    group.write_text(told + "\n", encoding="ascii")
    assert cores(group) == expected


def test_an_operators_own_number_of_threads_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    settle()
    assert os.environ["OMP_NUM_THREADS"] == "7"


def test_slots_take_turns_and_the_waiting_one_hears_of_progress() -> None:
    device = Device("cpu")
    holding, told = threading.Event(), threading.Event()

    def hold() -> None:
        with device.turn(lambda: None):
            holding.set()
            while not told.is_set():
                device.note_batch()
                told.wait(0.01)

    first = threading.Thread(target=hold)
    first.start()
    holding.wait()
    with device.turn(told.set):
        assert told.is_set()
    first.join()


def test_who_waits_may_give_up() -> None:
    device = Device("cpu")

    class GivenUp(Exception):
        pass

    def give_up() -> None:
        raise GivenUp

    with device.turn(lambda: None):
        beat = threading.Timer(0.1, device.note_batch)
        beat.start()
        with pytest.raises(GivenUp), device.turn(give_up):
            pass
        beat.join()
    with device.turn(give_up):
        pass  # free again


def test_who_waits_for_one_that_stands_still_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    device = Device("cpu")
    told: list[str] = []
    look = device.while_waiting(lambda: told.append("got on"), lambda: told.append("stands still"))
    look()
    device.note_batch()
    look()
    monkeypatch.setattr("workers.device.PATIENCE_SECONDS", 0.0)
    look()
    look()
    device.note_batch()
    look()
    assert told == ["got on", "stands still", "got on"]


@pytest.mark.parametrize(("device", "nicer"), [("cpu", 5), ("cuda", 0)])
def test_bulk_work_on_a_cpu_gives_way(device: str, nicer: int) -> None:
    code = f"import os, workers.device as d; before = os.nice(0); d.give_way({device!r}); print(os.nice(0) - before)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert int(done.stdout) == nicer
