# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-test: sanity tests, unit tests and integration targets.

ansible-test wants its own kind of tree, and passes in silence when it finds nothing to do: so what ran is counted here.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import interpreters
from emulator import running_emulator
from environments import Environment
from files import project_files
from interpreters import OLDEST_TARGET
from layout import BUILD, HOME, NAME, NAMESPACE, ROOT, TARGETS
from pytest_suites import judged
from work import Done, Failed, Work

# ansible-test looks for pip's installer under these names, one for each of its own releases, before it fetches one from
# a server of the Ansible project. Ours takes the pip that comes with Python.
_PIP_INSTALLERS = ("get_pip_23_1_2.py", "get_pip_24_2.py", "get_pip_25_2.py")

# The pylint test of ansible-core 2.22.0rc1 takes a commit of dill from GitHub, "until dill released with 3.15 support".
# Up to Python 3.14 the release does, and PyPI is enough.
_FROM_GITHUB = re.compile(r"^dill @ https://github\.com/.*$", re.MULTILINE)
_FROM_PYPI = "dill==0.4.1"

# AWS's own example credentials: long enough that masking them in output hides nothing else.
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
    """In the ansible-test of this environment only."""
    for path in environment.folder.glob("lib/python*/site-packages/ansible_test/_data/requirements/sanity.pylint.txt"):
        requirements = path.read_text("utf-8")
        if _FROM_GITHUB.search(requirements):
            # uv may have linked the file from its cache, where it must stay as it is.
            path.unlink()
            path.write_text(_FROM_GITHUB.sub(_FROM_PYPI, requirements), "utf-8")


def _run_on_old_targets(work: Work, tree: Path) -> int:
    """Modules and module_utils on the target's oldest Python, where this machine has it. Return the number of tests."""
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
        raise Failed("there is no target in tests/integration/targets")
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
    """Every target but those that only others use."""
    folders = [path for path in sorted(TARGETS.glob("*")) if path.is_dir()]
    return [path.name for path in folders if "hidden" not in _aliases(path) and not path.name.startswith("setup_")]


def _aliases(target: Path) -> list[str]:
    aliases = target / "aliases"
    return aliases.read_text("utf-8").split("\n") if aliases.is_file() else []


def tasks_done(output: str, target: str) -> int:
    """The number of tasks of a target that ended well; that Ansible gathers facts before the first does not count."""
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
    # Otherwise Ansible takes the home folder of the user database, whatever HOME says.
    (integration / "integration.cfg").write_text(f"[defaults]\nremote_tmp = {HOME}/.ansible/tmp\n", "utf-8")


def _copy_tree(work: Work, name: str) -> Path:
    """A copy of the collection as ansible-test wants it: in ansible_collections, beside amazon.aws, a repository."""
    top = BUILD / "trees" / name
    shutil.rmtree(top, ignore_errors=True)
    tree = top / "ansible_collections" / NAMESPACE / NAME
    for path in project_files():
        (tree / path.parent).mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, tree / path, follow_symlinks=False)
    namespaces = work.environment.collections / "ansible_collections"
    (top / "ansible_collections" / "amazon").symlink_to(namespaces / "amazon")
    # Without a repository of its own, the copy is part of an ignored folder: ansible-test would find no file in it.
    work.run(["git", "init", "--quiet", tree], quiet=True)
    lend_pip()
    return tree


def lend_pip() -> None:
    """Put our installer of pip where ansible-test would put the one it fetches."""
    cache = HOME / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for installer in _PIP_INSTALLERS:
        shutil.copy(ROOT / "dev" / "pip_installer.py", cache / installer)
