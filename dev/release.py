# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make release``: check that a release can be made, or prepare one. It never commits, pushes or publishes."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

import changelog
import versions
import yaml
from artifact import run_build
from docs_site import run_docs
from files import project_files
from layout import BUILD, NAME, NAMESPACE, ROOT
from nox_sessions import run_importer
from semantic_version import Version
from work import Done, Failed, Work

_USAGE = 'usage: make release, or make release ARGS="--version X.Y.Z"'


def run_release(work: Work) -> Done:
    match list(work.arguments):
        case []:
            return _check(work)
        case ["--version", version]:
            return _prepare(work, version)
    raise Failed(_USAGE)


def _check(work: Work) -> Done:
    version = current_version()
    files = project_files()
    releases = changelog.released()
    check_version(version, releases.releases)
    check_named_versions(version, files)
    prepared = version in releases.releases
    check_fragments(version, prepared, changelog.fragments(files))
    check_clean(_git("status", "--porcelain"))
    if version in _git("tag", "--list").split():
        raise Failed(f"the tag {version} exists: version {version} is already released. Raise the version")
    if prepared:
        check_text(releases.text, changelog.generated(work))
    else:
        releases = changelog.next_release(work, version)
    objects = changelog.check_objects(files, releases.releases)
    run_docs(work)
    run_build(work)
    run_importer(work)
    artifact = BUILD / "artifact" / f"{NAMESPACE}-{NAME}-{version}.tar.gz"
    if not artifact.is_file():
        raise Failed(f"the build did not create {artifact.relative_to(ROOT)}")
    work.say("\n".join(_steps_to_publish(version, artifact) if prepared else _steps_to_prepare(version)))
    return Done(objects, f"modules, plugins, roles and playbooks in the changelog of {version}")


def _steps_to_publish(version: str, artifact: Path) -> list[str]:
    path = artifact.relative_to(ROOT)
    return [
        f"\nVersion {version} can be released. Nothing has been published. Next steps:",
        f"  1. git tag --annotate {version} --message 'cloudkeys.aws {version}'",
        f"  2. git push origin {version}",
        f"  3. Create a GitHub release for the tag, and attach {path}.",
        f"  4. ansible-galaxy collection publish {path}",
    ]


def _steps_to_prepare(version: str) -> list[str]:
    return [
        f"\nVersion {version} can be prepared: all checks passed with a changelog made in {BUILD.name}/release.",
        "Nothing has been changed. Next steps:",
        f'  1. make release ARGS="--version {version}"',
        "  2. Review and commit the changes.",
        "  3. make release",
    ]


def _prepare(work: Work, version: str) -> Done:
    files = project_files()
    releases = changelog.released().releases
    check_version(version, releases)
    if version in releases:
        raise Failed(f"version {version} is already in {changelog.DATA}. Choose a later version")
    check_fragments(version, False, changelog.fragments(files))
    check_clean(_git("status", "--porcelain"))
    # All of it is made in the copy first: a failure changes nothing here.
    made = changelog.next_release(work, version)
    objects = changelog.check_objects(files, made.releases)
    for path in versions.files_with_versions(files):
        text = (ROOT / path).read_text("utf-8")
        if versions.versions_in(text) - {version}:
            (ROOT / path).write_text(versions.with_version(text, version), "utf-8")
    for path in (changelog.CHANGELOG, changelog.DATA):
        (ROOT / path).write_bytes((changelog.COPY / path).read_bytes())
    for path in changelog.fragments(files):
        (ROOT / path).unlink()
    work.say(
        f"\nVersion {version} is prepared: the version is set, and the fragments are in {changelog.CHANGELOG}. "
        "Next steps:\n  1. Review and commit the changes.\n  2. make release"
    )
    return Done(objects, f"modules, plugins, roles and playbooks in the changelog of {version}")


def current_version() -> str:
    return str(yaml.safe_load((ROOT / "galaxy.yml").read_text("utf-8"))["version"])


def check_version(version: str, released: Iterable[str]) -> None:
    """The version must be semantic, without build metadata, which Galaxy ignores, and not earlier than a release."""
    try:
        semantic = Version(version)
    except ValueError:
        semantic = None
    if semantic is None or semantic.build:
        raise Failed(f"{version} is not a semantic version. Use MAJOR.MINOR.PATCH (https://semver.org)")
    latest = max(map(Version, released), default=semantic)
    if latest > semantic:
        raise Failed(f"version {version} is not later than {latest}, the latest in the changelog")


def check_named_versions(version: str, files: Iterable[Path]) -> None:
    """The documentation and the code name the version of galaxy.yml."""
    named = {
        path: versions.versions_in((ROOT / path).read_text("utf-8")) - {version}
        for path in versions.files_with_versions(files)
    }
    wrong = [f"{path} ({', '.join(sorted(others))})" for path, others in named.items() if others]
    if wrong:
        raise Failed(f"galaxy.yml has the version {version}, but other versions are named in {', '.join(wrong)}")


def check_fragments(version: str, prepared: bool, fragments: Sequence[Path]) -> None:
    if prepared and fragments:
        names = ", ".join(path.name for path in fragments)
        raise Failed(f"the changelog contains {version}, and fragments exist: {names}. Raise the version in galaxy.yml")
    if not prepared and not fragments:
        raise Failed(f"the changelog has no entry for {version}. Add a fragment to {changelog.FRAGMENTS}")


def check_text(text: str, generated: str) -> None:
    if text != generated:
        raise Failed(f"{changelog.CHANGELOG} differs from {changelog.DATA}. Run antsibull-changelog generate")


def check_clean(status: str) -> None:
    """:param status: what ``git status --porcelain`` prints."""
    changed = [line[3:] for line in status.splitlines()]
    if changed:
        raise Failed(f"the working tree has uncommitted changes: {', '.join(changed[:10])}. Commit or remove them")


def _git(*arguments: str) -> str:
    command = ["git", "-c", "safe.directory=*", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
