# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``charts.py <folder> <svg or png>``: the charts of the last measurements.

This is a separate program because matplotlib is in a separate environment.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import figures
import matplotlib as mpl
from matplotlib import pyplot
from matplotlib.ticker import FuncFormatter

# Colors that are readable on both white and black. The page provides the background.
INK, GRID = "#7d8590", "#7d859055"
BLUE, GREEN, ORANGE, PURPLE = "#2f81f7", "#2da44e", "#d9822b", "#a371f7"
Axes = Any


def main(folder: Path, kind: str) -> None:
    mpl.rcParams.update(
        {
            "svg.hashsalt": "cloudkeys.aws",
            "font.size": 10,
            "text.color": INK,
            "axes.labelcolor": INK,
            "axes.edgecolor": INK,
            "axes.titlesize": 11,
            "axes.titlelocation": "left",
            "axes.titlepad": 12,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "grid.color": GRID,
            "xtick.color": INK,
            "ytick.color": INK,
            "lines.linewidth": 2,
            "legend.frameon": False,
        }
    )
    charts: dict[str, Callable[[Any, Any], None]] = {
        "nothing": _nothing,
        "imports": _imports,
        "scale": _scale,
    }
    for name, chart in charts.items():
        taken = figures.kept(name)
        if taken is None:
            continue
        number = 2 if name == "scale" else 1
        figure, axes = pyplot.subplots(1, number, figsize=(8, 4.2), layout="constrained")
        chart(axes, taken)
        # Without the date, the same figures produce the same file.
        about = {"Date": None} if kind == "svg" else {}
        figure.savefig(folder / f"{name}.{kind}", transparent=kind == "svg", metadata=about, dpi=110)
        pyplot.close(figure)
        if kind == "svg":
            _as_a_source_file(folder / f"{name}.svg")


def _as_a_source_file(path: Path) -> None:
    """Add the license, and remove the trailing spaces that matplotlib leaves."""
    license_ = [line.removeprefix("# ") for line in Path(__file__).read_text("utf-8").splitlines()[:3]]
    first, *lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([first, "<!--", *license_, "-->", *(line.rstrip() for line in lines), ""]), "utf-8")


def _thousands(axis: Any) -> None:
    axis.set_major_formatter(FuncFormatter(lambda value, _place: f"{value:,.10g}"))


def _nothing(axes: Axes, taken: list[dict[str, float]]) -> None:
    axes.set_title("Runs without changes, by number of keys, with AWS's quotas")
    taken = [size for size in taken if size["quotas"]]
    keys = [size["keys"] for size in taken]
    for name, label, color, mark in (
        ("loop of amazon.aws", "loop of kms_key_info", ORANGE, "^-"),
        ("loop of ours", "loop of kms_key_material", PURPLE, "s-"),
        ("task", "one task, kms_imported_keys", BLUE, "o-"),
        ("floor", "the same calls by 16 boto3 threads", GREEN, "D--"),
    ):
        axes.plot(keys, [size[name] for size in taken], mark, color=color, label=label, markersize=5)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("keys")
    axes.set_ylabel("seconds for the whole process")
    for axis in (axes.xaxis, axes.yaxis):
        _thousands(axis)
    axes.legend(loc="upper left")


def _imports(axes: Axes, taken: dict[str, Any]) -> None:
    number = len(taken["tasks"][0]["moments"])
    axes.set_title(f"First import of {number} keys, at one GetParametersForImport a second in each Region")
    counted = range(1, number + 1)
    for task, color in zip(taken["tasks"], (BLUE, GREEN), strict=True):
        regions = task["regions"]
        where = "1 Region" if regions == 1 else f"{regions} Regions"
        axes.plot([0, number / regions - 1], [regions, number], ":", color=color, label=f"the quota, {where}")
        axes.step(task["moments"], counted, where="post", color=color, label=f"kms_imported_keys, {where}", alpha=0.7)
    shell = taken["shell"]
    axes.plot([0, shell * number], [0, number], "--", color=ORANGE, label="AWS CLI and OpenSSL, in a loop")
    axes.set_xlabel("seconds from the start of the process")
    axes.set_ylabel("keys imported")
    axes.set_xlim(0)
    axes.set_ylim(0, number * 1.02)
    axes.legend(loc="lower right")


def _scale(axes: Axes, taken: list[dict[str, float]]) -> None:
    keys = [size["keys"] for size in taken]
    cost, memory = axes
    cost.set_title("Time for each additional key")
    for name, label, color, mark in (
        ("task", "one task", BLUE, "o-"),
        ("floor", "its calls by 16 boto3 threads", GREEN, "D--"),
    ):
        cost.plot(keys, [1000 * size[name] for size in taken], mark, color=color, label=label, markersize=5)
    cost.set_ylabel("milliseconds per key, without the start")
    memory.set_title("Peak memory")
    for name, label, color, mark in (("controller", "controller", BLUE, "o-"), ("target", "target", PURPLE, "s-")):
        memory.plot(keys, [size[name] / 2**20 for size in taken], mark, color=color, label=label)
    memory.axhline(1024, color=ORANGE, linestyle=":", label="1 GiB")
    memory.set_ylabel("MiB, all processes on each side")
    for one in axes:
        one.set_xscale("log")
        one.set_xlabel("keys in one task, without changes")
        one.set_ylim(0)
        for axis in (one.xaxis, one.yaxis):
            _thousands(axis)
        one.legend(loc="best")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
