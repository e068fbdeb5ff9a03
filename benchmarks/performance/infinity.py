"""infinity-emb's rerank engine as a peer: a process of another environment, as it wants older libraries than ours.

Make that environment once, and name its Python in WINNOW_INFINITY_PYTHON:

    python3.11 -m venv ENV && ENV/bin/pip install torch==2.13.0 'infinity-emb[torch]==0.0.78'
    ENV/bin/pip uninstall torchvision

There this file is run as a program: `python infinity.py FOLDER THREADS`, with the pairs as a line of JSON on stdin.
Whenever another line comes it scores all of them, and answers with seconds and scores.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PYTHON = "WINNOW_INFINITY_PYTHON"


@dataclass(frozen=True, slots=True)
class Infinity:
    """The running peer."""

    process: "subprocess.Popen[str]"

    def score(self) -> tuple[float, list[float]]:
        """Seconds, as the peer measured them, and the probability of each pair. Raises RuntimeError if it died."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the rerank engine ended with {self.process.wait()}")
        told = json.loads(answer)
        return told["seconds"], told["scores"]


@contextmanager
def infinity(folder: Path, pairs: Sequence[tuple[str, str]], threads: int) -> Iterator[Infinity | None]:
    """The peer with a classifier and these pairs, until left; None where no environment of it is named."""
    python = os.environ.get(PYTHON)
    if not python:
        print(f"infinity-emb is left out: {PYTHON} is not set; benchmarks/performance/infinity.py says how")
        yield None
        return
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "INFINITY_ANONYMOUS_USAGE_STATS": "0"}
    command = [python, __file__, str(folder), str(threads)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            assert process.stdin is not None
            process.stdin.write(json.dumps(list(pairs)) + "\n")
            yield Infinity(process)
        finally:
            process.terminate()


async def _serve(folder: str, pairs: list[tuple[str, str]], answers: Any) -> None:
    from infinity_emb import AsyncEmbeddingEngine, EngineArgs  # type: ignore[import-not-found]  # of that environment

    how = {"engine": "torch", "device": "cpu", "compile": False, "bettertransformer": False, "model_warmup": False}
    engine = AsyncEmbeddingEngine.from_args(EngineArgs(model_name_or_path=folder, **how))
    async with engine:
        for _ in iter(sys.stdin.readline, ""):
            begun = time.perf_counter()
            ranked = await asyncio.gather(*(engine.rerank(query=first, docs=[second]) for first, second in pairs))
            seconds = time.perf_counter() - begun
            scores = [float(listed[0].relevance_score) for listed, _ in ranked]
            print(json.dumps({"seconds": seconds, "scores": scores}), file=answers, flush=True)


def main() -> None:
    """Answer line by line; what the engine prints goes elsewhere."""
    import torch

    answers, sys.stdout = sys.stdout, sys.stderr
    folder, threads = sys.argv[1:]
    torch.set_num_threads(int(threads))
    asyncio.run(_serve(folder, json.loads(sys.stdin.readline()), answers))


if __name__ == "__main__":
    main()
