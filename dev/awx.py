# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files in docs/awx for users of AWX: the execution environment and the rulebook.

No image is built. A virtual environment replaces it, with the same steps in the same order: ansible-core and
ansible-runner, the collections, and the Python libraries that the collections require. Each is installed in the lowest
version that the definition allows, to test that this version is sufficient. The environment of `unit (oldest)` would
not test this, because it also contains the libraries of the tests.
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

# AWS's own example credentials. The emulator does not check them.
_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "AWS_REGION": "eu-central-1",
}
# ansible-rulebook parses the rulebook with pyparsing. Its other requirements are for its engine.
_RULEBOOK = ("ansible-rulebook==1.3.2", "pyparsing==3.3.3")


def run_execution_environment(work: Work) -> Done:
    """Create the build context, install its content, import key material with it, and run it again without changes."""
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
    """Check that the build context contains everything in the definition."""
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
        raise Failed(f"the Containerfile contains other values for {', '.join(missing)}")
    lists = {
        "requirements.txt": dependencies["python"],
        "exclude-requirements.txt": dependencies["exclude"]["python"],
    }
    for name, expected in lists.items():
        if (context / "_build" / name).read_text("utf-8").split("\n") != expected:
            raise Failed(f"{name} of the build context differs from the definition")
    if yaml.safe_load((context / "_build" / "requirements.yml").read_text("utf-8")) != dependencies["galaxy"]:
        raise Failed("requirements.yml of the build context differs from the definition")


def lowest(requirements: Sequence[str]) -> list[str]:
    """Convert each ``name>=version`` to ``name==version``."""
    other = [requirement for requirement in requirements if not re.fullmatch(r"[a-z0-9-]+>=[0-9.]+", requirement)]
    if other:
        raise Failed(f"no lowest version in {', '.join(other)}")
    return [requirement.replace(">=", "==") for requirement in requirements]


def _install(work: Work, clean: Environment, context: Path, folder: Path) -> int:
    """Install in the order of the Containerfile. Return the number of packages that it names."""
    there = replace(work, environment=clean)
    dependencies = definition()["dependencies"]
    # If all Pythons of this machine are newer, this is not the oldest ansible-core, but the oldest that they can run.
    tools = [clean.core.requirement, *lowest([dependencies["ansible_runner"]["package_pip"]])]
    pip: list[str | Path] = [clean.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    there.run([*pip, *tools])
    environments.bring_collections(clean)
    _install_artifact(work, there, folder / "artifact")
    libraries = lowest(dependencies["python"])
    constraints, asked = folder / "constraints.txt", folder / "requirements.txt"
    constraints.write_text("".join(f"{line}\n" for line in [*tools, *libraries]), "utf-8")
    _introspect(work, clean.collections, context / "_build", asked)
    # The check above used an old amazon.aws. The image contains a new one with more requirements.
    _introspect(work, _of_the_image(work.environment, folder), context / "_build", folder / "requirements-newest.txt")
    there.run([*pip, "-r", asked, "-c", constraints])
    there.run([clean.python, "-m", "pip", "check"])
    return _compare_versions(there, [*tools, *libraries])


def _of_the_image(environment: Environment, folder: Path) -> Path:
    """The environment's collections without awx.awx, which sets up AWX from outside and is not in the image."""
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
    """Determine the collections' requirements as the build does: only the known libraries, and no system packages."""
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
        raise Failed(f"the collections also require {', '.join(sorted(surplus))}")
    needed = re.findall(r"^[^#\s].*$", system.read_text("utf-8"), re.MULTILINE) if system.is_file() else []
    # amazon.aws requires some for its own tests.
    if [line for line in needed if "[test" not in line]:
        raise Failed(f"the collections require system packages: {', '.join(needed)}")


def _compare_versions(there: Work, wanted: Sequence[str]) -> int:
    """Check that exactly the requested versions are installed, without the libraries of the tests."""
    listed = there.run(["pip", "list", "--format", "json", "--disable-pip-version-check"], quiet=True)
    installed = {package["name"].lower(): package["version"] for package in json.loads(listed)}
    for requirement in wanted:
        name, operator, version = re.split(r"(==|>=)", requirement)[:3]
        if name not in installed or (operator == "==" and installed[name] != version):
            raise Failed(f"{requirement} is required, but {name} {installed.get(name, '(none)')} is installed")
    surplus = {"aiobotocore", "moto", "pytest"} & set(installed)
    if surplus:
        raise Failed(f"the environment is not clean: it contains {', '.join(sorted(surplus))}")
    return len(wanted)


def _run_twice(work: Work, clean: Environment, folder: Path) -> int:
    """Run the project's provision.yml twice with the environment's ansible-runner, as AWX runs it."""
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
    """Create an inventory with one account and Region, a list with one key, and a file with its key material."""
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
    """Test the rulebook with the parser and the schema of ansible-rulebook, but without its engine, which
    needs Java.
    """
    library = BUILD / "ansible-rulebook"
    shutil.rmtree(library, ignore_errors=True)
    pip: list[str | Path] = [work.environment.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    work.run([*pip, "--no-deps", "--target", library, *_RULEBOOK])
    return run_suite(work, "rulebook", variables={"PYTHONPATH": str(library)})
