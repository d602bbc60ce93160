# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The private data directory of a job, and the other settings for ansible-runner."""

from __future__ import annotations

import json
import shutil
import tempfile
from configparser import ConfigParser
from pathlib import Path
from typing import Any, Final

from ansible_runner.utils import args2cmdline

from . import inventory
from .credentials import Injected, inject, vault_passwords
from .extra_vars import extra_vars_file
from .inputs import JobInputs, NotStarted

#: AWX_RUNNER_SUPPRESS_OUTPUT_FILE and what goes with it: the output is in the events alone.
_SETTINGS: Final = {"job_timeout": 0, "suppress_ansible_output": True, "suppress_output_file": True}
#: AWX's own settings that begin with ANSIBLE_.
_AWX_SETTINGS: Final = {
    "ANSIBLE_FORCE_COLOR": "True",
    "ANSIBLE_HOST_KEY_CHECKING": "False",
    "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True",
    "ANSIBLE_PARAMIKO_RECORD_HOST_KEYS": "False",
}


def lay_out(job: JobInputs, folder: Path) -> tuple[Path, dict[str, Any]]:
    """:returns: the private data directory, made in *folder*, and the parameters of ansible-runner."""
    private = Path(tempfile.mkdtemp(prefix=f"awx_{job.job_id}_", dir=folder))
    try:
        return private, _fill(job, private)
    except NotStarted:
        shutil.rmtree(private)
        raise


def _fill(job: JobInputs, private: Path) -> dict[str, Any]:
    for name in ("inventory", "env"):
        (private / name).mkdir()
    (private / "cp").mkdir(mode=0o700)
    shutil.copytree(job.project, private / "project", ignore=shutil.ignore_patterns(".git"), symlinks=True)
    passwords = vault_passwords(job.credentials)
    injected = Injected(_environment(job, private), _arguments(job, passwords))
    _write(private / "env" / "extravars", extra_vars_file(job))
    for credential in job.credentials:
        inject(credential, private / "env", injected)
    # The extra variables of credentials are on this line, and the variables of the job come after it: they win.
    _write(private / "env" / "cmdline", args2cmdline(*injected.arguments))
    script = inventory.script(job.inventory, job.slice_number, job.slice_count)
    _write(private / "inventory" / "hosts", script, 0o700)
    _write(private / "env" / "settings", json.dumps(_SETTINGS))
    return {
        "ident": job.job_id,
        "playbook": job.playbook,
        "inventory": str(private / "inventory" / "hosts"),
        "passwords": _prompts(passwords),
        # AWX_RUNNER_OMIT_ENV_FILES: neither the environment nor the passwords become files in env.
        "suppress_env_files": True,
        "envvars": injected.environment,
        "fact_cache_type": "",
    }


def _write(path: Path, text: str, mode: int = 0o600) -> None:
    path.touch(mode)
    path.write_text(text, "utf-8")


def _arguments(job: JobInputs, vaults: dict[str, str]) -> list[str]:
    """Of ansible-playbook, before those that credentials and ansible-runner add."""
    asked = [(f"--vault-id={name}@prompt".split("=") if name else ["--ask-vault-pass"]) for name in vaults]
    return [
        *(["--check"] if job.job_type == "check" else []),
        # Not the user under whom the job runs; a credential of a machine would say another.
        *["-u", "root"],
        *(["--diff"] if job.diff_mode else []),
        *[argument for arguments in asked for argument in arguments],
        *([f"--forks={job.forks}"] if job.forks else []),
        *(["-l", job.limit] if job.limit else []),
        *([f"-{'v' * min(5, job.verbosity)}"] if job.verbosity else []),
        *(["-t", job.job_tags] if job.job_tags else []),
        *([f"--skip-tags={job.skip_tags}"] if job.skip_tags else []),
    ]


def _prompts(vaults: dict[str, str]) -> dict[str, str]:
    """What ansible-runner types, by regular expressions of what it is asked."""
    named = {rf"Vault password \({name}\):\s*?$": password for name, password in vaults.items() if name}
    return {r"Vault password:\s*?$": vaults.get("", ""), **named}


def _environment(job: JobInputs, private: Path) -> dict[str, str]:
    """The variables that AWX sets, over the variables of the image."""
    return {
        **_AWX_SETTINGS,
        "AWX_PRIVATE_DATA_DIR": str(private),
        "JOB_ID": str(job.job_id),
        "INVENTORY_ID": str(job.inventory.get("id", 1)),
        "PROJECT_REVISION": str(job.meta.get("project_revision", "")),
        "ANSIBLE_RETRY_FILES_ENABLED": "False",
        "MAX_EVENT_RES": "700000",
        "AWX_HOST": "https://platformhost",
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(private / "cp"),
        **_search_paths(job, private),
    }


def _search_paths(job: JobInputs, private: Path) -> dict[str, str]:
    """For roles and collections: what the project requires, what its ansible.cfg says, the user's, the image's.

    AWX replaces the image's own variables by this.
    """
    image = job.environment.get("ANSIBLE_COLLECTIONS_PATH", "/usr/share/ansible/collections")
    collections = ["~/.ansible/collections", *image.split(":")]
    # ansible-runner takes the first of these for a folder in "roles". Nothing is there, either way.
    roles = ["~/.ansible/roles", "/usr/share/ansible/roles", "/etc/ansible/roles"]
    kinds = {
        "ANSIBLE_COLLECTIONS_PATHS": ("collections_paths", "requirements_collections", collections),
        "ANSIBLE_COLLECTIONS_PATH": ("collections_path", "requirements_collections", collections),
        "ANSIBLE_ROLES_PATH": ("roles_path", "requirements_roles", roles),
    }
    said = ConfigParser()
    said.read(private / "project" / "ansible.cfg", "utf-8")
    paths = {}
    for variable, (setting, folder, others) in kinds.items():
        of_project = said.get("defaults", setting, fallback="")
        more = [of_project] if of_project and not set(of_project.split(":")) <= set(others) else []
        paths[variable] = ":".join([str(private / folder), *more, *others])
    return paths
