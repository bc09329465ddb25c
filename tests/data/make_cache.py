"""Makes a cache in a process of its own, slowly, for tests that kill it or run two of them."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from fstmuse.data import cache as cache_module
from fstmuse.data.cache import prepare
from fstmuse.data.manifest import read_manifest
from fstmuse.spec import AudioSpec

ROWS = 4
SPEC = AudioSpec(8000, 0.1)


def main() -> None:
    """Arguments: manifest, root, cache folder, seconds to sleep after each clip, worker processes."""
    manifest, root, folder, pause, workers = sys.argv[1:]
    cache_module.SHARD_BYTES = ROWS * SPEC.samples * 2

    def progress(done: int, total: int) -> None:
        print(done, flush=True)
        time.sleep(float(pause))

    cache = prepare(
        read_manifest(Path(manifest)),
        root,
        SPEC,
        kind="waveform",
        cache_dir=folder,
        workers=int(workers),
        progress=progress,
    )
    print("rows", len(cache), flush=True)


if __name__ == "__main__":
    main()
