import pytest
from django.urls import reverse

from tests.factory import make_user
from visitors.models import Day, ImportedTotal

pytestmark = pytest.mark.django_db


def test_reader_of_statistics_sees_days_and_changes_nothing(client):
    client.force_login(make_user("Xem thống kê"))
    day = Day.objects.create(day="2026-11-22", visits=1153, views=2000, visitors=900)

    listed = client.get(reverse("admin:visitors_day_changelist")).content.decode()
    changed = client.post(reverse("admin:visitors_day_change", args=[day.pk]), {"visits": 1})

    assert "1153" in listed or "1.153" in listed
    assert changed.status_code == 403


def test_figure_carried_over_is_added_once_with_its_author_and_never_lowered(client):
    user = make_user(is_superuser=True)
    client.force_login(user)
    url = reverse("admin:visitors_importedtotal_add")

    client.post(url, {"metric": "visits", "amount": 1000, "source": "Cổng cũ"})
    again = client.post(url, {"metric": "visits", "amount": 5, "source": "Cổng cũ"}).content.decode()
    negative = client.post(url, {"metric": "visits", "amount": -5, "source": "Khác"}).content.decode()

    start = ImportedTotal.objects.get()
    assert (start.amount, start.added_by) == (1000, user.username)
    assert "Số liệu của nguồn này đã được thêm." in again
    assert "lớn hơn hoặc bằng" in negative
    assert (
        client.post(
            reverse("admin:visitors_importedtotal_change", args=[start.pk]), {"visits": 1}
        ).status_code
        == 403
    )
