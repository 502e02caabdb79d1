"""The measurement of an installation takes nothing from elsewhere, and says what is missing."""

from __future__ import annotations

from evals.benchmarks import install


def test_a_folder_without_footnote_is_one_line(tmp_path, capsys):
    (tmp_path / "numpy-2.0-py3-none-any.whl").write_bytes(b"")
    assert install.main([str(tmp_path)]) == 1
    assert "run `make wheelhouse`" in capsys.readouterr().err


def test_settings_of_pip_and_of_footnote_do_not_reach_the_installation():
    given = {"PIP_INDEX_URL": "x", "UV_INDEX": "x", "PYTHONPATH": "x", "FOOTNOTE_MODEL": "x", "PATH": "/bin"}
    kept = install.without_settings(given)
    assert kept["PATH"] == "/bin"
    assert "x" not in kept.values()


def test_a_link_counts_nothing(tmp_path):
    (tmp_path / "file").write_bytes(b"x" * 2_000_000)
    (tmp_path / "link").symlink_to("file")
    assert install.megabytes(tmp_path) == 2.0
