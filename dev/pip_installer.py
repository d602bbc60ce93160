# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Install the pip that is part of Python, or Debian's copy of it, into the virtual environment that runs this."""

from __future__ import annotations

import ensurepip
import sysconfig
import zipfile
from pathlib import Path

_PLACES = (Path(ensurepip.__file__).parent / "_bundled", Path("/usr/share/python-wheels"))
_WHEELS = [wheel for place in _PLACES for wheel in sorted(place.glob("pip-*.whl"))]

if __name__ == "__main__":
    if not _WHEELS:
        raise SystemExit("This Python does not contain a wheel of pip. On Debian, run: apt install python3-venv")
    with zipfile.ZipFile(_WHEELS[0]) as archive:
        archive.extractall(sysconfig.get_path("purelib"))
