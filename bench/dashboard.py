"""How long the page of statistics takes over three years of a busy portal, 1,000,000 views a day. Run by `make bench`."""

import os
import statistics
import tempfile
import time
from datetime import timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsportal.settings")
os.environ["SECOND_FACTOR"] = "0"
os.environ["VISITS_SPOOL"] = tempfile.mkdtemp(prefix="bench-visits-")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.runner import DiscoverRunner  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from articles.models import Article, Author, Byline, Section  # noqa: E402
from newsportal import embedded  # noqa: E402
from visitors import retention  # noqa: E402
from visitors.models import Day, Hour, LabelDay, LabelMonth  # noqa: E402
from visitors.periods import NAMES  # noqa: E402

DAYS = 3 * 365
STORIES = 5000
LIMIT = 300  # milliseconds
LABELS = {"page": STORIES, "channel": 6, "referrer": 200, "device": 4, "browser": 30, "system": 12, "bot": 100, "excluded": 7, "not_found": 200}  # fmt: skip

FILL = """
INSERT INTO visitors_day (day, views, visits, visitors, one_view_visits, seconds, suspects, bots, peak_online, is_closed)
SELECT day, 1000000, 450000, 380000, 250000, 45000000, 9000, 300000, 14000, true
FROM generate_series(%(today)s::date - %(days)s, %(today)s::date, '1 day') AS day;
INSERT INTO visitors_hour (begins_at, views, visits, visitors)
SELECT hour, 41666, 18750, 18000 FROM generate_series(now() - interval '400 days', now(), '1 hour') AS hour;
INSERT INTO visitors_label (kind, text, added_on)
SELECT 'page', 'article:' || id, %(today)s::date - %(days)s FROM articles_article;
"""
FILL_KIND = """
INSERT INTO visitors_label (kind, text, added_on)
SELECT %(kind)s, %(kind)s || ' ' || number, %(today)s::date - %(days)s FROM generate_series(1, %(count)s) AS number;
"""
FILL_LABELS = """
INSERT INTO visitors_labelday (day, label_id, views, visits)
SELECT day::date, label.id, 400 + label.id %% 100, 180
FROM generate_series(%(today)s::date - 761, %(today)s::date, '1 day') AS day, visitors_label AS label
WHERE kind <> 'page';
INSERT INTO visitors_labelday (day, label_id, views, visits)
SELECT day::date, label.id, 400 + label.id %% 100, 180
FROM generate_series(%(today)s::date - 130, %(today)s::date, '1 day') AS day, visitors_label AS label
WHERE kind = 'page' AND (label.id + extract(doy FROM day)::int * 37) %% 5 < 2;
INSERT INTO visitors_labelmonth (month, label_id, views, visits)
SELECT month::date, label.id, 12000, 5400
FROM generate_series(date_trunc('month', %(today)s::date - %(days)s), date_trunc('month', %(today)s::date - 40), '1 month') AS month,
    visitors_label AS label WHERE kind <> 'page' OR label.id %% 5 = 0;
"""


def main():
    with embedded.running_for(settings):
        runner = DiscoverRunner(verbosity=0, interactive=False)
        databases = runner.setup_databases()
        try:
            fill()
            measure()
        finally:
            runner.teardown_databases(databases)


def fill():
    today = timezone.localdate()
    section = Section.objects.create(name="Tin hoạt động")
    published = timezone.now() - timedelta(days=30)
    Article.objects.bulk_create(
        Article(
            section=section, headline=f"Tin số {n}", slug="tin", status="published", published_at=published
        )
        for n in range(STORIES)
    )
    authors = [Author.objects.create(pen_name=f"Tác giả {n}") for n in range(40)]
    Byline.objects.bulk_create(
        Byline(article=article, author=authors[article.pk % 40]) for article in Article.objects.all()
    )
    with connection.cursor() as cursor:
        values = {"today": today, "days": DAYS}
        cursor.execute(FILL, values)
        for kind, count in LABELS.items():
            if kind != "page":
                cursor.execute(FILL_KIND, {**values, "kind": kind, "count": count})
        cursor.execute(FILL_LABELS, values)
        cursor.execute("ANALYZE")
    retention.close_days(today)
    tables = {model.__name__: model.objects.count() for model in (Day, Hour, LabelDay, LabelMonth)}
    print("rows:", ", ".join(f"{name} {count:,}" for name, count in tables.items()))


def measure():
    client = Client()
    client.force_login(User.objects.create_superuser("bench", password="bench-bench-bench"))
    address = reverse("admin:visitors_day_changelist")
    screens = {name: f"{address}?period={name}" for name in NAMES}
    screens["three years"] = (
        f"{address}?from={timezone.localdate() - timedelta(days=DAYS)}&to={timezone.localdate()}"
    )
    screens["live"] = reverse("admin:visitors_day_live")
    screens["list of stories"] = reverse("admin:articles_article_changelist")
    screens["home page"] = "/"
    client.get(address, SERVER_NAME="localhost")
    for name, url in screens.items():
        times = []
        for _ in range(7):
            began = time.perf_counter()
            response = client.get(url, SERVER_NAME="localhost")
            times.append(1000 * (time.perf_counter() - began))
            assert response.status_code == 200, url
        median = statistics.median(times)
        print(f"{name:16} {median:6.0f} ms (limit {LIMIT}){'' if median <= LIMIT else '  OVER THE LIMIT'}")


if __name__ == "__main__":
    main()
