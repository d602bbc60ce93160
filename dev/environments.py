# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual environments, each with one ansible-core, the required collections, and a link to this collection."""

from __future__ import annotations

import configparser
import fcntl
import functools
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import interpreters
from interpreters import NEWEST, OLDEST, Core, Version
from layout import CACHE, COLLECTIONS, HOME, MORE_VENVS, NAME, NAMESPACE, REQUIREMENTS, ROOT, VENV

_STAMP = "made-from"
# The last release of ansible that contains awx.awx, which sets up AWX; its version there is 24.6.1.
_AWX = (("awx.awx", "13.8.0"),)


@dataclass(frozen=True)
class Environment:
    folder: Path
    collections: Path
    """The folder for ANSIBLE_COLLECTIONS_PATH. Its folder ansible_collections contains this collection and others."""
    core: Core
    python_version: Version
    requirements: tuple[str, ...]
    more_collections: tuple[tuple[str, str], ...] = ()
    """Collections in addition to amazon.aws, and the releases of ``ansible`` that contain them."""

    @property
    def brought(self) -> dict[str, str]:
        """All collections that are extracted from releases of ``ansible``."""
        return {"amazon.aws": self.core.ansible, **dict(self.more_collections)}

    @property
    def title(self) -> str:
        """As in ``core 2.19, Python 3.11``."""
        return f"core {self.core.version}, Python {self.dotted_python}"

    @property
    def dotted_python(self) -> str:
        return ".".join(map(str, self.python_version))

    @property
    def bin(self) -> Path:
        return self.folder / "bin"

    @property
    def python(self) -> Path:
        return self.bin / "python"

    @property
    def collection(self) -> Path:
        return self.collections / "ansible_collections" / NAMESPACE / NAME

    def variables(self) -> dict[str, str]:
        """The variables for programs: this environment first on PATH, without the user's settings of AWS
        and Ansible.
        """
        left_out = ("AWS_", "ANSIBLE_", "PYTHON")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
        return kept | {
            "PATH": f"{self.bin}{os.pathsep}{interpreters.real_path(os.environ.get('PATH', os.defpath))}",
            "VIRTUAL_ENV": str(self.folder),
            "HOME": str(HOME),
            "XDG_CACHE_HOME": str(HOME / ".cache"),
            "XDG_CONFIG_HOME": str(HOME / ".config"),
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections),
            "ANSIBLE_HOME": str(HOME / ".ansible"),
            # Otherwise ~ in this setting would be expanded with the user database instead of HOME.
            "ANSIBLE_REMOTE_TMP": str(HOME / ".ansible" / "tmp"),
            "AWS_EC2_METADATA_DISABLED": "true",
        }


def users_aws_settings() -> dict[str, str]:
    """The variables by which AWS's libraries find the user's credentials, as they do outside of make."""
    found = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    # The settings, and what `aws sso login` leaves, are in the home directory. Instance roles are as good as keys.
    home = {"HOME": os.environ["HOME"]} if "HOME" in os.environ else {}
    return {"AWS_EC2_METADATA_DISABLED": "false", **home, **found}


@functools.cache
def main() -> Environment:
    """.venv, for work in the checkout: the newest ansible-core for the current Python."""
    version = sys.version_info[:2]
    core = next((core for core in NEWEST if version in core.pythons), NEWEST[0])
    return Environment(VENV, COLLECTIONS, core, version, ("tests.txt", "newest.txt", "tools.txt"), _AWX)


@functools.cache
def newest() -> Environment:
    """The newest ansible-core that a Python of this machine can run, often in .venv."""
    pythons = interpreters.found()
    for core in NEWEST:
        able = [version for version in core.pythons if version in pythons]
        if able and core == main().core:
            return main()
        if able:
            return _more(core, able[-1], ("tests.txt", "newest.txt", "tools.txt"))
    return main()


@functools.cache
def oldest() -> Environment:
    """The oldest ansible-core that a Python of this machine can run, with the oldest supported libraries."""
    pythons = interpreters.found()
    for core in OLDEST:
        able = [version for version in core.pythons if version in pythons]
        if able:
            return _more(core, able[0], ("tests.txt", "oldest.txt"))
    raise SystemExit("No Python on this machine can run a tested ansible-core. Install a Python from 3.11 to 3.14.")


def clean(folder: Path) -> Environment:
    """An empty environment, on the newest Python of this machine that the oldest ansible-core supports."""
    pythons = interpreters.found()
    core = oldest().core
    version = max(version for version in core.pythons if version in pythons)
    return Environment(folder, folder / "collections", core, version, ())


def _more(core: Core, version: Version, requirements: tuple[str, ...]) -> Environment:
    folder = MORE_VENVS / f"{core.version}-py{version[0]}.{version[1]}"
    return Environment(folder, folder / "collections", core, version, requirements)


def prepare(environment: Environment) -> None:
    """Create or update the environment. If nothing has changed, this takes no time."""
    _prepare_home()
    with _lock(environment.folder.name):
        fingerprint = _fingerprint(environment)
        stamp = environment.folder / _STAMP
        if not (environment.python.is_file() and stamp.is_file() and stamp.read_text("utf-8") == fingerprint):
            stamp.unlink(missing_ok=True)
            _make(environment)
            stamp.write_text(fingerprint, "utf-8")
        _link_collection(environment)


