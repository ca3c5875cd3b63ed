"""The short form of the made-up requests, without a server: one to each address, with and without somebody signed in.

`make attack` sends 2,000 to each, others at each run.
"""

import io
from collections import Counter
from urllib.parse import urlsplit

import pytest
from django.conf import settings as site
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.test import RequestFactory

from newsportal import wsgi
from tests.attack import odd, targets
from tests.newsportal.test_access import make_people, make_rows


@pytest.fixture
def application():
    """The site as a server calls it; the test's own connection stays open, as in Django's test client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield wsgi.application
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def sender(application):
    def send(request: odd.Request) -> odd.Answer:
        path, _, query = request.target.partition("?")
        environ = RequestFactory().generic(request.method, "/").environ | {
            "PATH_INFO": odd.unquoted(path),
            "QUERY_STRING": query,
            "CONTENT_LENGTH": str(len(request.body)),
            "wsgi.input": io.BytesIO(request.body),
        }
        for name, value in request.headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        began = []
        with transaction.atomic():
            answer = application(environ, lambda status, headers, *rest: began.extend((status, headers)))
            body = b"".join(answer)
            if hasattr(answer, "close"):
                answer.close()
            transaction.set_rollback(True)
        return odd.Answer(int(began[0][:3]), {name.lower(): value for name, value in began[1]}, body)

    return send


@pytest.mark.requirement(40)
@pytest.mark.django_db
@pytest.mark.ignore_template_errors  # Django's own forms leave variables out
def test_no_address_fails_whatever_is_asked(application):
    rows = make_rows()
    superuser = make_people(rows)["S"]
    send = sender(application)
    token = targets.csrf_token()
    cookies = {site.SESSION_COOKIE_NAME: targets.session_of(superuser), site.CSRF_COOKIE_NAME: token}
    staff = odd.Staff(cookies, token, "http://testserver")
    own_hosts = {"localhost", "testserver", urlsplit(site.SITE_URL).netloc}
    paths = list(targets.every_address(rows, superuser).values())
    statuses = Counter()

    def send_and_count(request):
        answer = send(request)
        statuses[answer.status] += 1
        return answer

    faults = odd.attack(
        paths, send_and_count, examples=len(paths), staff=staff, own_hosts=own_hosts, derandomize=True
    )

    assert not faults, "\n".join(faults)
    assert statuses.total() >= len(paths)
    assert statuses[403] < len(paths) / 3, statuses  # most reach a view
