# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How credentials get into a job: by files, environment variables, extra variables, and answers to prompts."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from .extra_vars import dump_unsafe
from .inputs import CredentialInputs, NotStarted

#: What no credential may set; beginning with ANSIBLE_, neither.
BLOCKED: Final = frozenset(
    {
        "AD_HOC_COMMAND_ID",
        "AWX_HOST",
        "CACHE",
        "CALLBACK_CONNECTION",
        "CALLBACK_QUEUE",
        "INVENTORY_HOSTVARS",
        "INVENTORY_ID",
        "INVENTORY_SOURCE_ID",
        "INVENTORY_UPDATE_ID",
        "JOB_CALLBACK_DEBUG",
        "JOB_ID",
        "MAX_EVENT_RES",
        "PATH",
        "PROJECT_REVISION",
        "PYTHONPATH",
        "REST_API_TOKEN",
        "REST_API_URL",
        "SUPERVISOR_CONFIG_PATH",
        "VIRTUAL_ENV",
    }
)


@dataclass
class Injected:
    """What credentials have added to a job."""

    environment: dict[str, str] = field(default_factory=dict)
    arguments: list[str] = field(default_factory=list)


def inject(credential: CredentialInputs, env: Path, injected: Injected) -> None:
    """:param env: the private data directory's folder of that name, for the files."""
    if credential.managed_kind == "vault":
        return  # Its password is typed: see vault_passwords.
    if credential.managed_kind == "aws":
        injected.environment |= _aws(credential)
        return
    if credential.managed_kind:
        raise NotStarted(f"{credential.name}: credentials of the type {credential.managed_kind} are not modeled here.")
    try:
        _inject_custom(credential, env, injected)
    except TemplateError as error:
        raise NotStarted(f"{credential.name}: {error}") from error


def vault_passwords(credentials: tuple[CredentialInputs, ...]) -> dict[str, str]:
    """The passwords by vault ID, which is empty for the one credential that has none."""
    passwords: dict[str, str] = {}
    for credential in credentials:
        if credential.managed_kind != "vault":
            continue
        identity = str(credential.inputs.get("vault_id", ""))
        if identity and identity in passwords:
            raise NotStarted(f"multiple vault credentials were specified with --vault-id {identity}@prompt")
        password = str(credential.inputs.get("vault_password", ""))
        # What a launcher is asked for is not modeled; without a password AWX has Ansible ask for none.
        if password not in ("", "ASK"):
            passwords[identity] = password
    return passwords


def _aws(credential: CredentialInputs) -> dict[str, str]:
    variables = {
        "AWS_ACCESS_KEY_ID": str(credential.inputs.get("username", "")),
        "AWS_SECRET_ACCESS_KEY": str(credential.inputs.get("password", "")),
    }
    if token := str(credential.inputs.get("security_token", "")):
        variables |= {"AWS_SECURITY_TOKEN": token, "AWS_SESSION_TOKEN": token}
    return variables


def _inject_custom(credential: CredentialInputs, env: Path, injected: Injected) -> None:
    sandbox = ImmutableSandboxedEnvironment()
    tower = SimpleNamespace()
    values = {"tower": tower, **_values(credential)}

    def render(template: str) -> str:
        return sandbox.from_string(template).render(**values)

    for label, template in credential.injectors.get("file", {}).items():
        path = _write(env, render(template))
        # "template" is the only file, "template.payments" one of several.
        _all, dot, name = label.partition(".")
        if not dot:
            tower.filename = str(path)
            continue
        if not hasattr(tower, "filename"):
            tower.filename = SimpleNamespace()
        setattr(tower.filename, name, str(path))
    for name, template in credential.injectors.get("env", {}).items():
        if name not in BLOCKED and not name.startswith("ANSIBLE_"):
            injected.environment[name] = render(template)
    if variables := _rendered(credential.injectors.get("extra_vars", {}), render):
        path = _write(env, dump_unsafe(variables))
        path.chmod(0o400)
        injected.arguments += ["-e", f"@{path}"]


def _values(credential: CredentialInputs) -> dict[str, str | bool]:
    """What templates may use. A field that is empty is not defined, unless it is yes or no."""
    values: dict[str, str | bool] = {
        name: value for name, value in credential.inputs.items() if isinstance(value, bool) or value
    }
    for described in credential.type_inputs.get("fields", []):
        name = described["id"]
        if described.get("type") == "boolean":
            values.setdefault(name, False)
        value = values.get(name)
        if described.get("format") == "ssh_private_key" and isinstance(value, str) and not value.endswith("\n"):
            values[name] = value + "\n"
    return values


def _rendered(node: Any, render: Callable[[str], str]) -> Any:
    """A tree with each text, those that are keys included, as the template that it is."""
    if isinstance(node, Mapping):
        return {_rendered(key, render): _rendered(value, render) for key, value in node.items()}
    if isinstance(node, list):
        return [_rendered(value, render) for value in node]
    return render(node)


def _write(env: Path, text: str) -> Path:
    """A file with a name of its own, which the user of the job alone may read."""
    descriptor, name = tempfile.mkstemp(dir=env)
    os.close(descriptor)
    path = Path(name)
    path.write_text(text, "utf-8")
    return path
