# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module says of a key that is named without alias/, and of credentials that cannot be had."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from support.in_process import NEVER
from support.materials import SYMMETRIC, new_material

from .playbooks import Project, Task


class _DenyingSts(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = (
            b"<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: me is not authorized to"
            b" perform: sts:AssumeRole</Message></Error><RequestId>1</RequestId></ErrorResponse>"
        )
        self.send_response(403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Discard the log."""


@pytest.fixture
def sts() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _DenyingSts)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


CONFIG = """
[profile role]
role_arn = arn:aws:iam::111122223333:role/Importer
source_profile = source
[profile source]
aws_access_key_id = 111122223333
aws_secret_access_key = not-a-secret
[profile logged-out]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-1
sso_account_id = 111122223333
sso_role_name = Importer
[profile empty]
output = json
[profile partial]
aws_access_key_id = 111122223333
"""


def test_credentials_that_cannot_be_had_are_not_blamed_on_kms(project: Project, sts: str) -> None:
    (project.home / ".aws").mkdir()
    (project.home / ".aws" / "config").write_text(CONFIG, "utf-8")
    expected = {
        "role": ("AWS returned AccessDenied for AssumeRole", "AWS reports: User: me is not authorized"),
        "logged-out": ("sign in again", "botocore reports: Error loading SSO Token"),
        "empty": ("no AWS credentials on the target", "botocore reports: Unable to locate credentials"),
        "partial": ("Partial credentials",),
        "no-such": ("The config profile (no-such) could not be found",),
    }
    run = project.run(
        *(
            {"cloudkeys.aws.kms_external_key": {"alias": "payments", "profile": name}, "ignore_errors": True}
            for name in expected
        ),
        variables={"AWS_ENDPOINT_URL_STS": sts, "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""},
    ).ok()
    for result, told in zip(run.results, expected.values(), strict=True):
        assert all(words in result["msg"] for words in told), result["msg"]
        assert "KMS reports" not in result["msg"]
        assert "kms:" not in result["msg"]
        assert not result["changed"]


WITHOUT_ALIAS: dict[str, Callable[[str], Task]] = {
    "kms_external_key": lambda name: {"key_id": name},
    "kms_external_key absent": lambda name: {"key_id": name, "state": "absent"},
    "kms_key_material": lambda name: {"key_id": name, "key_material_src": "k", **NEVER},
    "kms_key_material absent": lambda name: {"key_id": name, "state": "absent", "force": True},
    "kms_import_parameters": lambda name: {"bundles": [{"key_id": name, "dest": "payments.json"}]},
    "kms_key_material_info": lambda name: {"key_ids": [name]},
    "kms_key_proof": lambda name: {"key_id": name},
}


def test_a_name_without_alias_gets_the_hint_in_every_module(project: Project) -> None:
    project.write("k", new_material(SYMMETRIC))
    run = project.run(
        *(
            {f"cloudkeys.aws.{name.split()[0]}": options("payments"), "ignore_errors": True}
            for name, options in WITHOUT_ALIAS.items()
        )
    ).ok()
    for name, result in zip(WITHOUT_ALIAS, run.results, strict=True):
        assert "Did you mean the alias alias/payments?" in json.dumps(result), name
        assert not result["changed"]


def test_every_module_says_what_names_a_region(project: Project) -> None:
    project.write("k", new_material(SYMMETRIC))
    tasks: list[Task] = [
        {f"cloudkeys.aws.{name.split()[0]}": options("alias/payments"), "ignore_errors": True}
        for name, options in WITHOUT_ALIAS.items()
    ]
    for result in project.run(*tasks, variables={"AWS_REGION": ""}).ok().results:
        assert result["msg"].startswith("No AWS Region is set. Set region"), result["msg"]
        assert not result["changed"]


def test_every_module_that_takes_a_key_is_tried() -> None:
    modules = Path(__file__).resolve().parents[2] / "plugins" / "modules"
    taking = {path.stem for path in modules.glob("*.py") if '"key_id' in path.read_text("utf-8")}
    assert taking <= {name.split()[0] for name in WITHOUT_ALIAS} | {"kms_wrapped_key_material"}
    assert taking
