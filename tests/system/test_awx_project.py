# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The project for AWX: each of its playbooks runs one of the collection."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from moto.server import ThreadedMotoServer

from .playbooks import Project

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "awx" / "project"
IMPORTED = {
    "ceremony_export.yml": "ceremony_export",
    "ceremony_import.yml": "ceremony_import",
    "provision.yml": "provision_fleet",
    "recovery_drill.yml": "recovery_drill",
    "renew.yml": "renew_expiring",
    "report.yml": "expiry_report",
    "rotate.yml": "provision_fleet",
    "rotate_by_alias.yml": "rotate_by_alias",
    "verify_copies.yml": "verify_copies",
}
# For a machine without a network; for a single key; and for AWX itself.
WITHOUT = {"ceremony_wrap", "provision_key", "awx_setup"}
INVENTORY = "all.kms_keys.yml"


def _plays(name: str) -> list[dict[str, Any]]:
    plays: list[dict[str, Any]] = yaml.safe_load((FOLDER / name).read_text("utf-8"))
    return plays


def test_each_imports_its_playbook_of_the_collection() -> None:
    playbooks = {path.name for path in FOLDER.glob("*.yml")} - {INVENTORY}
    imported = {name: _plays(name)[0]["ansible.builtin.import_playbook"] for name in playbooks}
    assert imported == {name: f"cloudkeys.aws.{playbook}" for name, playbook in IMPORTED.items()}
    there = {path.stem for path in (ROOT / "playbooks").glob("*.yml")}
    assert set(IMPORTED.values()) <= there
    assert there - set(IMPORTED.values()) <= WITHOUT


@pytest.mark.every_core
def test_their_syntax(project: Project) -> None:
    run = project.command(["ansible-playbook", "--syntax-check", *(str(FOLDER / name) for name in IMPORTED)]).ok()
    assert re.findall(r"^playbook: .*/(.*)$", run.output, re.MULTILINE) == list(IMPORTED)


def test_readme_names_every_file() -> None:
    named = set(re.findall(r"^\| (`.*?`(?:, `.*?`)*) \|", (FOLDER / "README.md").read_text("utf-8"), re.MULTILINE))
    files = {file for cell in named for file in re.findall(r"`(.*?)`", cell)}
    assert files == {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.yml")}


def test_the_inventory_source_is_for_the_plugin(project: Project) -> None:
    run = project.command(["ansible-inventory", "-i", str(FOLDER / INVENTORY), "--list"]).ok()
    assert "WARNING" not in run.output
    assert '"_meta"' in run.output


@pytest.fixture
def storage() -> Iterator[str]:
    """S3, of moto."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def test_the_report_is_kept_where_a_bucket_is_given(project: Project, storage: str) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=storage,
        region_name=project.region,
        aws_access_key_id=project.account,
        aws_secret_access_key="not-a-secret",
    )
    client.create_bucket(Bucket="reports")
    report = ["ansible-playbook", str(FOLDER / "report.yml")]
    to_storage = {"AWS_ENDPOINT_URL_S3": storage}
    # A survey without an answer sends an empty string.
    for nothing in ([], ["-e", "report_bucket="]):
        project.command([*report, *nothing], to_storage).ok()
        assert client.list_objects_v2(Bucket="reports")["KeyCount"] == 0
    project.command([*report, "-e", "report_bucket=reports", "-e", "report_region="], to_storage).ok()
    (kept,) = client.list_objects_v2(Bucket="reports")["Contents"]
    assert re.fullmatch(r"expiry-report-\d{4}-\d\d-\d\d\.html", kept["Key"])
    page = client.get_object(Bucket="reports", Key=kept["Key"])
    assert page["ContentType"] == "text/html"
    assert page["Body"].read() == (project.folder / "expiry-report" / "expiry-report.html").read_bytes()
