# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put on PYTHONPATH, it makes every Python process one without a network and without AWS's libraries."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import sys
from typing import Any

ABSENT = ("boto3", "botocore", "s3transfer")


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook (PEP 578): nothing in the process gets round it, or takes it away."""
    if event == "socket.connect" and arguments[0].family != socket.AF_UNIX:
        raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))
    if event == "import" and arguments[0].partition(".")[0] in ABSENT:
        raise ModuleNotFoundError(f"No module named {arguments[0]!r}", name=arguments[0])


sys.addaudithook(_refuse)
with contextlib.suppress(ImportError):
    # Python imports only one module named sitecustomize. Acceptance runs do not have this one on PYTHONPATH.
    # It is in another folder on PYTHONPATH, which mypy does not search.
    import quick_start  # type: ignore[import-not-found]

    quick_start.install()
