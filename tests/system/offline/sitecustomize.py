# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put on PYTHONPATH, it makes every Python process one without a network and without AWS's libraries."""

from __future__ import annotations

import errno
import os
import socket
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

ABSENT = ("boto3", "botocore", "s3transfer")


class _Absent(MetaPathFinder):
    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return None


class _Socket(socket.socket):
    def connect(self, address: Any) -> None:
        if self.family != socket.AF_UNIX:
            raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))
        super().connect(address)

    def connect_ex(self, address: Any) -> int:
        return super().connect_ex(address) if self.family == socket.AF_UNIX else errno.ENETUNREACH


sys.meta_path.insert(0, _Absent())
socket.socket = _Socket  # type: ignore[misc]
