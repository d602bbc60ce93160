# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A model of AWX, set up by the playbook, and the user who fills in credentials, launches jobs and approves."""

from __future__ import annotations

import base64
import json
import shutil
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from awx_model.executing import Executing
from awx_model.execution import image
from awx_model.fixtures import TOKEN, controller_variables
from awx_model.model import Model
from awx_model.server import serving
from kms_emulator.process import LONGEST
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.fixtures import new_account
from support.materials import SYMMETRIC, new_material

from .leaks import Traces
from .playbooks import QUICK_START, Project, Run, call

CHECKOUT: Final = Path(__file__).resolve().parents[2]
REGION: Final = "eu-central-1"
ORGANIZATION: Final = "Platform Security"
_PROFILE: Final = "[{name}]\naws_access_key_id = {account}\naws_secret_access_key = {secret}\n"
AWS_SECRET: Final = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


@dataclass
class Awx:
    """AWX and the people who use it.

    :ivar project: where the playbook is started that sets it up.
    :ivar repository: the project of AWX.
    :ivar accounts: the account IDs by the names of the hosts.
    """

    url: str
    model: Model
    executing: Executing
    project: Project
    repository: Path
    accounts: dict[str, str] = field(default_factory=dict)

    def variables(self, **more: Any) -> dict[str, Any]:
        """Of the playbook awx_setup."""
        hosts = [
            {"name": name, "account_id": account, "region": "eu-central-1", "profile": name}
            for name, account in self.accounts.items()
        ]
        return {
            "awx_setup_organization": ORGANIZATION,
            "awx_setup_execution_environment_image": "registry.example.com/cloudkeys-ee:1.0",
            "awx_setup_project_url": self.repository.as_uri(),
            "awx_setup_accounts": hosts,
            **more,
        }

    def set_up(self, variables: Mapping[str, Any], *arguments: str) -> Run:
        return call(self.project, "cloudkeys.aws.awx_setup", dict(variables), *arguments)

    def request(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {TOKEN}"},
        )
        with urllib.request.urlopen(request, timeout=LONGEST) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def fill_in(self, title: str, **inputs: str) -> None:
        """Like a user in the browser."""
        credential = self.model.object("credentials", name=f"cloudkeys: {title}")
        self.request("PATCH", f"/api/v2/credentials/{credential['id']}/", {"inputs": inputs})

    def profiles(self) -> str:
        """A credentials file with a profile for each account."""
        named = self.accounts.items()
        return "".join(_PROFILE.format(name=name, account=account, secret=AWS_SECRET) for name, account in named)

    def fill_in_accounts(self) -> None:
        self.fill_in("AWS accounts", config="", credentials=self.profiles())

    def launch(self, title: str, **given: Any) -> dict[str, Any]:
        """Launch a job template and wait for its job, or the jobs of its slices. It must be successful."""
        job = self.launched(title, **given)
        assert job["status"] == "successful", [one for one in self.jobs() if one["status"] != "successful"]
        return job

    def launched(self, title: str, **given: Any) -> dict[str, Any]:
        return self.model.object("unified_jobs", id=self._start("job_templates", title, given))

    def start_workflow(self, title: str, **given: Any) -> int:
        """Until it is done, or waits for an approval."""
        return self._start("workflow_job_templates", title, given)

    def _start(self, collection: str, title: str, given: dict[str, Any]) -> int:
        template = self.model.object(collection, name=f"cloudkeys: {title}")
        job = self.request("POST", f"/api/v2/{collection}/{template['id']}/launch/", given)
        self.model.settle()
        return int(job["id"])

    def approve(self) -> None:
        (approval,) = self.model.objects("workflow_approvals", status="pending")
        self.request("POST", f"/api/v2/workflow_approvals/{approval['id']}/approve/", {})
        self.model.settle()

    def key(self, emulator: Emulator, host: str, alias: str) -> ExternalKey:
        client = emulator.client(REGION, self.accounts[host])
        return ExternalKey(client, client.describe_key(KeyId=f"alias/{alias}")["KeyMetadata"])

    def search(self, secrets: list[bytes]) -> list[str]:
        """Where secrets are, in whatever jobs left on disk, in every event, and in what AWX shows and keeps of jobs."""
        events = json.dumps([result.events for result in self.executing.results.values()]).encode()
        shown = json.dumps([self.request("GET", f"/api/v2/jobs/{job['id']}/") for job in self.jobs()]).encode()
        stored = json.dumps([(job["stdout"], job["artifacts"]) for job in self.jobs()]).encode()
        assert self.executing.results
        traces = Traces(self.project.folder / "runner", set(), events=events, shown=shown, stored=stored)
        return [found for secret in secrets for found in traces.of(secret)]

    def jobs(self) -> list[dict[str, Any]]:
        return self.model.objects("jobs")


@contextmanager
def awx_for(project: Project, emulator: Emulator) -> Iterator[Awx]:
    """An AWX that is not set up yet, and a copy of the project in docs/awx."""
    repository = project.folder / "repository"
    shutil.copytree(CHECKOUT / "docs" / "awx" / "project", repository)
    runner = project.folder / "runner"
    runner.mkdir()
    executing = Executing(runner, {**image(emulator.url), "PYTHONPATH": QUICK_START})
    with serving(Model(executing)) as server:
        project.environment |= controller_variables(server)
        yield Awx(server.url, server.model, executing, project, repository)


def three_accounts() -> dict[str, str]:
    return {name: new_account() for name in ("logistics", "retail", "treasury")}


@dataclass(frozen=True)
class Typed:
    """Key material as a user types it into a field."""

    content: bytes

    @classmethod
    def new(cls) -> Typed:
        return cls(new_material(SYMMETRIC))

    @property
    def text(self) -> str:
        return base64.b64encode(self.content).decode()


#: What a reader of the guide does in a browser: fills fields from files, reads the number of a job, waits for its end.
BROWSER: Final = """\
import json, os, sys, time, urllib.parse, urllib.request

def ask(path, body=None):
    request = urllib.request.Request(os.environ["CONTROLLER_HOST"] + "/api/v2/" + path,
        method="PATCH" if body else "GET", data=json.dumps(body).encode() if body else None,
        headers={"Authorization": "Bearer " + os.environ["CONTROLLER_OAUTH_TOKEN"], "Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request))

def newest(kind, name):
    return ask(kind + "/?order_by=-id&" + urllib.parse.urlencode({"name": "cloudkeys: " + name}))["results"][0]

what, name, *rest = sys.argv[1:]
if what == "fill":
    inputs = {field: open(path).read() for field, path in zip(rest[::2], rest[1::2])}
    ask("credentials/%d/" % newest("credentials", name)["id"], {"inputs": inputs})
elif what == "id":
    print(newest("workflow_jobs" if name == "Ceremony" else "jobs", name)["id"])
elif what == "wait":
    while newest("jobs", name)["status"] in ("pending", "waiting", "running"):
        time.sleep(0.1)
    job = newest("jobs", name)
    sys.exit(None if job["status"] == "successful" else str(ask("jobs/%d/stdout/?format=json" % job["id"])["content"]))
"""
