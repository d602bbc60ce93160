# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make release`` refuses a wrong version, a missing changelog entry, and uncommitted changes."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import changelog
import environments
import pytest
import release
import versions
from files import project_files
from work import Failed, Work

needs_environment = pytest.mark.skipif(
    not environments.main().folder.is_dir(), reason="ansible-test runs a copy of the project without its environment"
)


@pytest.fixture
def work() -> Work:
    return Work(environments.main(), io.StringIO(), show=False)


@pytest.mark.parametrize("version", ["0.1.0", "1.0.0", "1.0.0-rc.1", "10.20.30-alpha.beta"])
def test_semantic_versions_are_accepted(version: str) -> None:
    release.check_version(version, ["0.0.9"])


@pytest.mark.parametrize(
    "version", ["0.1", "v0.1.0", "0.1.0.1", "01.1.0", "0.1.0-", "0.1.0-01", "0.1.0+build", "latest"]
)
def test_other_versions_are_refused(version: str) -> None:
    with pytest.raises(Failed, match="is not a semantic version"):
        release.check_version(version, [])


@pytest.mark.parametrize("version", ["0.2.0", "0.10.0-rc.2"])
def test_an_earlier_version_is_refused(version: str) -> None:
    with pytest.raises(Failed, match=rf"version {version} is not later than 0\.10\.0"):
        release.check_version(version, ["0.1.0", "0.10.0", "0.10.0-rc.1"])


@pytest.mark.parametrize(
    ("prepared", "fragments", "expected"),
    [
        pytest.param(False, [], r"the changelog has no entry for 0\.2\.0", id="missing entry"),
        pytest.param(True, [Path("changelogs/fragments/7.yml")], r"fragments exist: 7\.yml", id="fragments left"),
    ],
)
def test_fragments_that_do_not_match_the_changelog_are_refused(
    prepared: bool, fragments: Sequence[Path], expected: str
) -> None:
    with pytest.raises(Failed, match=expected):
        release.check_fragments("0.2.0", prepared, fragments)


def test_uncommitted_changes_are_refused() -> None:
    release.check_clean("")
    with pytest.raises(Failed, match=r"uncommitted changes: galaxy\.yml, new\.py\."):
        release.check_clean(" M galaxy.yml\n?? new.py\n")


def test_an_edited_changelog_is_refused() -> None:
    release.check_text("same", "same")
    with pytest.raises(Failed, match="differs from"):
        release.check_text("edited", "generated")


FILES = [
    Path("plugins/modules/kms_key.py"),
    Path("plugins/filter/plan.yml"),
    Path("plugins/filter/plans.py"),
    Path("plugins/inventory/kms_keys.py"),
    Path("plugins/action/kms_key.py"),
    Path("roles/key/tasks/main.yml"),
    Path("playbooks/provision.yml"),
    Path("playbooks/tasks/check.yml"),
]
RELEASES = {
    "0.1.0": {
        "modules": [{"name": "kms_key"}],
        "plugins": {"filter": [{"name": "plan"}], "inventory": [{"name": "kms_keys"}]},
        "objects": {"role": [{"name": "key"}]},
    },
    "0.2.0": {"objects": {"playbook": [{"name": "provision"}]}},
}


def test_every_object_is_listed() -> None:
    assert changelog.check_objects(FILES, RELEASES) == 5


def test_an_object_that_is_not_listed_is_refused() -> None:
    with pytest.raises(Failed, match="Not listed: module kms_new, playbook provision"):
        changelog.check_objects([*FILES, Path("plugins/modules/kms_new.py")], {"0.1.0": RELEASES["0.1.0"]})


def test_the_files_of_the_project_name_one_version() -> None:
    release.check_named_versions(release.current_version(), project_files())


def test_another_version_in_a_file_is_refused() -> None:
    with pytest.raises(Failed, match=r"docs/docsite/rst/guide_ceremony\.rst \(0\.1\.0\)"):
        release.check_named_versions("9.9.9", [Path("docs/docsite/rst/guide_ceremony.rst")])


