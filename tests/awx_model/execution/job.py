# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One job from its start to its result."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, Self

import ansible_runner
from kms_emulator.process import LONGEST
from support.processes import kill_with_descendants

from .inputs import JobInputs, JobResult, NotStarted, Status
from .private_data import lay_out

_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
_STATUS: Final[dict[str, Status]] = {
    "successful": "successful",
    "failed": "failed",
    "timeout": "failed",
    "canceled": "canceled",
}


def run_job(job: JobInputs, folder: Path) -> JobResult:
    """:param folder: where everything is put; several jobs may have the same one."""
    try:
        running = start_job(job, folder)
    except NotStarted as error:
        return JobResult("error", None, {}, [], "", None, str(error))
    with running:
        return running.finish()


def start_job(job: JobInputs, folder: Path) -> RunningJob:
    """:raises NotStarted: what AWX would have refused to run."""
    return RunningJob(job, folder)


class RunningJob:
    """A job that runs meanwhile, so that what is on disk can be looked at. At the end of ``with`` it is ended."""

    def __init__(self, job: JobInputs, folder: Path) -> None:
        self._folder = folder
        self._id = job.job_id
        self.private_data_dir, self._parameters = lay_out(job, folder)
        self._streams = folder / "receptor" / str(job.job_id)
        self._streams.mkdir(mode=0o700, parents=True)
        container = folder / "container" / str(job.job_id)
        for name in ("home", "tmp"):
            (container / name).mkdir(parents=True)
        # By a short path: ansible-core 2.22 puts a socket there, and 107 bytes are all that its path may have.
        self._short = tempfile.TemporaryDirectory()
        temporary = Path(self._short.name) / "tmp"
        temporary.symlink_to(container / "tmp")
        image = {
            "LANG": "C.UTF-8",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
            "HOME": str(container / "home"),
            "TMPDIR": str(temporary),
            # Otherwise the folder of root, the user of the job in AWX, whose home is also in the container.
            "ANSIBLE_REMOTE_TMP": str(container / "home" / ".ansible" / "tmp"),
        }
        self._worker = self._start({**image, **job.environment})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._worker.poll() is None:
            kill_with_descendants(self._worker)
        self._clean_up()

    def _start(self, environment: dict[str, str]) -> subprocess.Popen[bytes]:
        stdin = self._streams / "stdin"
        with stdin.open("wb") as stream:
            # The files are there already.
            self._runner("transmit", _output=stream, only_transmit_kwargs=True, **self._parameters)
        program = Path(sys.executable).parent / "ansible-runner"
        command = [str(program), "worker", f"--private-data-dir={self.private_data_dir}"]
        with (
            stdin.open("rb") as given,
            (self._streams / "stdout").open("wb") as output,
            (self._streams / "stderr").open("wb") as errors,
        ):
            return subprocess.Popen(
                command, cwd=self._folder, env=environment, stdin=given, stdout=output, stderr=errors
            )

    def _runner(self, streamer: str, **parameters: Any) -> Any:
        # With a callback of its own ansible-runner leaves this process's handlers of signals alone.
        return ansible_runner.run(
            streamer=streamer,
            private_data_dir=str(self.private_data_dir),
            cancel_callback=lambda: False,
            **parameters,
        )

    @property
    def credential_files(self) -> set[Path]:
        """What holds secrets by design while the job lasts."""
        return set((self.private_data_dir / "env").glob("tmp*"))

    def snapshot(self, folder: Path) -> None:
        """Copy all that is on disk at this moment, whatever comes or goes meanwhile. *folder* must not exist."""
        for place, folders, files in os.walk(self._folder):
            copy = folder / Path(place).relative_to(self._folder)
            copy.mkdir()
            shutil.copymode(place, copy)
            folders[:] = [name for name in folders if folder != Path(place, name)]
            for source in (Path(place, name) for name in files):
                if source.is_file() and not source.is_symlink():
                    with contextlib.suppress(FileNotFoundError):
                        shutil.copy2(source, copy)

    def finish(self) -> JobResult:
        """Wait for the end, clean up, and read what the job has left."""
        self._worker.wait(LONGEST)
        self._clean_up()
        return self._read()

    def _clean_up(self) -> None:
        self._short.cleanup()
        for path in self.credential_files:
            path.unlink()

    def _read(self) -> JobResult:
        """As AWX reads the stream: no event is written to disk."""
        events: list[dict[str, Any]] = []
        said: list[dict[str, Any]] = []

        def keep(event: dict[str, Any]) -> bool:
            events.append(event)
            return False

        def hear(status: dict[str, Any], **_configuration: Any) -> None:
            said.append(status)

        output = io.BytesIO((self._streams / "stdout").read_bytes())
        finished = self._runner(
            "process",
            quiet=True,
            _input=output,
            event_handler=keep,
            status_handler=hear,
            **self._parameters,
        )
        code = self.private_data_dir / "artifacts" / str(self._id) / "rc"
        return JobResult(
            status=_STATUS.get(finished.status, "error"),
            rc=int(code.read_text("ascii")) if code.exists() else None,
            artifacts=_artifacts(events),
            events=events,
            stdout=_COLOUR.sub("", "\n".join(event["stdout"] for event in events if event.get("stdout"))),
            private_data_dir=self.private_data_dir,
            explanation="\n".join(_explanations(said)),
        )


def _artifacts(events: list[dict[str, Any]]) -> dict[str, Any]:
    """Of the last event that has any: that is "playbook_on_stats"."""
    found: list[dict[str, Any]] = [event.get("event_data", {}).get("artifact_data", {}) for event in events]
    return next((artifacts for artifacts in reversed(found) if artifacts), {})


def _explanations(said: list[dict[str, Any]]) -> Iterable[str]:
    for status in said:
        if status["status"] == "error":
            yield from (status[key] for key in ("job_explanation", "result_traceback") if status.get(key))
