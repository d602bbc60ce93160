# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From an API call to a completed playbook and its results.

Source: awx/main/models/workflow.py and awx/main/tasks/jobs.py of AWX 24.6.2.dev. That artifacts are passed from node to
node was also observed on a running AWX.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml
from support.emulator import Emulator

from awx_model.executing import Executing
from awx_model.execution import image
from awx_model.model import Model

from .client import Client

_TASKS = [
    {
        "name": "Look at what the job was given",
        "ansible.builtin.set_stats": {
            "data": {
                "seen": {
                    "hosts": "{{ ansible_play_hosts_all | sort }}",
                    "days": "{{ days | default(none) }}",
                    "before": "{{ seen.hosts | default([]) }}",
                    "file": "{{ lookup('file', cloudkeys_files.payments) }}",
                    "check": "{{ ansible_check_mode }}",
                    "group": "{{ groups['production'] | default([]) }}",
                }
            }
        },
        "run_once": True,
    }
]


def _set_up(client: Client, folder: Path) -> int:
    """:returns: the ID of a job template with a survey and a credential of a custom type."""
    play = {"hosts": "all", "gather_facts": False, "tasks": _TASKS}
    (folder / "renew.yml").write_text(yaml.safe_dump([play], sort_keys=False), "utf-8")
    kind = client.create(
        "credential_types",
        name="Key material",
        kind="cloud",
        inputs={"fields": [{"id": "payments", "label": "Payments", "secret": True}]},
        injectors={
            "file": {"template.payments": "{{ payments }}"},
            "extra_vars": {"cloudkeys_files": {"payments": "{{ tower.filename.payments }}"}},
        },
    )
    material = {"credential_type": kind, "organization": 1, "inputs": {"payments": "in the file"}}
    credential = client.create("credentials", name="Material", **material)
    project = client.create("projects", name="P", organization=1, scm_type="git", scm_url=f"file://{folder}")
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    inventory = client.create("inventories", name="I", organization=1, variables=json.dumps(local))
    hosts = [client.create("hosts", name=name, inventory=inventory) for name in ("dublin", "frankfurt")]
    client.post(f"groups/{client.create('groups', name='production', inventory=inventory)}/hosts/", id=hosts[0])
    given: dict[str, Any] = {"project": project, "inventory": inventory, "playbook": "renew.yml"}
    asks = {"ask_job_type_on_launch": True, "survey_enabled": True}
    template = client.create("job_templates", name="Renew", **given, **asks)
    client.post(f"job_templates/{template}/credentials/", id=credential)
    question = {"variable": "days", "question_name": "Days", "type": "integer", "required": False}
    client.post(f"job_templates/{template}/survey_spec/", name="S", description="", spec=[question])
    return template


def test_a_workflow_of_two_jobs_and_a_job_in_slices(emulator: Emulator, tmp_path: Path) -> None:
    (repository := tmp_path / "repository").mkdir()
    (jobs := tmp_path / "jobs").mkdir()
    model = Model(Executing(jobs, image(emulator.url)))
    client = Client(model)
    template = _set_up(client, repository)
    workflow = client.create("workflow_job_templates", name="W", organization=1)
    node = {"workflow_job_template": workflow, "unified_job_template": template}
    first = client.create("workflow_job_template_nodes", **node, identifier="look", job_type="check")
    second = client.create("workflow_job_template_nodes", **node, identifier="renew", extra_data={"days": 4})
    client.post(f"workflow_job_template_nodes/{first}/success_nodes/", id=second)
    launched = client.post(f"workflow_job_templates/{workflow}/launch/")["workflow_job"]
    model.settle()
    shown = client.get(f"workflow_jobs/{launched}/")
    looked, renewed = model.objects("jobs")
    assert shown["status"] == "successful", looked["stdout"] + renewed["stdout"]
    hosts = ["dublin", "frankfurt"]
    common = {"hosts": hosts, "file": "in the file", "group": ["dublin"]}
    assert looked["artifacts"]["seen"] == {**common, "days": None, "before": [], "check": True}
    assert renewed["artifacts"]["seen"] == {**common, "days": 4, "before": hosts, "check": False}
    client.change(f"job_templates/{template}/", job_slice_count=2)
    client.post(f"job_templates/{template}/launch/")
    model.settle()
    slices = [job["artifacts"]["seen"]["hosts"] for job in model.objects("jobs")[2:]]
    assert slices == [["dublin"], ["frankfurt"]]
