"""docs/api names every method and every reason that the code knows."""

from __future__ import annotations

import re
from pathlib import Path

from hub.rpc.server import FILES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "api" / "README.md").read_text()


def test_every_method_is_named() -> None:
    for file in FILES:
        for service in file.services_by_name.values():
            for method in service.methods:
                assert f"`{service.name}.{method.name}`" in PAGE


def test_every_reason_is_named() -> None:
    code = "".join(path.read_text() for path in (ROOT / "hub" / "rpc").glob("*.py"))
    reasons = set(re.findall(r'reason ?= ?"([A-Z_]+)"', code)) | {"NOT_FOUND", "FORBIDDEN", "TOO_LARGE", "TEMPORARY"}
    assert len(reasons) > 15
    assert {reason for reason in reasons if f"`{reason}`" not in PAGE} == set()
