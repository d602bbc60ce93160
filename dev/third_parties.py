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
from environments import install_commands
from interpreters import Version
from layout import BUILD, HOME, REQUIREMENTS
from pytest_suites import run_suite
from work import LONGEST, Done, Failed, Work, background

_FOLDER = BUILD / "third-parties"
_NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class ThirdPartyEmulator:
    name: str
    requirements: Path
    pythons: tuple[Version, ...]
    """The versions that run the emulator, the preferred one first."""
    arguments: tuple[str, ...]
    """The arguments with which the Python of its environment starts it."""
    variables: Callable[[int, Path], dict[str, str]]
    """The environment variables, for a port and for a folder that the emulator may use."""

    @property
    def folder(self) -> Path:
        return _FOLDER / self.requirements.stem

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"


MINISTACK = ThirdPartyEmulator(
    name="MiniStack",
    requirements=REQUIREMENTS / "ministack.txt",
    pythons=((3, 13), (3, 12), (3, 11)),
    arguments=("-m", "ministack"),
    variables=lambda port, _folder: {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "SERVICES": "kms"},
)
LOCALSTACK = ThirdPartyEmulator(
    name="LocalStack",
    requirements=REQUIREMENTS / "localstack.txt",
    # Its metadata requires 3.10, but its code has syntax of 3.12.
    pythons=((3, 13), (3, 12)),
    arguments=("-m", "localstack.runtime.main"),
    variables=lambda port, folder: {
        "GATEWAY_LISTEN": f"127.0.0.1:{port}",
        "LOCALSTACK_HOST": f"127.0.0.1:{port}",
        "FILESYSTEM_ROOT": str(folder),
        "SERVICES": "kms",
        # Do not report usage, download a certificate, or start a name server.
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DNS_ADDRESS": "0",
    },
)


def run_third_party(work: Work, third_party: ThirdPartyEmulator) -> Done:
    try:
        install(work, third_party)
        with started(work, third_party) as url:
            variables = {"THIRD_PARTY_NAME": third_party.name, "THIRD_PARTY_URL": url}
            return run_suite(work, "third_parties", options=("-n", "0"), variables=variables)
    except Unavailable as reason:
        work.say(f"{third_party.name} is skipped: {reason}")
        return Done(1, f"emulator skipped: {reason}")


class Unavailable(Exception):
    """The emulator cannot be installed or started on this machine. The text is the reason."""


def install(work: Work, third_party: ThirdPartyEmulator) -> None:
    """Install the emulator, if its requirements or the Python have changed.

    :raises Unavailable: this machine has no Python for it, or the installation fails.
    """
    found = interpreters.found()
    python = next((found[version] for version in third_party.pythons if version in found), None)
    if python is None:
        versions = " or ".join(".".join(map(str, version)) for version in third_party.pythons)
        raise Unavailable(f"{third_party.name} requires Python {versions}.")
    stamp = third_party.folder / "made-from"
    fingerprint = hashlib.sha256(third_party.requirements.read_bytes() + str(python).encode()).hexdigest()
    if stamp.is_file() and stamp.read_text("utf-8") == fingerprint:
        return
    shutil.rmtree(third_party.folder, ignore_errors=True)
    work.run([python, "-m", "venv", third_party.folder])
    wanted = ["-r", str(third_party.requirements)]
    for command in install_commands(work.environment.bin / "uv", third_party.python, wanted):
        with contextlib.suppress(Failed):
            work.run(command)
            stamp.write_text(fingerprint, "utf-8")
            return
    raise Unavailable(f"PyPI has no set of packages for {third_party.requirements.name} that installs here.")


@contextlib.contextmanager
def started(work: Work, third_party: ThirdPartyEmulator) -> Iterator[str]:
    """Run the emulator for the duration of the block. Yields its address."""
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
                raise Unavailable(f"{third_party.name} ended when it started: {' '.join(last_lines) or 'no output'}")
            if time.monotonic() > until:
                raise Unavailable(f"{third_party.name} did not answer.")
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
