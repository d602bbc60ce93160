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

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType

_ROOT = os.path.abspath(__file__).rpartition("/tests/")[0]  # noqa: PTH100 (pathlib takes 5 ms to import)
_FOLDER = f"{_ROOT}/.cache/compiled/{sys.implementation.cache_tag}-{sys.hexversion:x}-{sys.flags.optimize}"
_KEY = 0
_compile = zipimport._compile_source  # type: ignore[attr-defined]


def _stored(path: str) -> CodeType | None:
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            code: CodeType = marshal.loads(file.read())
    except (OSError, EOFError, ValueError, TypeError):
        return None
    return code


def _store(path: str, code: CodeType) -> None:
    part = f"{path}.{os.getpid()}"
    try:
        os.makedirs(_FOLDER, exist_ok=True)  # noqa: PTH103
        with open(part, "wb") as file:  # noqa: PTH123
            file.write(marshal.dumps(code))
        os.replace(part, path)  # noqa: PTH105
    except OSError:
        pass  # A process without access to the folder only takes longer.


def _compile_once(pathname: str, source: bytes) -> CodeType:
    path = f"{_FOLDER}/{_imp.source_hash(_KEY, source).hex()}-{len(source)}"
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
