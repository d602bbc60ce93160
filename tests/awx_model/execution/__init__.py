# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a job of AWX with ansible-runner. Files, command line, and environment are the same as in AWX.

The source is AWX of 2024-10 (``awx/main/tasks/jobs.py``, ``awx/main/models``), for one job of a job template.
Like AWX, this passes a job to ansible-runner in three steps: *transmit* writes the job into a stream, a *worker*
process runs it, and *process* reads the events from the worker's stream. In AWX, Receptor transports the streams and
stores them as files; here, the files are ``receptor/<job>/stdin`` and ``stdout``.

Differences from AWX:

* No container is used. AWX mounts the private data directory as ``/runner`` and passes paths below it; here, the paths
  are the real ones. ``JobInputs.environment`` replaces the environment of the execution environment's image. Its home
  and temporary folders are in ``container/<job>``. The environment of the user who runs the tests is not passed on.
  With a container, ansible-runner also writes every variable into ``artifacts/<job>/env.list``, 0644; without one,
  they are only in ``artifacts/<job>/command``.
* ``collections/requirements.yml`` is not installed, because Galaxy is not available. ``ANSIBLE_COLLECTIONS_PATH`` of
the environment replaces the image's ``/usr/share/ansible/collections``. * The stream to the worker does not contain a
copy of the private data directory. In AWX, this is the case if a node both controls and runs the job. Other execution
nodes and container groups receive all files in the stream. * Machine and network credentials, and therefore SSH, are
not modeled; a job with one of them is refused.

AWX removes the private data directory after the job. Here, only ``env/tmp*``, the credential files, are removed: they
contain secrets by design while the job runs. Everything else is kept, and tests search it for leaked secrets:
``project`` including the job's changes, ``inventory``, the rest of ``env``, ``artifacts``, the streams, and the
container's folders.
"""

from __future__ import annotations

from .image import image
from .inputs import CredentialInputs, JobInputs, JobResult
from .job import RunningJob, run_job, start_job

__all__ = ["CredentialInputs", "JobInputs", "JobResult", "RunningJob", "image", "run_job", "start_job"]
