# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model over HTTP.

Source: awx/api/generics.py and awx/main/views.py of AWX 24.6.2.dev; pages and filters are Django REST framework's and
awx/api/filters.py's.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from kms_emulator.process import LONGEST

import awx_model
from awx_model.fixtures import TOKEN
from awx_model.model import Model
from awx_model.server import ModelServer

from .client import Client


def _ask(url: str, method: str = "GET", body: Any = None, authorization: str = f"Bearer {TOKEN}") -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"} | ({"Authorization": authorization} if authorization else {})
    try:
        with urlopen(Request(url, data, headers, method=method), timeout=LONGEST) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if text else None
    except HTTPError as error:
        return error.code, json.loads(error.read())


def test_any_token_will_do_and_none_will_not(awx: ModelServer) -> None:
    url = f"{awx.url}/api/v2/organizations/"
    assert _ask(url, authorization="") == (
        401,
        {
            "detail": "Authentication credentials were not provided. To establish a login session, visit /api/login/.",
        },
    )
    for authorization in ("Bearer x", "Basic YTpi"):
        assert _ask(url, authorization=authorization)[0] == 200
    assert _ask(f"{awx.url}/api/", authorization="")[1]["current_version"] == "/api/v2/"
    assert _ask(f"{awx.url}/api/v2/ping/", authorization="")[0] == 200


def test_what_is_not_there(awx: ModelServer) -> None:
    nowhere = (404, {"detail": "The requested resource could not be found."})
    for path in ("/api/v2/nothing/", "/api/v2/organizations/1/nothing/", "/api/v3/", "/"):
        assert _ask(awx.url + path) == nowhere
    unknown = (404, {"detail": "No JobTemplate matches the given query."})
    for path in ("99/", "99/launch/"):
        assert _ask(f"{awx.url}/api/v2/job_templates/{path}") == unknown
    assert _ask(f"{awx.url}/api/v2/jobs/", "POST", {}) == (405, {"detail": 'Method "POST" not allowed.'})


def test_an_object_by_curl(awx: ModelServer) -> None:
    command = ["curl", "--silent", "--show-error", "--user", "admin:any", "--header", "Content-Type: application/json"]
    url = f"{awx.url}/api/v2/organizations/"
    made = subprocess.run([*command, "--data", '{"name": "Keys"}', url], check=True, capture_output=True).stdout
    assert json.loads(made)["name"] == "Keys"
    deleted = [*command, "--request", "DELETE", "--write-out", "%{http_code}", f"{url}{json.loads(made)['id']}/"]
    assert subprocess.run(deleted, check=True, capture_output=True).stdout == b"204"


def test_what_is_stored_is_told_to_tests(awx: ModelServer) -> None:
    Client(awx.model).create("organizations", name="Keys")
    _status, stored = _ask(f"{awx.url}/_model/objects/organizations", authorization="")
    assert [one["name"] for one in stored] == ["Default", "Keys"]
    assert awx.model.calls == [("POST", "/api/v2/organizations/", 201)]
    assert _ask(f"{awx.url}/_model/reset", "POST")[0] == 200
    assert [one["name"] for one in awx.model.objects("organizations")] == ["Default"]


def test_what_is_asked_and_answered_is_nobody_else_s(client: Client) -> None:
    inputs = {"fields": [{"id": "payments", "label": "Payments"}]}
    made = client.post("credential_types/", name="Key material", kind="cloud", inputs=inputs)
    assert inputs == {"fields": [{"id": "payments", "label": "Payments"}]}
    made["inputs"].clear()
    client.model.object("credential_types", name="Key material")["inputs"].clear()
    assert client.get(f"credential_types/{made['id']}/")["inputs"]["fields"][0]["type"] == "string"


@contextmanager
def _process(*options: str) -> Iterator[str]:
    """``python tests/awx_model`` on a free port; its URL."""
    command = [sys.executable, awx_model.__path__[0], "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert "http://" in line, f"the model has ended with {process.wait(LONGEST)}"
            yield line[line.index("http://") :].strip()
        finally:
            process.terminate()


def test_a_process(tmp_path: Path) -> None:
    (tmp_path / "renew.yml").write_text("- hosts: all\n", "utf-8")
    with _process(f"--project=https://example.org/keys.git={tmp_path}") as url:
        given = {"name": "P", "organization": 1, "scm_type": "git", "scm_url": "https://example.org/keys.git"}
        assert _ask(f"{url}/api/v2/projects/", "POST", given)[1]["status"] == "successful"
        assert _ask(f"{url}/api/v2/projects/1/playbooks/") == (200, ["renew.yml"])
    with pytest.raises(OSError, match="refused"):
        urlopen(f"{url}/api/", timeout=LONGEST)


@pytest.fixture
def many(model: Model) -> Client:
    """An inventory of 30 hosts, of which one is called like an id, and every other is disabled."""
    client = Client(model)
    inventory = client.create("inventories", name="Many", organization=1)
    for number in range(1, 31):
        client.create("hosts", name=f"host{number}", inventory=inventory, enabled=number % 2 == 0)
    client.change("hosts/30/", name="7")
    return client


def test_pages(many: Client) -> None:
    first = many.get("hosts/?order_by=id")
    assert (first["count"], len(first["results"]), first["previous"]) == (30, 25, None)
    second = many.get(first["next"].removeprefix("/api/v2/"))
    assert ([one["id"] for one in second["results"]], second["next"]) == ([26, 27, 28, 29, 30], None)
    assert second["previous"] == "/api/v2/hosts/?order_by=id&page=1"
    assert len(many.get("hosts/?page_size=200")["results"]) == 30
    assert many.refused(404, "GET", "hosts/?page=3") == {"detail": "Invalid page."}


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("name=host3", [3]),
        ("name__in=host3,host5", [3, 5]),
        ("name__startswith=host2", [2, *range(20, 30)]),
        ("or__id=7&or__name=7", [7, 30]),
        ("id__gt=28", [29, 30]),
        ("enabled=true&id__lte=4", [2, 4]),
        ("not__enabled=true&id__lte=4", [1, 3]),
        ("inventory__name=Many&id=3", [3]),
        ("inventory__organization__name=Other", []),
        ("search=HOST29", [29]),
        ("last_job__isnull=true&id=4", [4]),
        ("order_by=-id&id__lt=3", [2, 1]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_filters(many: Client, query: str, ids: list[int]) -> None:
    assert [one["id"] for one in many.get(f"hosts/?{query}")["results"]] == ids


def test_a_filter_of_no_field(many: Client) -> None:
    assert many.refused(400, "GET", "hosts/?color=red") == {"detail": "Host has no field named 'color'"}


def test_objects_have_urls_of_their_names(many: Client) -> None:
    named = many.get("hosts/3/")["related"]["named_url"]
    assert named == "/api/v2/hosts/host3++Many++Default/"
    assert many.get("hosts/host3++Many++Default/")["id"] == 3
    many.refused(404, "GET", "hosts/host3++Other++Default/")


def test_the_inventory_as_a_script(many: Client) -> None:
    many.change("inventories/1/", variables='{"ansible_connection": "local"}')
    many.change("hosts/2/", variables="region: eu-central-1")
    group = many.create("groups", name="prod", inventory=1)
    many.post(f"groups/{group}/hosts/", id=2)
    script = many.get("inventories/1/script/?hostvars=1")
    assert script["all"]["vars"] == {"ansible_connection": "local"}
    assert len(script["all"]["hosts"]) == 15
    assert script["prod"]["hosts"] == ["host2"]
    assert script["_meta"]["hostvars"]["host2"] == {"region": "eu-central-1"}
