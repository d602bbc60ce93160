# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-test: sanity tests, unit tests, and integration targets.

ansible-test requires a special directory layout, and succeeds silently if it finds no tests. The functions here
therefore count what ran.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import interpreters
from emulator import running_emulator
from environments import Environment
from files import copy_project
from interpreters import OLDEST_TARGET
from layout import BUILD, HOME, NAME, NAMESPACE, ROOT, TARGETS
from pytest_suites import judged
from work import Done, Failed, Work

# ansible-test looks for pip's installer under these names, one for each of its releases, before it downloads one from a
# server of the Ansible project. The installer here uses the pip that is part of Python.
_PIP_INSTALLERS = ("get_pip_23_1_2.py", "get_pip_24_2.py", "get_pip_25_2.py")

# The pylint test of ansible-core 2.22.0rc1 installs a commit of dill from GitHub, "until dill released with 3.15
# support". The release on PyPI is sufficient up to Python 3.14.
_FROM_GITHUB = re.compile(r"^dill @ https://github\.com/.*$", re.MULTILINE)
_FROM_PYPI = "dill==0.4.1"

# AWS's own example credentials. They are long enough that masking them in output does not hide anything else.
_CREDENTIALS = {"aws_access_key": "AKIAIOSFODNN7EXAMPLE", "aws_secret_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}


def run_sanity(work: Work) -> Done:
    _take_dill_from_pypi(work.environment)
    tree = _copy_tree(work, "sanity")
    listed = work.run(["ansible-test", "sanity", "--list-tests"], cwd=tree, quiet=True)
    expected = set(re.findall(r"^[a-z0-9-]+$", listed, re.MULTILINE))
    output = work.run([*_command(work, "sanity"), *work.arguments], cwd=tree)
    ran = set(re.findall(r'^Running sanity test "([a-z0-9-]+)"', output, re.MULTILINE))
    if not work.arguments and expected - ran:
        raise Failed(f"these sanity tests did not run: {', '.join(sorted(expected - ran))}")
    return Done(len(ran) + (0 if work.arguments else _run_on_old_targets(work, tree)), "sanity tests")


def _take_dill_from_pypi(environment: Environment) -> None:
    """Change the ansible-test of this environment, which only this checkout uses."""
    for path in environment.folder.glob("lib/python*/site-packages/ansible_test/_data/requirements/sanity.pylint.txt"):
        requirements = path.read_text("utf-8")
        if _FROM_GITHUB.search(requirements):
            # uv may have linked the file from its cache, which must not change.
            path.unlink()
            path.write_text(_FROM_GITHUB.sub(_FROM_PYPI, requirements), "utf-8")


def _run_on_old_targets(work: Work, tree: Path) -> int:
    """Test modules and module_utils on the oldest Python of targets, if it is installed. Return the number of tests."""
    python = interpreters.found().get(OLDEST_TARGET)
    if not python:
        return 0
    tests = ("compile", "import")
    command = ["ansible-test", "sanity", "--color", "no", "--local", "--python", ".".join(map(str, OLDEST_TARGET))]
    variables = {"PATH": f"{work.environment.variables()['PATH']}{os.pathsep}{python.parent}"}
    work.run([*command, *(part for test in tests for part in ("--test", test))], cwd=tree, variables=variables)
    return len(tests)


def run_units(work: Work) -> Done:
    tree = _copy_tree(work, "units")
    command = [*_command(work, "units"), *work.arguments]
    return judged(work, command, tree, tree / "tests" / "output" / "junit", "*.xml")


def run_integration(work: Work) -> Done:
    targets = work.arguments or _targets()
    if not targets:
        raise Failed("no target in tests/integration/targets")
    tree = _copy_tree(work, f"integration-{work.environment.core.version}")
    with running_emulator(work) as endpoint:
        _configure(tree, endpoint)
        output = work.run([*_command(work, "integration"), *targets], cwd=tree)
    for target in targets:
        if not tasks_done(output, target):
            raise Failed(f"the target {target} did not run any task")
    return Done(len(targets), "targets")


def _command(work: Work, kind: str) -> list[str]:
    return ["ansible-test", kind, "--color", "no", "--local", "--python", work.environment.dotted_python]


def _targets() -> list[str]:
    """All targets, except those that only other targets use."""
    folders = [path for path in sorted(TARGETS.glob("*")) if path.is_dir()]
    return [path.name for path in folders if "hidden" not in _aliases(path) and not path.name.startswith("setup_")]


def _aliases(target: Path) -> list[str]:
    aliases = target / "aliases"
    return aliases.read_text("utf-8").split("\n") if aliases.is_file() else []


def tasks_done(output: str, target: str) -> int:
    """Return the number of successful tasks of a target. Ansible's own gathering of facts does not count."""
    start = output.find(f"Running {target} integration test")
    if start < 0:
        return 0
    mine = re.split(r"^Running \S+ integration test", output[start:], maxsplit=2, flags=re.MULTILINE)[1]
    tasks = [task for task in mine.split("\nTASK [")[1:] if not task.startswith("Gathering Facts]")]
    return sum(len(re.findall(r"^(?:ok|changed): \[", task, re.MULTILINE)) for task in tasks)


def _configure(tree: Path, endpoint: str) -> None:
    integration = tree / "tests" / "integration"
    settings = {**_CREDENTIALS, "aws_region": "eu-central-1", "aws_endpoint_url": endpoint}
    lines = [f"{name}: {value}" for name, value in settings.items()]
    (integration / "integration_config.yml").write_text("\n".join(["---", *lines, ""]), "utf-8")
    # Otherwise Ansible uses the home folder from the user database instead of HOME.
    (integration / "integration.cfg").write_text(f"[defaults]\nremote_tmp = {HOME}/.ansible/tmp\n", "utf-8")


def _copy_tree(work: Work, name: str) -> Path:
    """Copy the collection as ansible-test requires it: a git repository in ansible_collections, next to amazon.aws."""
    top = BUILD / "trees" / name
    shutil.rmtree(top, ignore_errors=True)
    tree = top / "ansible_collections" / NAMESPACE / NAME
    copy_project(tree)
    namespaces = work.environment.collections / "ansible_collections"
    (top / "ansible_collections" / "amazon").symlink_to(namespaces / "amazon")
    lend_pip()
    return tree


def lend_pip() -> None:
    """Copy the installer of pip to the location where ansible-test would store a downloaded one."""
    cache = HOME / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for installer in _PIP_INSTALLERS:
        shutil.copy(ROOT / "dev" / "pip_installer.py", cache / installer)
