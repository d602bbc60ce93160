# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory plugin with a role that it assumes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from support import inventories
from support.inventories import SECRET, Fleet, Read, refused, write

aws, fleet = inventories.aws, inventories.fleet


class _Sts(BaseHTTPRequestHandler):
    """AssumeRole. Return credentials of the role's account, as the emulator accepts them, but deny the role Denied."""

    def do_POST(self) -> None:
        body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        _arn, _aws, _iam, _region, account, role = body["RoleArn"][0].split(":")
        denied = role == "role/Denied"
        answer = DENIED if denied else ASSUMED.format(account=account, secret=SECRET)
        self.send_response(403 if denied else 200)
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Discard the log."""


ASSUMED = (
    "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>{account}</AccessKeyId><SecretAccessKey>{secret}"
    "</SecretAccessKey><SessionToken>{secret}</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
    "</AssumeRoleResult></AssumeRoleResponse>"
)
DENIED = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not you</Message></Error></ErrorResponse>"


@pytest.fixture
def sts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    server = HTTPServer(("127.0.0.1", 0), _Sts)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", f"http://127.0.0.1:{server.server_port}")
    yield
    server.shutdown()
    server.server_close()


@pytest.mark.usefixtures("sts")
@pytest.mark.parametrize("source", ["environment", "profile"])
def test_a_role_that_is_assumed(
    fleet: Fleet, source: str, account: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = f"arn:aws:iam::{fleet.accounts['ledger']}:role/Reader"
    where: dict[str, Any] = {"regions": ["us-east-1"], "assume_role_arn": role}
    if source == "profile":
        where["profile"] = "treasury"
    else:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", account)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    read = Read(write(tmp_path, **where))
    assert sorted(read.hosts) == sorted([fleet.host("empty"), fleet.host("later")])
    # The profile would be another account.
    assert "cloudkeys_profile" not in read.variables(fleet.host("later"))
    said = refused(write(tmp_path, **{**where, "assume_role_arn": role.replace("Reader", "Denied")}))
    assert said.startswith("The keys of Region us-east-1 could not be read. Unable to assume role arn:aws:iam::")
    assert "AccessDenied" in said


@pytest.mark.usefixtures("fleet")
def test_a_role_is_of_one_account(tmp_path: Path) -> None:
    said = refused(write(tmp_path, profiles=["treasury"], assume_role_arn="arn:aws:iam::111122223333:role/Reader"))
    assert said.startswith("profiles and assume_role_arn are mutually exclusive")
    assert "set role_arn for its profile" in said
