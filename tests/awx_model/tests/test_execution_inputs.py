# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inputs of a job, without running it: awx/main/models/credential.py, inventory.py and utils/safe_yaml.py."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from awx_model.execution import CredentialInputs, JobInputs, run_job
from awx_model.execution.credentials import Injected, inject, vault_passwords
from awx_model.execution.extra_vars import dump_unsafe, extra_vars_file
from awx_model.execution.inventory import script, script_data
from awx_model.execution.private_data import lay_out


def _custom(injectors: dict[str, Any], values: dict[str, str | bool], *fields: dict[str, Any]) -> CredentialInputs:
    return CredentialInputs("A credential", {"fields": list(fields)}, injectors, values)


def _injected(credential: CredentialInputs, env: Path) -> Injected:
    injected = Injected()
    inject(credential, env, injected)
    return injected


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_one_file(tmp_path: Path) -> None:
    injectors = {"file": {"template": "[{{ name }}]\n"}, "env": {"CONFIG": "{{ tower.filename }}"}}
    path = Path(_injected(_custom(injectors, {"name": "default"}), tmp_path).environment["CONFIG"])
    assert (path.parent, path.name[:3], path.read_text("utf-8"), _mode(path)) == (tmp_path, "tmp", "[default]", 0o600)


def test_several_files_and_where_they_are(tmp_path: Path) -> None:
    injectors = {
        "file": {"template.payments": "{{ payments }}", "template.ledger": "{{ ledger }}"},
        "extra_vars": {"files": {"{{ key }}": ["{{ tower.filename.payments }}", "{{ tower.filename.ledger }}"]}},
    }
    values: dict[str, str | bool] = {"payments": "of payments", "ledger": "{{ 1 + 1 }}", "key": "both"}
    option, argument = _injected(_custom(injectors, values), tmp_path).arguments
    variables = Path(argument.removeprefix("@"))
    assert (option, _mode(variables)) == ("-e", 0o400)
    text = variables.read_text("utf-8")
    assert text.count("!unsafe") == 4, "also the keys"
    (paths,) = yaml.safe_load(text.replace("!unsafe", "!!str"))["files"].values()
    assert [Path(path).read_text("utf-8") for path in paths] == ["of payments", "{{ 1 + 1 }}"]


def test_blocked_variables_of_a_credential_are_dropped(tmp_path: Path) -> None:
    names = ("ANSIBLE_STDOUT_CALLBACK", "PATH", "JOB_ID", "AWS_PROFILE")
    credential = _custom({"env": dict.fromkeys(names, "{{ value }}")}, {"value": "x"})
    assert _injected(credential, tmp_path).environment == {"AWS_PROFILE": "x"}


def test_template_values_of_empty_fields(tmp_path: Path) -> None:
    fields = (
        {"id": "verify", "type": "boolean"},
        {"id": "empty", "type": "string"},
        {"id": "key", "type": "string", "format": "ssh_private_key"},
    )
    template = "{{ verify }}|{{ empty is defined }}|{{ key }}|"
    credential = _custom({"env": {"SEEN": template}}, {"empty": "", "key": "-----END"}, *fields)
    assert _injected(credential, tmp_path).environment == {"SEEN": "False|False|-----END\n|"}


@pytest.mark.parametrize("token", ["", "a token"], ids=["without a token", "with a token"])
def test_amazon_web_services(tmp_path: Path, token: str) -> None:
    values: dict[str, str | bool] = {"username": "111122223333", "password": "secret", "security_token": token}
    credential = CredentialInputs("AWS", inputs=values, managed_kind="aws")
    more = {"AWS_SECURITY_TOKEN": token, "AWS_SESSION_TOKEN": token} if token else {}
    expected = {"AWS_ACCESS_KEY_ID": "111122223333", "AWS_SECRET_ACCESS_KEY": "secret", **more}
    assert _injected(credential, tmp_path).environment == expected
    assert list(tmp_path.iterdir()) == []


def _vault(**values: str) -> CredentialInputs:
    return CredentialInputs("Vault", inputs=values, managed_kind="vault")


def test_passwords_of_vault() -> None:
    asked = _vault(vault_password="ASK", vault_id="asked")
    several = (_vault(vault_password="a"), _vault(vault_password="b", vault_id="keys"), _vault(vault_id="none"), asked)
    assert vault_passwords(several) == {"": "a", "keys": "b"}


@pytest.mark.parametrize(
    ("credentials", "explanation"),
    [
        pytest.param([_vault(vault_password="a", vault_id="k")] * 2, "multiple vault credentials", id="one ID twice"),
        pytest.param([_custom({"file": {"template": "{{ x }"}}, {})], "A credential: ", id="a faulty template"),
        pytest.param(
            [_custom({"file": {"template": "{{ x.__class__.mro() }}"}}, {"x": "y"})],
            "A credential: ",
            id="out of the sandbox",
        ),
        pytest.param([CredentialInputs("M", managed_kind="ssh")], "M: credentials of the type ssh", id="SSH"),
    ],
)
def test_a_job_that_is_not_started(tmp_path: Path, credentials: list[CredentialInputs], explanation: str) -> None:
    project, place = tmp_path / "project", tmp_path / "jobs"
    project.mkdir()
    place.mkdir()
    result = run_job(JobInputs(1, project, "any.yml", credentials=tuple(credentials)), place)
    assert (result.status, result.rc, result.private_data_dir, result.events) == ("error", None, None, [])
    assert result.explanation.startswith(explanation)
    assert list(place.iterdir()) == [], "not even the files of other credentials"


