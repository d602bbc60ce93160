# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a job of AWX by ansible-runner: what is on disk, on the command line and in the environment is as AWX has it.

After AWX's own sources of 2024-10 (``awx/main/tasks/jobs.py``, ``awx/main/models``), for one job of a job template.
AWX hands a job to ansible-runner in three steps, and so does this: *transmit* writes what to do into a stream, a
*worker*, which is a process of its own, does it, and *process* reads the events from the worker's stream. Receptor
carries the streams, and keeps them as files; here they are ``receptor/<job>/stdin`` and ``stdout``.

What is not as in AWX:

* There is no container. AWX mounts the private data directory as ``/runner``, and gives paths in there; here they are
  the real ones. The environment of the execution environment's image is ``JobInputs.environment``, and its home and
  its folder for temporary files are in ``container/<job>``. The environment of the user who runs the tests is
  not passed on.
  With a container ansible-runner also writes every variable into ``artifacts/<job>/env.list``, 0644; without one they
  are in ``artifacts/<job>/command`` alone.
* ``collections/requirements.yml`` is not installed: there is no Galaxy. What an image has in
  ``/usr/share/ansible/collections`` is where ``ANSIBLE_COLLECTIONS_PATH`` of the environment says.
* The stream to the worker has no copy of the private data directory: so it is where the node that runs the job is
  also one that controls it. Other execution nodes and container groups get all of its files in the stream.
* Machine and network credentials, and with them SSH, are not modeled; a job that has one is refused.

AWX removes the private data directory after the job. Here ``env/tmp*``, the files of the credentials, are removed: they
hold secrets by design, for as long as a job lasts. All else is kept, to be searched for what must never have been
there: ``project`` with what the job wrote in it, ``inventory``, the rest of ``env``, and ``artifacts``; so are the
streams and the container's folders.
"""

from __future__ import annotations

from .image import image
from .inputs import CredentialInputs, JobInputs, JobResult
from .job import RunningJob, run_job, start_job

__all__ = ["CredentialInputs", "JobInputs", "JobResult", "RunningJob", "image", "run_job", "start_job"]
