# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Saves processor time in the Python processes of a system test, and does not change what they do.

Each module runs in a new process from a ZIP file without bytecode. Python compiles ansible-core's module utilities,
amazon.aws, and this collection again for every task, and each file twice. Here, the compiled code is stored under a
hash of its source. The processes are also too short for the garbage collector to be useful.
"""

from __future__ import annotations

import _imp
import gc
import marshal
import os
import sys
import zipimport
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType

_PYTHON = f"{sys.implementation.cache_tag}-{sys.hexversion:x}-{sys.flags.optimize}"
_FOLDER = Path(__file__).resolve().parents[3] / ".cache" / "compiled" / _PYTHON
_KEY = 0
# CPython has no public hook for the compilation of a ZIP file's modules, so the type stubs do not know this function.
_compile = zipimport._compile_source  # type: ignore[attr-defined]


def _stored(path: Path) -> CodeType | None:
    try:
        code: CodeType = marshal.loads(path.read_bytes())
    except (OSError, EOFError, ValueError, TypeError):
        return None
    return code


def _store(path: Path, code: CodeType) -> None:
    part = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        _FOLDER.mkdir(parents=True, exist_ok=True)
        part.write_bytes(marshal.dumps(code))
        part.replace(path)
    except OSError:
        pass  # A process without access to the folder only takes longer.


def _compile_once(pathname: str, source: bytes) -> CodeType:
    path = _FOLDER / f"{_imp.source_hash(_KEY, source).hex()}-{len(source)}"
    code = _stored(path)
    if code is None:
        code = _compile(pathname, source)
        _store(path, code)
    else:
        # Tracebacks name the file that is imported, not the one that was compiled.
        _imp._fix_co_filename(code, pathname)  # type: ignore[attr-defined]
    return code


def install() -> None:
    """Take effect in this process, and in the workers that it forks."""
    gc.disable()
    zipimport._compile_source = _compile_once  # type: ignore[attr-defined]
