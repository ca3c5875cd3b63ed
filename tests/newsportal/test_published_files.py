"""What `collectstatic` publishes of the editor's package: what pages ask for, nothing else."""

from pathlib import Path

import pytest
from django.core.management import call_command

from articles.widgets import REMOVED_PLUGINS

EDITOR = "ckeditor/ckeditor"


@pytest.fixture
def published(settings, tmp_path) -> Path:
    settings.STATIC_ROOT = tmp_path
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path


@pytest.mark.requirement(48)
def test_only_the_parts_of_the_editor_that_are_used_are_published(published):
    files = [
        str(path.relative_to(published)) for path in (published / "ckeditor").rglob("*") if path.is_file()
    ]

    assert not [
        name for name in files if name.endswith((".html", ".htm", ".php", ".md")) and "LICENSE" not in name
    ]
    plugins = {path.name for path in (published / EDITOR / "plugins").iterdir() if path.is_dir()}
    assert plugins == {
        "clipboard", "dialog", "divarea", "find", "image2", "link", "magicline", "pastefromword", "pastetools", "specialchar",
        "table", "tableselection", "tabletools", "widget",
    }  # fmt: skip
    assert not plugins & set(REMOVED_PLUGINS)
    languages = {path.stem for path in published.glob(f"{EDITOR}/**/lang/*.js")}
    assert languages <= {"vi", "en"}
    assert len(files) < 120
    assert (
        sum((published / name).stat().st_size for name in files) < 1_600_000
    )  # bytes; the package has 6.4 MB
