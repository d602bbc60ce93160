# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make third-parties``: the core scenarios against emulators of AWS that other projects publish on PyPI.

Each is installed into an environment of its own, and listens on a free port of loopback. An emulator that does not
install or start on this machine is reported in one sentence, and its tests are skipped.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import socket
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import interpreters
from interpreters import Version
from layout import BUILD, HOME, REQUIREMENTS
from pytest_suites import run_suite
from work import LONGEST, Done, Failed, Work, background

_FOLDER = BUILD / "third-parties"
_NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class OtherEmulator:
    name: str
    requirements: Path
    pythons: tuple[Version, ...]
    """Those that run it, the preferred one first."""
    arguments: tuple[str, ...]
    """Of the Python of its environment."""
    variables: Callable[[int, Path], dict[str, str]]
    """For a port, and a folder that the emulator may use."""

    @property
    def folder(self) -> Path:
        return _FOLDER / self.requirements.stem

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"


MINISTACK = OtherEmulator(
    name="MiniStack",
    requirements=REQUIREMENTS / "ministack.txt",
    pythons=((3, 13), (3, 12), (3, 11)),
    arguments=("-m", "ministack"),
    variables=lambda port, _folder: {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "SERVICES": "kms"},
)
LOCALSTACK = OtherEmulator(
    name="LocalStack",
    requirements=REQUIREMENTS / "localstack.txt",
    # It names 3.10, and has syntax of 3.12.
    pythons=((3, 13), (3, 12)),
    arguments=("-m", "localstack.runtime.main"),
    variables=lambda port, folder: {
        "GATEWAY_LISTEN": f"127.0.0.1:{port}",
        "LOCALSTACK_HOST": f"127.0.0.1:{port}",
        "FILESYSTEM_ROOT": str(folder),
        "SERVICES": "kms",
        # No requests to its makers, no download of a certificate, no name server.
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DNS_ADDRESS": "0",
    },
)


def run_third_party(work: Work, third_party: OtherEmulator) -> Done:
    try:
        install(work, third_party)
        with started(work, third_party) as url:
            variables = {"THIRD_PARTY_NAME": third_party.name, "THIRD_PARTY_URL": url}
            return run_suite(work, "third_parties", options=("-n", "0"), variables=variables)
    except NotHere as reason:
        work.say(f"{third_party.name} is skipped: {reason}")
        return Done(1, f"emulator skipped: {reason}")


class NotHere(Exception):
    """The emulator does not install or start on this machine; the text is the reason."""


def install(work: Work, third_party: OtherEmulator) -> None:
    found = interpreters.found()
    python = next((found[version] for version in third_party.pythons if version in found), None)
    if python is None:
        versions = " or ".join(".".join(map(str, version)) for version in third_party.pythons)
        raise NotHere(f"{third_party.name} needs Python {versions}.")
    stamp = third_party.folder / "made-from"
    wanted = hashlib.sha256(third_party.requirements.read_bytes() + str(python).encode()).hexdigest()
    if stamp.is_file() and stamp.read_text("utf-8") == wanted:
        return
    shutil.rmtree(third_party.folder, ignore_errors=True)
    work.run([python, "-m", "venv", third_party.folder])
    to = str(third_party.python)
    uv = [str(work.environment.bin / "uv"), "pip", "install", "--quiet", "--system-certs", "--python", to]
    pip = [to, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for command in (uv, pip):
        with contextlib.suppress(Failed):
            work.run([*command, "-r", str(third_party.requirements)])
            stamp.write_text(wanted, "utf-8")
            return
    raise NotHere(f"PyPI has no set of packages for {third_party.requirements.name} that installs here.")


@contextlib.contextmanager
def started(work: Work, third_party: OtherEmulator) -> Iterator[str]:
    """The address of the emulator, which runs for the time of the block."""
    port = _free_port()
    files = third_party.folder / "files"
    settings = {"HOME": str(HOME), **third_party.variables(port, files)}
    assignments = [f"{name}={value}" for name, value in settings.items()]
    url = f"http://127.0.0.1:{port}"
    with background(work, ["env", *assignments, third_party.python, *third_party.arguments]) as process:
        last_lines: deque[str] = deque(maxlen=3)
        # A full pipe would stop the emulator.
        reader = threading.Thread(target=_read, args=(work, process.stdout, last_lines), daemon=True)
        reader.start()
        until = time.monotonic() + LONGEST
        while not _answers(url):
            if process.poll() is not None:
                reader.join()
                raise NotHere(f"{third_party.name} ended when it started: {' '.join(last_lines) or 'no output'}")
            if time.monotonic() > until:
                raise NotHere(f"{third_party.name} did not answer.")
            time.sleep(0.5)
        yield url


def _read(work: Work, output: Iterator[str], last_lines: deque[str]) -> None:
    with contextlib.suppress(ValueError):  # Closed, when the emulator is stopped.
        for line in output:
            if line.strip():
                last_lines.append(line.strip())
                work.say(line.rstrip("\n"), quiet=True)


def _answers(url: str) -> bool:
    try:
        _NO_PROXY.open(url, timeout=LONGEST).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
