"""What xmlschema may open while it compiles a partner's schema; loaded only then, for it brings half of urllib."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any
from urllib.error import URLError
from urllib.request import OpenerDirector


class Files(OpenerDirector):
    """The one way to files for xmlschema: those of the partner, out of memory."""

    def __init__(self, shelf: str, texts: Mapping[str, str]) -> None:
        super().__init__()
        self.shelf, self.texts = shelf, texts

    def open(self, fullurl: Any, data: Any = None, timeout: Any = None) -> Any:
        name = str(fullurl).removeprefix(self.shelf)
        if name not in self.texts:
            raise URLError(f"{name} is not among the partner's files")
        return io.BytesIO(self.texts[name].encode())
