from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from newsportal.models import SiteIdentity

pytestmark = pytest.mark.django_db
ADDRESS = "/.well-known/security.txt"


@pytest.mark.requirement(52)
def test_security_txt_names_a_contact_and_an_end_to_come(client, settings):
    settings.SITE_URL = "https://tin.vi-du.vn"
    assert client.get(ADDRESS).status_code == 404  # without a contact it would be invalid
    SiteIdentity.objects.create(name="Cổng tin", email="toasoan@vi-du.vn")

    response = client.get(ADDRESS)
    fields = dict(line.split(": ", 1) for line in response.content.decode().splitlines())
    settings.SECURITY_CONTACT = "https://vi-du.vn/bao-loi"

    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert fields.pop("Preferred-Languages") == "vi, en"
    assert fields.pop("Contact") == "mailto:toasoan@vi-du.vn"
    assert fields.pop("Canonical") == f"https://tin.vi-du.vn{ADDRESS}"
    valid = datetime.fromisoformat(fields.pop("Expires")) - timezone.now()
    assert timedelta(days=178) < valid < timedelta(days=365)  # RFC 9116 advises less than a year
    assert not fields
    assert b"Contact: https://vi-du.vn/bao-loi\n" in client.get(ADDRESS).content
