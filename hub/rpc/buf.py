"""What buf thinks of the protos, where it is installed: `python -m hub.rpc.buf` lints them, and compares them with what
partners build on.

That is `schemas/proto/promised.binpb`, the descriptors of the last release; `--promise` writes it anew. Install buf
once: npm install --prefix tests/rpc/node
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from hub.rpc.generate import PROTOS, ROOT, descriptors

PROMISED = PROTOS / "promised.binpb"
CONFIG = PROTOS / "buf.yaml"
LOCAL = ROOT / "tests" / "rpc" / "node" / "node_modules" / ".bin" / "buf"


def main(arguments: list[str]) -> int:
    """1 when something is wrong; 0 also where there is no buf, which it says."""
    if "--promise" in arguments:
        PROMISED.write_bytes(_bare(descriptors()))
        return 0
    if found() is None:
        print("buf is not here: npm install --prefix tests/rpc/node")
        return 0
    wrong = faults()
    print("\n".join(wrong) or "buf: clean, and nothing broken")
    return bool(wrong)


def found() -> str | None:
    """The program: that of the tests, or one on the path."""
    return str(LOCAL) if LOCAL.exists() else shutil.which("buf")


def faults() -> list[str]:
    """One sentence for each thing that buf would have otherwise, or that breaks what was promised."""
    with TemporaryDirectory() as folder:
        image = Path(folder) / "image.binpb"
        image.write_bytes(descriptors())
        return [*_said("lint", image), *_said("breaking", image, "--against", PROMISED)]


def _said(command: str, image: Path, *more: str | Path) -> list[str]:
    done = subprocess.run(  # noqa: S603  (a program that the developer has installed, on our own files)
        [found() or "buf", command, image, *more, "--config", CONFIG], capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).splitlines()


def _bare(image: bytes) -> bytes:
    """Without the comments, which promise nothing to a program."""
    files = FileDescriptorSet.FromString(image)
    for file in files.file:
        file.source_code_info.Clear()
    return files.SerializeToString(deterministic=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
