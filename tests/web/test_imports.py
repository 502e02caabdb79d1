from __future__ import annotations

import subprocess
import sys

from tests.support.paths import ROOT

VIEWS = ROOT / "assistant" / "web" / "views"


def test_the_views_load_no_gradio():
    modules = [f"assistant.web.views.{path.stem}" for path in sorted(VIEWS.glob("*.py")) if path.stem != "__init__"]
    assert "assistant.web.views.chat" in modules
    program = f"import sys, {', '.join(modules)}\nprint('gradio' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
