# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of a test does not depend on the speed or load of the machine: tests measure no time."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import hypothesis
import pytest
import work

ROOT = Path(__file__).resolve().parents[3]
SHORTEST = 600
"""Seconds. A limit only ends a test that hangs. No awaited condition takes minutes."""
LIMITS = ("timeout", "connect_timeout", "read_timeout", "wait_timeout")
CLOCKS = ("monotonic", "perf_counter", "process_time", "thread_time")
# These tests check a limit of one second for conditions that never occur.
SHORT_BY_INTENT = (
    "test_an_import_that_does_not_show_in_time",
    "test_without_the_list_the_missing_one_cannot_be_named",
    "test_a_list_from_before_a_rotation_or_import_proves_nothing",
)


def _files() -> list[Path]:
    return sorted(path for path in (ROOT / "tests").rglob("*.py") if "output" not in path.parts)


def _number(node: ast.AST | None) -> float | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
        return node.value
    return None


def _limits(named: Iterable[tuple[object, ast.AST]]) -> Iterator[str]:
    for name, value in named:
        limit = _number(value)
        if name in LIMITS and limit is not None and 0 < limit < SHORTEST:
            yield f"line {getattr(value, 'lineno', 0)}: {name}={limit:g}"


def timed(source: str) -> Iterator[str]:
    """Findings in a test that depend on the speed of the machine."""
    tree = ast.parse(source)
    by_intent = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name in SHORT_BY_INTENT
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS:
            yield f"line {node.lineno}: measures time with {node.attr}"
        if id(node) in by_intent:
            continue
        if isinstance(node, ast.Dict):
            yield from _limits(
                (getattr(key, "value", None), value) for key, value in zip(node.keys, node.values, strict=True)
            )
        if not isinstance(node, ast.Call):
            continue
        yield from _limits((keyword.arg, keyword.value) for keyword in node.keywords)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for keyword in node.keywords:
            if keyword.arg == "deadline" and ast.unparse(keyword.value) != "None":
                yield f"line {node.lineno}: a deadline of its own"
            if keyword.arg == "suppress_health_check" and "too_slow" not in ast.unparse(keyword.value):
                yield f"line {node.lineno}: the health check too_slow is on again"
        # Limits of processes, threads, and futures. A short wait for the test's own event in a loop is not a limit.
        given = _number(node.args[0]) if node.args else None
        if name in ("communicate", "join", "wait", "result") and given is not None and given >= 1:
            yield f"line {node.lineno}: {name}({given:g})"
        if name == "sleep" and not (given is None or given == 0):
            yield f"line {node.lineno}: sleep({given:g}); support.waiting.until waits for a condition"


@pytest.mark.parametrize("path", _files(), ids=lambda path: str(path.relative_to(ROOT / "tests")))
def test_nothing_is_timed(path: Path) -> None:
    assert list(timed(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        "subprocess.run(command, timeout=300)",
        "Config(read_timeout=20)",
        "{'wait_timeout': 10}",
        "process.wait(10)",
        "thread.join(5)",
        "time.sleep(0.2)",
        "assert time.monotonic() - began < 2",
        "settings(deadline=200)",
        "settings(suppress_health_check=[HealthCheck.filter_too_much])",
    ],
)
def test_what_depends_on_the_machine_is_found(source: str) -> None:
    assert len(list(timed(source))) == 1


@pytest.mark.parametrize(
    "source", ["subprocess.run(command, timeout=LONGEST)", "process.wait()", "', '.join(names)", "ended.wait(0.02)"]
)
def test_what_does_not_is_let_pass(source: str) -> None:
    assert list(timed(source)) == []


def test_hypothesis_has_no_deadline() -> None:
    """This applies to every environment, and to ansible-test."""
    assert hypothesis.settings.default.deadline is None
    assert hypothesis.HealthCheck.too_slow in hypothesis.settings.default.suppress_health_check
    assert hypothesis.settings(max_examples=5).deadline is None


def test_a_part_may_take_an_hour() -> None:
    assert work.LONGEST >= 60 * 60
