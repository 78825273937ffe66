"""``python tests/run_fake.py INPUT OUTPUT [JOBS]``: a run with the fake processor, as a process that can be killed."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import msgspec
from fakes import MADE_BY, FakeProcessor

from pipeline.cli.console import messages
from pipeline.config import Config
from pipeline.config import Run as RunSettings
from pipeline.run import run

if __name__ == "__main__":
    jobs = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    config = msgspec.structs.replace(Config(), run=RunSettings(jobs=jobs, batch_size=4))
    with messages():
        run([sys.argv[1]], Path(sys.argv[2]), config, factory=FakeProcessor, produced_by=MADE_BY)