def test_only_the_version_of_the_collection_is_replaced() -> None:
    text = "version: 0.1.0\n# install cloudkeys-aws-0.1.0.tar.gz, with awx.awx 24.6.1\n"
    assert versions.with_version(text, "1.0.0-rc.1") == text.replace("0.1.0", "1.0.0-rc.1")


@pytest.mark.parametrize("arguments", [["--version"], ["1.0.0"], ["--publish"]], ids=" ".join)
def test_unknown_arguments_are_refused(arguments: list[str], work: Work) -> None:
    work.arguments = arguments
    with pytest.raises(Failed, match="usage: make release"):
        release.run_release(work)


@pytest.mark.parametrize("version", ["1.0", "0.0.1"])
def test_a_wrong_version_changes_nothing(version: str, work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    released = changelog.Changelog({"0.1.0": {}}, "")
    monkeypatch.setattr(changelog, "released", lambda: released)
    monkeypatch.setattr(changelog, "next_release", lambda *_arguments: pytest.fail("no release is made"))
    work.arguments = ["--version", version]
    with pytest.raises(Failed, match=r"semantic|not later"):
        release.run_release(work)


@needs_environment
def test_the_next_release_lists_everything(work: Work) -> None:
    """The changelog contains the project's fragments, as in ``make release``."""
    version = release.current_version()
    made = changelog.released()
    if version not in made.releases:
        made = changelog.next_release(work, version)
    assert changelog.check_objects(project_files(), made.releases) > 30
    assert version in made.text.replace("\\", "")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the files of the project and without a released version."""
    root = tmp_path / "project"
    for path in project_files():
        if path.parts[0] not in ("tests", "benchmarks") and path.parent != changelog.FRAGMENTS:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(release.ROOT / path, root / path, follow_symlinks=False)
    (root / changelog.DATA).write_text("ancestor: null\nreleases: {}\n", "utf-8")
    (root / changelog.FRAGMENTS).mkdir()
    (root / changelog.FRAGMENTS / "0.1.0.yml").write_text("release_summary: The first release.\n", "utf-8")
    for module in ("changelog", "files", "release"):
        monkeypatch.setattr(f"{module}.ROOT", root)
    monkeypatch.setattr(changelog, "COPY", tmp_path / "copy")
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=n", "-c", "user.email=e", "commit", "-qm", "."]):
        subprocess.run(["git", *command], cwd=root, check=True)
    return root


def _add_playbooks(project: Path) -> None:
    names = sorted(path.stem for path in (project / "playbooks").glob("*.yml"))
    entries = [{"name": name, "description": "A playbook."} for name in names]
    (project / changelog.FRAGMENTS / "playbooks.yml").write_text(json.dumps({"add object.playbook": entries}), "utf-8")
    for command in (["add", "."], ["-c", "user.name=n", "-c", "user.email=e", "commit", "-qm", "."]):
        subprocess.run(["git", *command], cwd=project, check=True)


@needs_environment
def test_a_missing_entry_changes_nothing(work: Work, project: Path) -> None:
    work.arguments = ["--version", "0.1.0"]
    with pytest.raises(Failed, match="Not listed: playbook awx_setup, playbook"):
        release.run_release(work)
    assert subprocess.run(["git", "status", "--porcelain"], cwd=project, capture_output=True, check=True).stdout == b""


@needs_environment
def test_a_release_is_prepared(work: Work, project: Path) -> None:
    _add_playbooks(project)
    work.arguments = ["--version", "0.1.0"]
    assert release.run_release(work).number > 30
    text = (project / changelog.CHANGELOG).read_text("utf-8")
    assert "The first release" in text
    assert list((project / changelog.FRAGMENTS).iterdir()) == []
    release.check_text(text, changelog.generated(work))
    assert list(changelog.released().releases) == ["0.1.0"]
