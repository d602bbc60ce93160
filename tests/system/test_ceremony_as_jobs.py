# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A ceremony in several jobs of a controller: bundles as statistics and files, check codes as text of a survey."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
import yaml

from .ceremonies import Ceremony, codes_of, one_key
from .on_time import emulator_on_time
from .playbooks import Run

emulator = emulator_on_time

CODE = "A2BC-3DEF-GHI4-JKL5-MNO6"


def statistics(run: Run) -> list[dict[str, Any]]:
    return [one["result"]["ansible_stats"] for one in run.tasks if "ansible_stats" in one["result"]]


def as_text(codes: dict[str, str]) -> str:
    """As people type: blank lines, spaces, other line ends, small letters."""
    return "\r\n".join(["", *(f"  {name} :{code.lower()}  " for name, code in codes.items()), "", ""])


@pytest.mark.every_core
def test_the_bundles_are_handed_on_to_the_byte(ceremony: Ceremony) -> None:
    """The check code depends on the bytes. It is not passed on with them."""
    run = ceremony.run(ceremony.exporter, "export", ceremony_publish=True).ok()
    (handed,) = statistics(run)
    assert (handed["per_host"], handed["aggregate"]) == (False, False)
    assert list(handed["data"]) == ["cloudkeys_ceremony_parameters"]
    texts = handed["data"]["cloudkeys_ceremony_parameters"]
    folder = ceremony.exporter.folder / "bundles"
    assert {name: text.encode() for name, text in texts.items()} == {
        name: (folder / f"{name}.parameters.json").read_bytes() for name in ceremony.keys
    }
    codes = codes_of(run)
    assert not any(code in str(handed) for code in codes.values())
    # Another machine writes down what the job shows.
    bundles = ceremony.custodian.folder / "bundles"
    bundles.mkdir()
    for name, text in texts.items():
        (bundles / f"{name}.parameters.json").write_bytes(text.encode())
    wrapped = codes_of(ceremony.run(ceremony.custodian, "wrap", ceremony_check_codes=as_text(codes)).ok())
    ceremony.carry("wrapped", ceremony.custodian, ceremony.importer)
    ceremony.run(ceremony.importer, "import", ceremony_check_codes=as_text(wrapped)).ok()
    assert {key.state for key in ceremony.keys.values()} == {"Enabled"}


@one_key
def test_no_bundle_is_handed_on_unasked(ceremony: Ceremony) -> None:
    assert statistics(ceremony.run(ceremony.exporter, "export").ok()) == []
    given = {"ceremony_keys": ceremony.listed(), "ceremony_folder": "bundles", "ceremony_publish": True}
    (ceremony.exporter.folder / "ceremony.yml").write_text(yaml.safe_dump(given), "utf-8")
    command = ["ansible-playbook", "cloudkeys.aws.ceremony_export", "-e", "@ceremony.yml", "--check"]
    assert statistics(ceremony.exporter.command(command).ok()) == []


@one_key
def test_a_wrapped_bundle_elsewhere(ceremony: Ceremony) -> None:
    """For example, the file of a credential with any name. A relative path starts in the current folder."""
    codes = ceremony.export_and_wrap()
    folder = ceremony.importer.folder
    shutil.move(folder / "bundles" / "key-0.wrapped.json", folder / "tmp1a2b")
    ceremony.run(ceremony.importer, "import", codes).failed()
    for path in ("tmp1a2b", str(folder / "tmp1a2b")):
        listed = ceremony.listed(wrapped_bundle_src=path)
        ceremony.run(ceremony.importer, "import", codes, ceremony_keys=listed).ok()
        assert ceremony.keys["key-0"].state == "Enabled"


@one_key
@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param(f"key-0 {CODE}", "1", id="no-colon"),
        pytest.param(f"key-0: {CODE}\nkey-1:", "2", id="no-code"),
        pytest.param(f"key-0: {CODE}\n\n: {CODE}\n", "3", id="no-name"),
        pytest.param(f"key-0: {CODE}, key-1: {CODE}", "1", id="two-in-a-line"),
        pytest.param(f"{{'key-0': '{CODE}'}}", "1", id="a-dictionary-as-text"),
        pytest.param(f"key-0: {CODE} # read by phone", "1", id="a-comment"),
        pytest.param(f"key-0: {CODE}\nkey-0: {CODE[::-1]}", None, id="twice"),
    ],
)
@pytest.mark.parametrize("step", ["wrap", "import"])
def test_a_line_that_is_none(ceremony: Ceremony, step: str, text: str, lines: str | None) -> None:
    """The playbook does not guess: it could use the code of another bundle."""
    project = {"wrap": ceremony.custodian, "import": ceremony.importer}[step]
    said = ceremony.run(project, step, ceremony_check_codes=text).failed().results[-1]["msg"]
    assert said.startswith("ceremony_check_codes must be a dictionary of names and check codes, or a text with")
    assert said.endswith(f" These lines are invalid: {lines}." if lines else "Each name must occur only once.")


@one_key
def test_codes_of_another_type(ceremony: Ceremony) -> None:
    said = ceremony.run(ceremony.importer, "import", ceremony_check_codes=[CODE]).failed().results[-1]["msg"]
    assert said.startswith("ceremony_check_codes must be a dictionary")
    said = ceremony.run(ceremony.importer, "import", ceremony_check_codes="key-1: A2BC").failed().results[-1]["msg"]
    assert said.startswith("ceremony_check_codes has no check code for key-0.")


@one_key
def test_a_host_of_the_inventory(ceremony: Ceremony) -> None:
    """The list, folder, and Region of the host apply. Two hosts would write the same files."""
    own = {
        "ansible_connection": "local",
        "ceremony_keys": ceremony.listed(),
        "ceremony_folder": "treasury",
        "cloudkeys_region": "us-east-1",
        "cloudkeys_account_id": ceremony.exporter.account,
    }
    hosts = {"treasury": own, "payments": {**own, "ceremony_folder": "payments"}}
    folder = ceremony.exporter.folder
    (folder / "inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}), "utf-8")
    ceremony.exporter.environment["AWS_REGION"] = "sa-east-1"
    command = ["ansible-playbook", "cloudkeys.aws.ceremony_export", "-i", "inventory.yml"]
    refused = ceremony.exporter.command([*command, "-e", "cloudkeys_hosts=all"]).failed()
    assert "cloudkeys_hosts names 2 hosts, but a ceremony is for one" in refused.results[-1]["msg"]
    assert not (folder / "treasury").exists()
    ceremony.exporter.command([*command, "-e", "cloudkeys_hosts=treasury"]).ok()
    assert [path.name for path in (folder / "treasury").iterdir()] == ["key-0.parameters.json"]
    # As before, it is localhost that nothing else is said of.
    assert "ceremony_keys must be a list" in ceremony.exporter.command(command).failed().results[-1]["msg"]
