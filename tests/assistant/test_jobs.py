from __future__ import annotations

import threading

import pytest

from assistant.errors import Stopped
from assistant.jobs import Jobs


def test_work_that_is_being_stopped_cannot_be_started_again_yet():
    jobs, go = Jobs(), threading.Event()

    def work(progress):
        go.wait()
        progress(0, 1)
        return {}

    job = jobs.start("batch", work, "a")
    assert jobs.start("batch", work, "a") is job
    job.stop()
    with pytest.raises(Stopped, match="being stopped"):
        jobs.start("batch", work, "a")
    go.set()
    jobs.close()
    assert job.state == "stopped"
    assert jobs.start("batch", work, "a") is not job
    jobs.close()


def test_only_so_many_jobs_run_at_once():
    jobs, go = Jobs(), threading.Event()
    for _ in range(20):
        jobs.start("batch", lambda _: {"was_let_go": go.wait()})
    with pytest.raises(Stopped, match="20 jobs are running"):
        jobs.start("batch", lambda _: {})
    go.set()
    jobs.close()