def _make(environment: Environment) -> None:
    """Create the environment, and print the steps, because they take about a minute."""
    began = time.monotonic()
    name = environment.folder.relative_to(ROOT)
    _say(f"{name}: {environment.title}. It does not exist yet, or its requirements have changed. This takes a minute.")
    steps: list[tuple[str, Callable[[], None]]] = [
        ("Create the virtual environment", partial(make_venv, environment)),
        ("Install uv", partial(_install_uv, environment)),
        (f"Install {environment.core.requirement}, and the libraries and tools", partial(_install, environment)),
    ]
    steps += [
        (f"Download {collection}, from ansible {release}", partial(_bring_collection, environment, collection, release))
        for collection, release in environment.brought.items()
    ]
    for number, (text, step) in enumerate(steps, 1):
        _say(f"{name}: {number} of {len(steps)}. {text}")
        step()
    _say(f"{name}: ready after {time.monotonic() - began:.0f} seconds")


def _fingerprint(environment: Environment) -> str:
    parts = [environment.title, environment.core.requirement, str(environment.folder), repr(environment.brought)]
    parts += [(REQUIREMENTS / name).read_text("utf-8") for name in environment.requirements]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def make_venv(environment: Environment) -> None:
    """Create the environment with only pip. An existing one is removed."""
    shutil.rmtree(environment.folder, ignore_errors=True)
    base = interpreters.found()[environment.python_version]
    _call(environment, [base, "-m", "venv", environment.folder])


def _install_uv(environment: Environment) -> None:
    pip = [str(environment.python), "-m", "pip"]
    _call(environment, [*pip, "install", "-qq", "--disable-pip-version-check", "uv>=0.13,<1"])


def _install(environment: Environment) -> None:
    files = [part for name in environment.requirements for part in ("-r", str(REQUIREMENTS / name))]
    uv, pip = install_commands(environment.bin / "uv", environment.python, [*files, environment.core.requirement])
    done = subprocess.run(uv, cwd=ROOT, env=environment.variables(), check=False, capture_output=True, text=True)
    if done.returncode:
        _say(f"uv could not install the requirements: {done.stderr.strip()}. Installing them with pip.")
        _call(environment, pip)


def install_commands(uv: Path, python: Path, wanted: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the commands with which uv and pip install packages into the environment of a Python.

    uv takes a tenth of pip's time, but does not read pip's settings. If it fails because of that, use pip.

    :param wanted: requirements and options for files of requirements.
    """
    to = str(python)
    return (
        [str(uv), "pip", "install", "--quiet", "--system-certs", "--python", to, *wanted],
        [to, "-m", "pip", "install", "-qq", "--disable-pip-version-check", *wanted],
    )


def bring_collections(environment: Environment) -> None:
    """Extract the collections from wheels of the ``ansible`` package. This requires only PyPI, not Galaxy."""
    for collection, release in environment.brought.items():
        _bring_collection(environment, collection, release)


def _bring_collection(environment: Environment, collection: str, release: str) -> None:
    namespace, name = collection.split(".")
    shutil.rmtree(environment.collections / "ansible_collections" / namespace / name, ignore_errors=True)
    _bring(environment, f"ansible_collections/{namespace}/{name}/", f"ansible=={release}")


def _bring(environment: Environment, prefix: str, release: str) -> None:
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        pip = [str(environment.python), "-m", "pip", "download", "-qq", "--disable-pip-version-check"]
        _call(
            environment,
            [*pip, "--no-deps", "--ignore-requires-python", "--only-binary", ":all:", "--dest", folder, release],
        )
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            members = [name for name in archive.namelist() if name.startswith(prefix)]
            if not members:
                raise SystemExit(f"{release} from PyPI holds no {prefix}.")
            archive.extractall(environment.collections, members)


def _link_collection(environment: Environment) -> None:
    link = environment.collection
    if link.is_symlink() and link.resolve() == ROOT:
        return
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(os.path.relpath(ROOT, link.parent))


def _prepare_home() -> None:
    HOME.mkdir(parents=True, exist_ok=True)
    # git refuses to read a repository that another user owns, which is common in CI services.
    (HOME / ".gitconfig").write_text("[safe]\n\tdirectory = *\n[init]\n\tdefaultBranch = main\n", "utf-8")
    _hand_on_pip_settings()


def _hand_on_pip_settings() -> None:
    """Copy pip's settings: ansible-test removes PIP_*, and the changed HOME hides pip.conf, which may name a mirror."""
    configured = os.environ.get("PIP_CONFIG_FILE")
    users = [Path(configured)] if configured else [Path("~/.config/pip/pip.conf"), Path("~/.pip/pip.conf")]
    users = [path.expanduser() for path in users]
    settings = configparser.RawConfigParser()
    settings.read([path for path in users if not path.is_relative_to(HOME)], "utf-8")
    wanted = ("index-url", "extra-index-url", "find-links", "trusted-host", "cert", "proxy")
    for name in wanted:
        value = os.environ.get("PIP_" + name.upper().replace("-", "_"))
        if value:
            if not settings.has_section("global"):
                settings.add_section("global")
            settings.set("global", name, value)
    target = HOME / ".config" / "pip" / "pip.conf"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.touch(mode=0o600)
    with target.open("w", encoding="utf-8") as stream:
        settings.write(stream)


@contextmanager
def _lock(name: str) -> Iterator[None]:
    """Let concurrent make processes in one checkout take turns."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / f"{name.lstrip('.')}.lock").open("w", encoding="utf-8") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _call(environment: Environment, command: Sequence[str | Path]) -> None:
    done = subprocess.run(command, cwd=ROOT, env=environment.variables(), check=False)
    if done.returncode:
        words = " ".join(map(str, command))
        raise SystemExit(f"Setup failed: {words} ended with {done.returncode}. It requires access to PyPI or a mirror.")


def _say(text: str) -> None:
    print(f"set-up  {text}", flush=True)
