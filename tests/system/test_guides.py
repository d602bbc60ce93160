# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every file and command of the guides, as a reader writes and types them, with the documented output."""

from __future__ import annotations

import http.server
import json
import os
import re
import socket
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import NEVER, run_one, with_days
from support.materials import SYMMETRIC, new_material
from support.waiting import until

from .awx import BROWSER, awx_for
from .guides import Command, File, follow, steps
from .on_time import emulator_on_time
from .playbooks import Project

emulator = emulator_on_time
CHECKOUT = Path(__file__).resolve().parents[2]
GIT_SERVER = "https://git.example.com/platform/cloudkeys-project.git"
AUTHOR = {f"GIT_{who}_{what}": "reader@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
KEY_FILES = ("payments", "webhooks", "ledger")
GUIDES = CHECKOUT / "docs" / "docsite" / "rst"


def guide(name: str) -> list[File | Command]:
    found = list(steps((GUIDES / f"guide_{name}.rst").read_text("utf-8")))
    assert any(isinstance(step, Command) for step in found)
    return found


def aliased(client: Any, alias: str) -> ExternalKey:
    key = ExternalKey.create(client)
    client.create_alias(AliasName=alias, TargetKeyId=key.id)
    return key


def test_every_guide_is_followed() -> None:
    """A new guide requires a test here. The test of the installation guide is in test_installation.py."""
    names = {path.stem.removeprefix("guide_") for path in GUIDES.glob("*.rst")} - {"install"}
    assert names == {name.removeprefix("test_guide_") for name in globals() if name.startswith("test_guide_")}


def test_guide_quickstart(tmp_path: Path) -> None:
    """The reader has a checkout and an empty home. The guide starts the emulator."""
    port = _free_port()
    todo: list[File | Command] = []
    for step in guide("quickstart"):
        if isinstance(step, Command):
            todo.append(replace(step, line=step.line.replace("4599", str(port))))
            if step.line.endswith("&"):
                # A user does not type as fast as this shell.
                todo.append(Command(f"until (: < /dev/tcp/127.0.0.1/{port}) 2>/dev/null; do sleep 0.1; done"))
        else:
            todo.append(step)
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    # What Ansible finds for the hosts of an inventory may be any Python of the machine, and one without boto3.
    found = {"ANSIBLE_PYTHON_INTERPRETER": "/not/the/python/of/ansible"}
    follow(todo, CHECKOUT, {**kept, **found, "HOME": str(tmp_path)})
    report = (tmp_path / "payments" / "expiry-report" / "expiry-report.html").read_text("utf-8")
    assert "payments" in report


def test_guide_fleet(project: Project) -> None:
    """Any Region works: the task names one, and the playbook uses the reader's."""
    project.region = "eu-central-1"
    follow(guide("fleet"), project.folder, project.variables())


def test_guide_awx(project: Project, emulator: Emulator) -> None:
    """A script replaces the steps in a browser. This checkout and a folder replace Galaxy and the git server."""
    with awx_for(project, emulator) as awx:
        awx.model.add_project(GIT_SERVER, project.folder / "cloudkeys-project")
        for name, account in (("treasury", "222233334444"), ("retail", "333344445555")):
            awx.accounts[name] = account
        (project.home / ".aws").mkdir()
        (project.home / ".aws" / "credentials").write_text(awx.profiles(), "utf-8")
        (project.folder / "browser.py").write_text(BROWSER, "utf-8")
        follow(list(in_a_browser(guide("awx"))), project.folder, without_keys(project.variables(AUTHOR)))
        keys = [awx.key(emulator, *key) for key in (("treasury", "payments"), ("retail", "webhooks"))]
        assert [key.state for key in keys] == ["Enabled"] * 2
        assert awx.key(emulator, "treasury", "ledger").state == "Enabled"
        assert awx.search([(project.folder / f"{name}.key").read_bytes() for name in KEY_FILES]) == []


def without_keys(environment: Mapping[str, str]) -> dict[str, str]:
    """As it is where profiles say who asks."""
    return {name: value for name, value in environment.items() if not name.startswith(("AWS_ACCESS", "AWS_SECRET"))}


def in_a_browser(todo: Iterable[File | Command]) -> Iterator[File | Command]:
    """The steps of the guide, and what its reader does between them."""
    code = f"{_code('ceremony/ledger.%s.json')}"
    for step in todo:
        if isinstance(step, File):
            yield step
            if step.name == "codes.yml":
                yield Command(f"sed -i s/ABCD-.*/{code % 'parameters'}/ codes.yml")
            continue
        if step.line.startswith(("ansible-galaxy", "export CONTROLLER_")):
            continue
        line = step.line.replace("~/.ansible/collections/ansible_collections/cloudkeys/aws", str(CHECKOUT))
        line = line.replace("job=42", "job=$(python browser.py id 'Ceremony export')")
        line = re.sub(r"'(.*)41(.*)'", r"""'\1'"$(python browser.py id Ceremony)"'\2'""", line)
        yield replace(step, line=line)
        if "webhooks.txt" in line:
            yield Command("python browser.py fill 'key material' key_payments payments.txt key_webhooks webhooks.txt")
            yield Command("python browser.py fill 'AWS accounts' credentials ~/.aws/credentials")
        elif "workflow_launch" in line:
            yield Command("python browser.py wait 'Ceremony export'")
        elif "ceremony_wrap" in line:
            yield Command(f"echo {code % 'wrapped'} > code.txt")
            fields = "wrapped_ledger ceremony/ledger.wrapped.json check_code_ledger code.txt"
            yield Command(f"python browser.py fill ceremony {fields}")
        elif "workflow_approval" in line:
            yield Command("python browser.py wait 'Ceremony import'")


def test_guide_accounts(project: Project) -> None:
    """The reader has read the first guide and starts with an empty AWS configuration."""
    (project.home / ".aws").mkdir()
    follow(guide("accounts"), project.folder, project.variables())


def in_two_regions(project: Project, kms: Any, emulator: Emulator) -> None:
    """The key alias/archive, which was rotated, and whose older key material expires soon in both Regions."""
    older, current = new_material(SYMMETRIC), new_material(SYMMETRIC)
    for year, content in ((2026, older), (2027, current)):
        (project.folder / f"archive-{year}.key").write_bytes(content)
    soon, later = ((emulator.now() + timedelta(days=days)).isoformat() for days in (10, 80))
    emulator.control.rotation(0.05)
    key = ExternalKey.create(kms, MultiRegion=True)
    kms.create_alias(AliasName="alias/archive", TargetKeyId=key.id)
    run_one(kms, key, older, valid_to=soon)
    run_one(kms, key, current, valid_to=later, on_different_material="rotate")
    replica = emulator.request_replica(key, "eu-west-1")
    until(lambda: replica.state != "Creating", "the replica key is there")
    run_one(kms, key, current, valid_to=later, previous=[{"content": older, "valid_to": soon}], replicas=True)


def test_guide_renewal(project: Project, kms: Any, emulator: Emulator) -> None:
    aliased(kms, "alias/payments")
    (project.folder / "payments.key").write_bytes(new_material(SYMMETRIC))
    in_two_regions(project, kms, emulator)
    follow(guide("renewal"), project.folder, project.variables())


class Webhook(http.server.BaseHTTPRequestHandler):
    """Where the guide's summary is posted to."""

    posted: ClassVar[list[dict[str, Any]]] = []

    def do_POST(self) -> None:
        self.posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        pass


def test_guide_report(project: Project, kms: Any, emulator: Emulator) -> None:
    """The mail is written to a file instead of being sent, because the tests do not install community.general."""
    with_days(kms, emulator, "payments", 10)
    with_days(kms, emulator, "ledger", 300)
    Webhook.posted.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Webhook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    here = f"http://127.0.0.1:{server.server_port}/"
    try:
        todo: list[File | Command] = []
        for step in guide("report"):
            chat = isinstance(step, File) and step.name == "webhook.yml"
            todo.append(File("webhook.yml", f"report_webhook: {here}\n") if chat else step)
        follow(todo, project.folder, project.variables())
    finally:
        server.shutdown()
        server.server_close()
    (posted,) = Webhook.posted
    assert posted["text"].startswith("The report on key material failed. 1 key has fewer than 14 days left: payments (")


def test_guide_rotation(project: Project, emulator: Emulator) -> None:
    """The Region is the reader's. The guide names the Regions of the replica keys."""
    project.region = "eu-central-1"
    emulator.control.rotation(0.05)
    follow(guide("rotation"), project.folder, project.variables())


def test_guide_copies(project: Project, kms: Any) -> None:
    """The test copies the ARN of the guide's key into the list, as a reader would."""
    payments, content = aliased(kms, "alias/payments"), new_material(SYMMETRIC)
    (project.folder / "payments.key").write_bytes(content)
    run_one(kms, payments, content, **NEVER)
    todo: list[File | Command] = []
    for step in guide("copies"):
        todo.append(step)
        if isinstance(step, File) and step.name == "canaries.yml":
            ask = "ansible localhost -m cloudkeys.aws.kms_key_material_info -a key_ids=alias/canary"
            arn = f"""$({ask} 2>/dev/null | sed -n 's/.*"arn": "\\(.*\\)".*/\\1/p')"""
            todo.append(Command(f'sed -i "s|: arn:.*|: {arn}|" canaries.yml'))
    follow(todo, project.folder, project.variables())


def test_guide_who_can_read(project: Project, kms: Any) -> None:
    aliased(kms, "alias/payments")
    (project.folder / "payments.key").write_bytes(new_material(SYMMETRIC))
    follow(guide("who_can_read"), project.folder, project.variables())


def test_guide_moving(project: Project, kms: Any) -> None:
    for name in ("payments", "ledger"):
        material = new_material(SYMMETRIC)
        aliased(kms, f"alias/{name}").put(material)
        (project.folder / f"{name}.key").write_bytes(material)
    follow(guide("moving"), project.folder, project.variables())


def test_guide_ceremony(project: Project, kms: Any) -> None:
    """Instead of being read aloud, the codes are computed from the files, without the collection."""
    for name in ("payments", "ledger"):
        aliased(kms, f"alias/{name}")
        (project.folder / f"{name}.key").write_bytes(new_material(SYMMETRIC))
    project.command(["ansible-galaxy", "collection", "build", str(CHECKOUT), "--output-path", "."]).ok()
    typed = {"codes.yml": "parameters", "wrapped-codes.yml": "wrapped"}
    todo: list[File | Command] = []
    for step in guide("ceremony"):
        if isinstance(step, File) and step.name in typed:
            todo.append(Command(_type_codes(step.name, typed[step.name])))
        elif isinstance(step, Command) and step.line.startswith("ansible-galaxy"):
            # The custodian has no collections yet; this path has ours.
            todo.append(replace(step, line=f"env -u ANSIBLE_COLLECTIONS_PATH {step.line}"))
        else:
            todo.append(step)
    follow(todo, project.folder, project.variables())
    assert (project.home / ".ansible" / "collections" / "ansible_collections" / "cloudkeys" / "aws").is_dir()


def _code(path: str) -> str:
    """The check code of a file, by other means than the collection's."""
    return f"$(sha256sum {path} | cut -c1-40 | tr a-f A-F | basenc --base16 -d | base32 | cut -c1-20)"


def _type_codes(name: str, kind: str) -> str:
    code = _code(f"ceremony/$key.{kind}.json")
    each = f'for key in payments ledger; do echo "  $key: {code}"; done'
    return f"(echo ceremony_check_codes:; {each}) > {name}"


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@pytest.mark.parametrize(
    ("shown", "output"),
    [
        ((), "anything"),
        (("one", "two"), "one\n  two\n"),
        (("...", "two"), "one\ntwo\n"),
        (("...", "two", "..."), "two\n"),
        (("a ... c",), "a b c"),
    ],
)
def test_what_a_guide_shows_of_an_output(shown: tuple[str, ...], output: str) -> None:
    assert Command("true", shown).describes(output)


@pytest.mark.parametrize(
    ("shown", "output"),
    [
        (("one",), "one\ntwo\n"),
        (("...", "two", "..."), "one\n"),
        (("a ... c",), "a b\nc"),
        (("changed=1",), "changed=0"),
    ],
)
def test_what_a_guide_does_not_show(shown: tuple[str, ...], output: str) -> None:
    assert not Command("true", shown).describes(output)


def test_a_guide_that_shows_something_else_is_found_out(tmp_path: Path) -> None:
    """A command that fails is also detected, regardless of its output."""
    text = "Do this:\n\n.. code-block:: console\n\n    $ echo one\n    one\n    $ COMMAND\n    two\n"
    for command in ("echo three", "echo two; false"):
        with pytest.raises(AssertionError):
            follow(list(steps(text.replace("COMMAND", command))), tmp_path, {"PATH": os.environ["PATH"]})
    follow(list(steps(text.replace("COMMAND", "echo two"))), tmp_path, {"PATH": os.environ["PATH"]})
