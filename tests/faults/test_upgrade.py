"""The release before this one goes on answering while this one migrates its database, until readers are led over."""

import shutil
import subprocess
import sys

import pytest
from django.conf import settings
from django.db.migrations.loader import MigrationLoader

from tests.visitors.database import wait_until

from . import LONG
from .site import Readers

OURS = ("articles", "newsportal", "visitors")
WARM = """
from django.core.management import call_command
for app, name in {targets!r}:
    call_command("migrate", app, name, verbosity=0)
"""


def git(*arguments) -> str:
    done = subprocess.run(["git", *arguments], cwd=settings.BASE_DIR, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("no history of releases here")
    return done.stdout.strip()


@pytest.fixture
def release_before(tmp_path):
    """A checkout from before the newest migration."""
    newest = git(
        "log", "-1", "--format=%H", "--diff-filter=A", "--", *(f"{app}/migrations/[0-9]*.py" for app in OURS)
    )
    commit = git("rev-parse", f"{newest}^")
    folder = tmp_path / "before"
    git("worktree", "add", "--detach", str(folder), commit)
    shutil.copytree(settings.BASE_DIR / "locale", folder / "locale", dirs_exist_ok=True)
    yield folder
    git("worktree", "remove", "--force", str(folder))


@pytest.mark.skipif(not LONG, reason="the linter of migrations says in seconds what this tries in minutes")
@pytest.mark.fault(13)
def test_migration_beside_the_release_before_fails_no_reader(site, release_before, record_property):
    newest = set(MigrationLoader(None).graph.leaf_nodes())
    before = subprocess.run(
        [sys.executable, "-c", "import django; django.setup()\nfrom django.db.migrations.loader import MigrationLoader\n"
         "print(MigrationLoader(None).graph.leaf_nodes())"],
        cwd=release_before, env=site.environment, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    targets = [leaf for leaf in eval(before) if leaf[0] in OURS]
    new = sorted(f"{app}.{name}" for app, name in newest - set(eval(before)))
    # Files that only the release before asks for; an upgrade leaves them too.
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--link", "--no-post-process", "--noinput", "-v0"],
        cwd=release_before, env=site.environment, check=True,
    )  # fmt: skip
    site.stop()
    site.program(WARM.format(targets=targets))
    site.process = old = site.start(cwd=release_before)
    site.wait()
    site.keep()
    with Readers(site, [*site.pages, "/tim-kiem/?q=tin", "/api/v1/stories"], pause=0.6) as readers:
        readers.wait_for(50)
        site.program(
            "from django.core.management import call_command\ncall_command('migrate', verbosity=0)",
            PGOPTIONS="-c lock_timeout=2s",
        )
        readers.wait_for(50)
        site.process = site.start()
        wait_until(lambda: len(site.workers()) == 2)
        readers.wait_for(50)
        old.terminate()
        old.wait(timeout=60)
        readers.wait_for(50)

    record_property("measured", f"{', '.join(new)} beside the release before: {readers}")
    assert new
    assert readers.failed == []
