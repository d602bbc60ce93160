# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of ``python tests/acceptance`` as a process, with the emulator in the role of AWS."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kms_emulator.process import LONGEST

from acceptance import record

PROGRAM = Path(__file__).resolve().parents[1]
REGION, REPLICA_REGION = "us-east-1", "us-west-2"


@dataclass(frozen=True)
class Ran:
    code: int
    output: str

    def said(self) -> str:
        """In one line."""
        return " ".join(self.output.split())


@dataclass(frozen=True)
class Shell:
    """:ivar account: whose credentials the environment has.
    :ivar started: processes that may still run.
    """

    folder: Path
    endpoint: str
    account: str
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "AWS_"))}
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        return {
            **kept,
            "HOME": str(home),
            "ANSIBLE_COLLECTIONS_PATH": os.environ["ANSIBLE_COLLECTIONS_PATH"],
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.account,
            "AWS_SECRET_ACCESS_KEY": "not-a-secret",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def command(self, *words: str, account: str | None = None) -> list[str]:
        named = ["--account", account or self.account, "--region", REGION, "--folder", str(self.folder / "runs")]
        return [sys.executable, str(PROGRAM), *named, *words]

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        output = (self.folder / "output.txt").open("wb")
        process = subprocess.Popen(
            self.command(*words),
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def run(self, *words: str, account: str | None = None, **variables: str) -> Ran:
        process = subprocess.run(
            self.command(*words, account=account),
            env=self.environment() | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=LONGEST,
            check=False,
            text=True,
        )
        return Ran(process.returncode, process.stdout)

    @property
    def runs(self) -> list[Path]:
        return sorted((self.folder / "runs").glob("*"))

    def record(self) -> tuple[dict[str, Any], list[record.Call]]:
        (run,) = self.runs
        return record.read(run / "record.jsonl")
