"""The total never falls, and what was carried over is in it once."""

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse

from tests.factory import make_user
from visitors.models import ImportedTotal, Total

from .readers import read, ship, shown_figures

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE visitors_total SET visits = visits - 1",
        "UPDATE visitors_total SET views = 0",
        "UPDATE visitors_total SET views = views - 1, visits = visits + 1",
        "DELETE FROM visitors_total",
        "INSERT INTO visitors_total (id, views, visits) VALUES (2, 1, 1)",
        "UPDATE visitors_importedtotal SET amount = 1",
        "UPDATE visitors_importedtotal SET note = 'x'",
        "DELETE FROM visitors_importedtotal",
        "INSERT INTO visitors_importedtotal (metric, amount, source, note, added_by, added_at)"
        " VALUES ('visits', -1, 'Khác', '', '', now())",
    ],
)
def test_database_refuses_whatever_would_lower_the_total(client, statement):
    ImportedTotal.objects.create(amount=1000, source="Cổng cũ")
    read(client)
    ship()

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert Total.objects.values_list("visits", "views").get() == (1001, 1)
    assert ImportedTotal.objects.get().amount == 1000


def test_total_may_rise_by_hand():
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO visitors_total (id, views, visits) VALUES (1, 0, 0) ON CONFLICT DO NOTHING"
        )
        cursor.execute("UPDATE visitors_total SET views = views + 5")

    assert Total.objects.get().views == 5


def test_shown_total_is_what_was_carried_over_and_what_was_counted(client):
    client.force_login(make_user(is_superuser=True))
    url = reverse("admin:visitors_importedtotal_add")
    client.post(url, {"metric": "visits", "amount": 1000, "source": "Cổng cũ"})
    ImportedTotal.objects.create(amount=234, source="Cổng cũ hơn")
    client.logout()

    read(client)
    ship()
    assert shown_figures(client)["Tổng số"] == "1.235"

    client.force_login(make_user(is_superuser=True))
    client.post(url, {"metric": "visits", "amount": 1000, "source": "Cổng cũ"})
    client.post(url, {"metric": "visits", "amount": -5, "source": "Khác"})
    client.logout()
    read(client, address="203.0.113.9")
    ship()
    assert shown_figures(client)["Tổng số"] == "1.236"


def test_same_source_is_added_once_and_its_failure_adds_nothing():
    ImportedTotal.objects.create(amount=1000, source="Cổng cũ")

    with pytest.raises(IntegrityError):
        ImportedTotal.objects.create(amount=1000, source="Cổng cũ")


@pytest.mark.django_db(transaction=True)
def test_nothing_of_a_refused_figure_is_in_the_total():
    ImportedTotal.objects.create(amount=1000, source="Cổng cũ")
    for amount, source in ((1000, "Cổng cũ"), (-5, "Khác")):
        with pytest.raises(IntegrityError):
            ImportedTotal.objects.create(amount=amount, source=source)
    ImportedTotal.objects.create(metric="views", amount=7, source="Cổng cũ")

    assert Total.objects.values_list("visits", "views").get() == (1000, 7)


def test_negative_amount_is_refused_with_a_word():
    with pytest.raises(ValidationError, match="amount"):
        ImportedTotal(amount=-1, source="Cổng cũ").full_clean()
