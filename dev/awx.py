# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What docs/awx gives to users of AWX: the execution environment, and the rulebook.

No image is built. What the build would do in one is done in a virtual environment, in the same order: ansible-core and
ansible-runner, the collections, and the Python libraries that the collections ask for. Each is the lowest version that
the definition allows, so that they are seen to be enough. The environment `unit (oldest)` runs in would not show that:
it has the libraries of the tests, too.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import environments
import yaml
from emulator import running_emulator
from environments import Environment
from layout import BUILD, ROOT
from pytest_suites import run_suite
from work import Done, Failed, Work

AWX = ROOT / "docs" / "awx"
DEFINITION = AWX / "execution-environment.yml"
PROJECT = AWX / "project"

# AWS's own example credentials. The emulator looks at none.
_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "AWS_REGION": "eu-central-1",
}
# ansible-rulebook reads the rulebook, with pyparsing. Its other requirements are for its engine.
_RULEBOOK = ("ansible-rulebook==1.3.2", "pyparsing==3.3.3")


def run_execution_environment(work: Work) -> Done:
    """Create the build context; install what it names; and have that import key material, and then change nothing."""
    folder = BUILD / "execution-environment"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    context = _create_context(work, folder / "context")
    clean = environments.clean(folder / "venv")
    work.say(f"A clean environment for {clean.title}")
    environments.make_venv(clean)
    installed = _install(work, clean, context, folder)
    runs = _run_twice(work, clean, folder / "job")
    return Done(installed + runs, "packages of an execution environment installed, and jobs run in it")


def definition() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(DEFINITION.read_text("utf-8"))
    return content


def _create_context(work: Work, context: Path) -> Path:
    options: list[str | Path] = ["--context", context, "--output-filename", "Containerfile"]
    work.run(["ansible-builder", "create", "--file", DEFINITION, *options])
    compare_context(context, definition())
    return context


def compare_context(context: Path, wanted: Mapping[str, Any]) -> None:
    """The build context names everything that the definition does."""
    dependencies = wanted["dependencies"]
    python = dependencies["python_interpreter"]
    tools = [dependencies[name]["package_pip"] for name in ("ansible_core", "ansible_runner")]
    arguments = {
        "EE_BASE_IMAGE": wanted["images"]["base_image"]["name"],
        "PYCMD": python["python_path"],
        "PYPKG": python["package_system"],
        "ANSIBLE_INSTALL_REFS": " ".join(tools),
    }
    container = (context / "Containerfile").read_text("utf-8")
    missing = [name for name, value in arguments.items() if f'ARG {name}="{value}"\n' not in container]
    if missing:
        raise Failed(f"the Containerfile has other values of {', '.join(missing)}")
    lists = {
        "requirements.txt": dependencies["python"],
        "exclude-requirements.txt": dependencies["exclude"]["python"],
    }
    for name, expected in lists.items():
        if (context / "_build" / name).read_text("utf-8").split("\n") != expected:
            raise Failed(f"{name} of the build context is not what the definition says")
    if yaml.safe_load((context / "_build" / "requirements.yml").read_text("utf-8")) != dependencies["galaxy"]:
        raise Failed("requirements.yml of the build context is not what the definition says")


def lowest(requirements: Sequence[str]) -> list[str]:
    """Each ``name>=version`` as ``name==version``."""
    other = [requirement for requirement in requirements if not re.fullmatch(r"[a-z0-9-]+>=[0-9.]+", requirement)]
    if other:
        raise Failed(f"there is no lowest version in {', '.join(other)}")
    return [requirement.replace(">=", "==") for requirement in requirements]


