"""Writes ``docs/settings.md`` from the fields of ``Settings``: ``python -m assistant.settings_reference``."""

from __future__ import annotations

from pathlib import Path

from assistant.settings import ABOUT, Settings

FILE = Path(__file__).parents[1] / "docs" / "settings.md"
_INTRODUCTION = """# Settings

Written by `python -m assistant.settings_reference` from `assistant/settings.py`: change it there.

Each setting is a key of `settings.toml` in the home folder. In the environment it is a variable in capitals that begins
with `FOOTNOTE_`, such as `FOOTNOTE_PORT`. Some are also options of the command line (`footnote COMMAND --help`) or can
be changed on the Settings tab of the page. An option of the command line wins over the environment, and the environment
over the file. A setting that is a table is a JSON object in the environment. [models.md](models.md) explains the names
of classes and the tables of their options.

```toml
# settings.toml
model = "llama_index.llms.ollama:Ollama"
answer_above = 0.5

[model_options]
temperature = 0.0
```

| setting | default | values | what it is |
|---|---|---|---|
"""
_END = """
A batch or an eval keeps earlier answers only while these settings are the same: {answer_settings}.
"""


def markdown() -> str:
    """The whole page, one row per setting."""
    rows = "".join(
        f"| `{name}` | {_default(name)} | {_values(name)} | {about.help} |\n" for name, about in ABOUT.items()
    )
    answer_settings = ", ".join(f"`{name}`" for name, about in ABOUT.items() if about.changes_answers)
    return _INTRODUCTION + rows + _END.format(answer_settings=answer_settings)


def _default(name: str) -> str:
    value = getattr(Settings(), name)
    return ABOUT[name].default or (f"`{value}`" if isinstance(value, str) else str(value))


def _values(name: str) -> str:
    about = ABOUT[name]
    if about.limits:
        return f"{about.limits[0]:,} to {about.limits[1]:,}"
    return ", ".join(f"`{choice}`" for choice in about.choices)


if __name__ == "__main__":
    FILE.write_text(markdown(), encoding="utf-8")
