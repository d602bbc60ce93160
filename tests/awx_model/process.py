# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model as a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent


@contextmanager
def start_model(projects: Mapping[str, Path] | None = None) -> Iterator[str]:
    """Start a model on a free port of loopback, and stop it afterwards.

    :param projects: the folders that stand for repositories, by their URLs.
    :returns: its URL.
    """
    folders = [f"--project={url}={folder}" for url, folder in (projects or {}).items()]
    command = [sys.executable, str(_FOLDER), "--port", "0", *folders]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    line = process.stdout.readline() if process.stdout else ""
    if "http://" not in line:
        process.kill()
        raise RuntimeError(f"The model of AWX did not start (exit code {process.wait()}).")
    try:
        yield line[line.index("http://") :].strip()
    finally:
        process.terminate()
        process.wait()