def _install(work: Work, clean: Environment, context: Path, folder: Path) -> int:
    """In the order of the Containerfile. Return the number of packages that were asked for by name."""
    there = replace(work, environment=clean)
    dependencies = definition()["dependencies"]
    # The oldest ansible-core that is tested on the Pythons of this machine is a newer one where all of these are newer.
    tools = [clean.core.requirement, *lowest([dependencies["ansible_runner"]["package_pip"]])]
    pip: list[str | Path] = [clean.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    there.run([*pip, *tools])
    environments.bring_collections(clean)
    _install_artifact(work, there, folder / "artifact")
    libraries = lowest(dependencies["python"])
    constraints, asked = folder / "constraints.txt", folder / "requirements.txt"
    constraints.write_text("".join(f"{line}\n" for line in [*tools, *libraries]), "utf-8")
    _introspect(work, clean.collections, context / "_build", asked)
    # That was with an old amazon.aws. The image gets a new one, which asks for more.
    _introspect(work, _of_the_image(work.environment, folder), context / "_build", folder / "requirements-newest.txt")
    there.run([*pip, "-r", asked, "-c", constraints])
    there.run([clean.python, "-m", "pip", "check"])
    return _compare_versions(there, [*tools, *libraries])


def _of_the_image(environment: Environment, folder: Path) -> Path:
    """Its collections without awx.awx, which sets AWX up from outside and is in no image."""
    collections = folder / "newest" / "ansible_collections"
    collections.mkdir(parents=True)
    for namespace in ("amazon", environment.collection.parent.name):
        (collections / namespace).symlink_to(environment.collections / "ansible_collections" / namespace)
    return collections.parent


def _install_artifact(work: Work, there: Work, folder: Path) -> None:
    work.run(["ansible-galaxy", "collection", "build", "--output-path", folder, ROOT])
    (artifact,) = folder.glob("*.tar.gz")
    there.run(["ansible-galaxy", "collection", "install", "--offline", "-p", there.environment.collections, artifact])


def _introspect(work: Work, collections: Path, build: Path, asked: Path) -> None:
    """What the collections ask for, as the build finds it out: these libraries only, and no system packages."""
    system = asked.with_suffix(".bindep")
    given: list[str | Path] = [
        "--user-pip",
        build / "requirements.txt",
        "--exclude-pip-reqs",
        build / "exclude-requirements.txt",
    ]
    work.run(["ansible-builder", "introspect", *given, "--write-pip", asked, "--write-bindep", system, collections])
    names = set(re.findall(r"^[a-z0-9-]+", asked.read_text("utf-8"), re.MULTILINE))
    surplus = names - {requirement.split(">=")[0] for requirement in definition()["dependencies"]["python"]}
    if surplus:
        raise Failed(f"the collections ask for {', '.join(sorted(surplus))}, too")
    needed = re.findall(r"^[^#\s].*$", system.read_text("utf-8"), re.MULTILINE) if system.is_file() else []
    # amazon.aws has some for its own tests.
    if [line for line in needed if "[test" not in line]:
        raise Failed(f"the collections ask for system packages: {', '.join(needed)}")


def _compare_versions(there: Work, wanted: Sequence[str]) -> int:
    """What is installed is what was asked for, to the version, and the tests' own libraries are not there."""
    listed = there.run(["pip", "list", "--format", "json", "--disable-pip-version-check"], quiet=True)
    installed = {package["name"].lower(): package["version"] for package in json.loads(listed)}
    for requirement in wanted:
        name, operator, version = re.split(r"(==|>=)", requirement)[:3]
        if name not in installed or (operator == "==" and installed[name] != version):
            raise Failed(f"{requirement} is wanted, and {name} {installed.get(name, 'nothing')} is installed")
    surplus = {"aiobotocore", "moto", "pytest"} & set(installed)
    if surplus:
        raise Failed(f"the environment is not clean: it has {', '.join(sorted(surplus))}")
    return len(wanted)


def _run_twice(work: Work, clean: Environment, folder: Path) -> int:
    """The project's provision.yml, by the ansible-runner of the environment, as AWX has it run."""
    shutil.copytree(PROJECT, folder / "project")
    with running_emulator(work) as endpoint:
        _describe_job(folder, endpoint)
        there = replace(work, environment=clean)
        for ident, changed in (("first", 1), ("second", 0)):
            output = there.run(["ansible-runner", "run", folder, "--playbook", "provision.yml", "--ident", ident])
            done = rf"^central +: ok=[1-9]\d* +changed={changed} +unreachable=0 +failed=0 "
            if not re.search(done, output, re.MULTILINE):
                raise Failed(f"the {ident} job in the execution environment did not change {changed} tasks")
    return 2


def _describe_job(folder: Path, endpoint: str) -> None:
    """An inventory with one account and Region, a list with one key, and a file with its key material."""
    material = folder / "env" / "payments.key"
    entry = {"alias": "alias/payments", "key_material_src": str(material), "key_material_format": "raw"}
    host = {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "cloudkeys_region": "eu-central-1",
    }
    files = {
        "env/settings": {"process_isolation": False, "suppress_ansible_output": False},
        "env/envvars": {**_CREDENTIALS, "AWS_ENDPOINT_URL_KMS": endpoint, "ANSIBLE_NOCOLOR": "1"},
        "env/extravars": {
            "provision_fleet_kms_keys": [entry],
            "provision_fleet_valid_for": "90d",
            "provision_fleet_renew_before": "30d",
        },
        "inventory/hosts.yml": {"all": {"hosts": {"central": host}}},
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content), "utf-8")
    material.touch(mode=0o600)
    material.write_bytes(secrets.token_bytes(32))


def run_rulebook(work: Work) -> Done:
    """Its tests, with the parser and the schema of ansible-rulebook, and without its engine, which needs Java."""
    library = BUILD / "ansible-rulebook"
    shutil.rmtree(library, ignore_errors=True)
    pip: list[str | Path] = [work.environment.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    work.run([*pip, "--no-deps", "--target", library, *_RULEBOOK])
    return run_suite(work, "rulebook", variables={"PYTHONPATH": str(library)})
