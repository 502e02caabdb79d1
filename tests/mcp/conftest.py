from __future__ import annotations

from contextlib import nullcontext

import pytest

from assistant.mcp.assistant_thread import AssistantThread
from assistant.mcp.server import make_server
from ingest.services import paper_services


@pytest.fixture
def serve(make_assistant):
    """Builds servers over the three papers, or over what ``opened`` opens; closes them afterwards."""
    threads = []

    def serve(script=(), *, can_add=False, assistant=None, opened=None):
        assistant = assistant or make_assistant(script)
        threads.append(AssistantThread(opened or (lambda: nullcontext(assistant))))
        services = (lambda one: paper_services(one.retriever.index, one.retriever.embedding)) if can_add else None
        return make_server(threads[-1], services)

    yield serve
    for thread in threads:
        thread.close()
