"""The open data interface keeps what its description promises, whatever is asked: schemathesis, all checks."""

import os
import subprocess
import sys

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from schemathesis import GenerationMode, openapi

from articles.models import Topic
from newsportal import wsgi
from tests import schemathesis_hooks as hooks
from tests.factory import figure, make_article, make_byline, make_photo, make_section

EXAMPLES = os.environ.get("API_CHECK_EXAMPLES")  # set by `make api-check`


@pytest.fixture
def news(db, settings):
    settings.API_REQUESTS_PER_MINUTE = 0
    story = make_article(body=figure(make_photo(), "Quang cảnh sáng nay"))
    story.topics.add(Topic.objects.create(name="Mùa mưa"))
    make_byline(story)
    for _ in range(2):
        make_article(section=make_section("Cơ sở", parent=story.section))
    make_article(status="withdrawn")


@pytest.fixture
def application():
    """The site as a server calls it, uncompressed; the test's own connection stays open, as in Django's test client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield lambda environ, start: wsgi.application({**environ, "HTTP_ACCEPT_ENCODING": ""}, start)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.requirement(40)
@pytest.mark.parametrize("mode", GenerationMode)
def test_answers_are_as_described(news, application, mode):
    """The short form, without a server."""
    schema = openapi.from_wsgi("/api/v1/openapi.json", application)
    for operation in schema.get_all_operations():
        if mode.is_negative and not operation.ok().definition.raw["parameters"]:
            continue  # nothing to get wrong

        @hypothesis_settings(
            max_examples=6, deadline=None, derandomize=True, database=None, suppress_health_check=HealthCheck
        )
        @given(operation.ok().as_strategy(generation_mode=mode))
        def asked(case):
            hooks.before_call(None, case, {})
            case.call_and_validate()

        asked()


@pytest.mark.requirement(40)
@pytest.mark.skipif(not EXAMPLES, reason="make api-check")
@pytest.mark.django_db(transaction=True)
def test_server_answers_as_described(news, live_server, settings, tmp_path):
    settings.SITE_URL = live_server.url
    run = subprocess.run(
        [
            sys.executable, "-m", "schemathesis.cli", "run", f"{live_server.url}/api/v1/openapi.json", "--no-color",
            "--checks", "all", "--continue-on-failure", "--max-examples", EXAMPLES,
        ],
        env=os.environ | {"SCHEMATHESIS_HOOKS": "tests.schemathesis_hooks", "PYTHONPATH": os.getcwd()},
        cwd=tmp_path, check=False,
    )  # fmt: skip

    assert run.returncode == 0
