"""Generates `hub/rpc/pb` and the reference in `docs/api` from `schemas/proto`: `python -m hub.rpc.generate`, or
`--check` to find drift.

The compiler writes imports from the proto root (`cpfr.hub.v1`); they are rewritten to where the code lives. Needs the
`dev` extra (grpcio-tools and mypy-protobuf).
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from tempfile import TemporaryDirectory

from google.api import annotations_pb2

from hub.rpc.lint import lint
from hub.rpc.reference import pages

ROOT = Path(__file__).parents[2]
PROTOS = ROOT / "schemas" / "proto"
TARGET = Path(__file__).parent / "pb"
REFERENCE = ROOT / "docs" / "api"
PACKAGE = '"""Generated from schemas/proto by `python -m hub.rpc.generate`. Do not edit."""\n'
OPERATIONS = "google/longrunning/operations.proto"
"""What everybody imports it as; the package that brings it has it under another name."""
MODULE = re.compile(r"\bcpfr\.hub\.v1\.(\w+_pb2)\b")


def main(arguments: list[str]) -> int:
    """Writes the code, or with `--check` lints the protos and compares: 1 when something is wrong."""
    wanted, image = generate(), descriptors()
    if "--check" not in arguments:
        write(wanted)
        for name, text in pages(image).items():
            (REFERENCE / name).write_text(text)
        return 0
    faults = [*lint(image), *drift(wanted), *stale(pages(image))]
    print("\n".join(faults) or "protos: clean, generated code is up to date")
    return bool(faults)


def generate() -> dict[str, str]:
    """The generated files as they should be: path below `hub/rpc/pb` -> text."""
    with TemporaryDirectory() as folder:
        compile_protos(f"--python_out={folder}", f"--mypy_out=quiet:{folder}", f"--grpc_python_out={folder}",
                       f"--mypy_grpc_out=quiet:{folder}")
        made = sorted((Path(folder) / "cpfr" / "hub").rglob("*.py*"))
        files = {str(path.relative_to(Path(folder) / "cpfr" / "hub")): rewritten(path.read_text()) for path in made}
    return {"__init__.py": PACKAGE, "v1/__init__.py": PACKAGE, **files}


def rewritten(text: str) -> str:
    """`text` with imports from where the code lives. Descriptor bytes and service names stay as they are."""
    return MODULE.sub(r"hub.rpc.pb.v1.\1", text.replace("from cpfr.hub.v1 import", "from hub.rpc.pb.v1 import"))


def descriptors() -> bytes:
    """A serialised FileDescriptorSet of all protos with their comments."""
    with TemporaryDirectory() as folder:
        image = Path(folder) / "image.binpb"
        compile_protos("--include_imports", "--include_source_info", f"--descriptor_set_out={image}")
        return image.read_bytes()


def compile_protos(*options: str) -> None:
    """Runs protoc over all our protos. Raises CalledProcessError with its message on standard error."""
    include = Path(annotations_pb2.__file__).parents[2]
    plugins = [f"--plugin=protoc-gen-{name}={Path(sysconfig.get_path('scripts')) / f'protoc-gen-{name}'}"
               for name in ("mypy", "mypy_grpc")]
    protos = [str(path.relative_to(PROTOS)) for path in sorted(PROTOS.rglob("*.proto"))]
    with TemporaryDirectory() as folder:
        renamed = Path(folder) / OPERATIONS
        renamed.parent.mkdir(parents=True)
        shutil.copy(include / OPERATIONS.replace("operations", "operations_proto"), renamed)
        subprocess.run(  # noqa: S603  (our own interpreter and files)
            [sys.executable, "-m", "grpc_tools.protoc", f"-I{PROTOS}", f"-I{include}", f"-I{folder}", *plugins,
             *options, *protos],
            check=True, cwd=PROTOS,
        )


def drift(wanted: dict[str, str]) -> list[str]:
    """One sentence for each checked-in file that is not what the protos say."""
    there = {str(path.relative_to(TARGET)): path.read_text() for path in TARGET.rglob("*.py*") if path.suffix != ".pyc"}
    stale = sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))
    return [f"hub/rpc/pb/{name} is not what schemas/proto says: run python -m hub.rpc.generate" for name in stale]


def stale(wanted: dict[str, str]) -> list[str]:
    """One sentence for each page of the reference that is not what the protos say."""
    there = {path.name: path.read_text() for path in REFERENCE.glob("*.md") if path.name != "README.md"}
    wrong = sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))
    return [f"docs/api/{name} is not what schemas/proto says: run python -m hub.rpc.generate" for name in wrong]


def write(wanted: dict[str, str]) -> None:
    """Puts the generated files in place and removes what no proto makes any more."""
    for path in TARGET.rglob("*.py*"):
        if path.suffix != ".pyc" and str(path.relative_to(TARGET)) not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (TARGET / name).parent.mkdir(parents=True, exist_ok=True)
        (TARGET / name).write_text(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