def test_only_unchanged_template_variables_are_trusted() -> None:
    variables = {"own": ["{{ a }}"], "changed": "{{ b }}", "launched": {"key": "{{ c }}"}, "number": 3}
    text = dump_unsafe(variables, {"own": ["{{ a }}"], "changed": "{{ other }}", "number": 3})
    assert text.splitlines() == [
        "own:",
        "- '{{ a }}'",
        "!unsafe 'changed': !unsafe '{{ b }}'",
        "!unsafe 'launched':",
        "  !unsafe 'key': !unsafe '{{ c }}'",
        "number: 3",
    ]


def test_only_awx_sets_the_launching_user() -> None:
    job = JobInputs(9, Path(), "any.yml", extra_vars={"awx_user_name": "a lie"}, meta={"user_name": "ann"})
    variables = yaml.safe_load(extra_vars_file(job).replace("!unsafe", "!!str"))
    assert variables == {
        "awx_user_name": "ann",
        "awx_job_id": 9,
        "awx_job_launch_type": "manual",
        "tower_user_name": "ann",
        "tower_job_id": 9,
        "tower_job_launch_type": "manual",
    }


def _laid_out(tmp_path: Path, **more: Any) -> tuple[Path, dict[str, Any]]:
    (tmp_path / "project" / ".git").mkdir(parents=True)
    (tmp_path / "project" / "shared").symlink_to("elsewhere")
    (tmp_path / "project" / "ansible.cfg").write_text("[defaults]\nroles_path = shared:~/.ansible/roles\n", "utf-8")
    return lay_out(JobInputs(9, tmp_path / "project", "any.yml", **more), tmp_path)


def test_a_private_data_directory(tmp_path: Path) -> None:
    private, parameters = _laid_out(tmp_path, environment={"ANSIBLE_COLLECTIONS_PATH": "/of/the/image"})
    assert {str(path.relative_to(private)) for path in private.rglob("*")} == {
        *("cp", "env", "env/cmdline", "env/extravars", "env/settings", "inventory", "inventory/hosts"),
        *("project", "project/ansible.cfg", "project/shared"),
    }
    assert (private / "project" / "shared").readlink() == Path("elsewhere")
    assert (private / "env" / "cmdline").read_text("utf-8") == "-u root"
    variables = parameters["envvars"]
    assert (
        variables["ANSIBLE_COLLECTIONS_PATH"]
        == f"{private}/requirements_collections:~/.ansible/collections:/of/the/image"
    )
    of_machine = "/usr/share/ansible/roles:/etc/ansible/roles"
    of_project = "shared:~/.ansible/roles"
    assert variables["ANSIBLE_ROLES_PATH"] == f"{private}/requirements_roles:{of_project}:~/.ansible/roles:{of_machine}"
    assert parameters["passwords"] == {r"Vault password:\s*?$": ""}


def test_a_command_line(tmp_path: Path) -> None:
    vaults = (_vault(vault_password="a"), _vault(vault_password="b", vault_id="keys"))
    options = {
        "job_type": "check",
        "diff_mode": True,
        "forks": 7,
        "limit": "a:b c",
        "verbosity": 9,
        "job_tags": "t",
        "skip_tags": "s",
    }
    private, parameters = _laid_out(tmp_path, credentials=vaults, **options)
    assert shlex.split((private / "env" / "cmdline").read_text("utf-8")) == [
        *("--check", "-u", "root", "--diff", "--ask-vault-pass", "--vault-id", "keys@prompt"),
        *("--forks=7", "-l", "a:b c", "-vvvvv", "-t", "t", "--skip-tags=s"),
    ]
    assert parameters["passwords"] == {r"Vault password:\s*?$": "a", r"Vault password \(keys\):\s*?$": "b"}


INVENTORY = {
    "variables": {"everywhere": True},
    "hosts": {"c": {"region": "us-east-1"}, "a": {}, "d": {}, "b": {}, "e": {}},
    "groups": {"pci": {"hosts": ["a", "b"], "variables": {"strict": True}}, "both": {"children": ["pci"]}, "none": {}},
}


def test_an_inventory() -> None:
    data = script_data(INVENTORY)
    said = {"remote_host_enabled": "true", "remote_host_id": 3, "remote_tower_enabled": "true", "remote_tower_id": 3}
    assert data.pop("_meta")["hostvars"]["c"] == {"region": "us-east-1", **said}
    assert data == {
        "all": {"hosts": ["c", "d", "e"], "vars": {"everywhere": True}, "children": ["pci", "both", "none"]},
        "pci": {"hosts": ["a", "b"], "vars": {"strict": True}},
        "both": {"children": ["pci"]},
    }


@pytest.mark.parametrize(
    ("number", "hosts"), [(1, ["a", "c", "e"]), (2, ["b", "d"]), (0, ["a", "b", "c", "d", "e"])], ids=["1", "2", "none"]
)
def test_slices(number: int, hosts: list[str]) -> None:
    data = script_data(INVENTORY, number, 2)
    assert sorted(data["_meta"]["hostvars"]) == hosts
    assert sorted(data["all"]["hosts"] + data["pci"]["hosts"]) == hosts


def test_an_inventory_is_a_program(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_text(script({"variables": {"text": 'it\'s "quoted"\n\\ ü'}}, 0, 1), "utf-8")
    output = subprocess.run([sys.executable, str(path)], check=True, capture_output=True).stdout
    assert json.loads(output)["all"]["vars"] == {"text": 'it\'s "quoted"\n\\ ü'}
