"""What was taken from readers stays gone, also from copies that stand in while the database is away."""

import math
import time
from functools import partial
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.http import HttpResponse
from django.test import Client

from articles import takedown
from articles.generation import Reading
from articles.page_cache import PageCache, unavailable
from articles.takedown import without
from newsportal.management.commands import nightly
from newsportal.models import AuditEntry
from tests.articles.test_article_admin import change_url
from tests.factory import figure, make_article, make_photo, make_section

CARD = (
    b'<article class="card"><a href="/muc/tin-%d/"><img></a><h2><a href="/muc/tin-%d/">Tin</a></h2></article>'
)


@pytest.mark.parametrize(
    ("page", "left"),
    [
        (b"<main>%b%b</main>" % (CARD % (5, 5), CARD % (15, 15)), b"<main>%b</main>" % (CARD % (15, 15))),
        (b"<ul><li><a href='/muc/tin-5/'>Tin</a> <time></time></li><li>x</li></ul>", b"<ul><li>x</li></ul>"),
        (b"<ul><li>x<ul><li>y</li></ul><a href='/tin-5/'>Tin</a></li><li>z</li></ul>", b"<ul><li>z</li></ul>"),
        (b"<article><h1>Khac</h1><p>Xem <a href='/tin-5/'>Tin</a>.</p></article>", b"<article><h1>Khac</h1><p>Xem .</p></article>"),
        (b"<item><link>https://x/tin-5/</link></item><item>y</item>", b"<item>y</item>"),
        (b"<url><loc>https://x/tin-5/</loc></url><url>y</url>", b"<url>y</url>"),
        (b'<head><link rel="canonical" href="/muc/tin-5/"></head><ul><li>x</li></ul>', None),
        (b"<article><h1>Tin</h1><p>-5/</p></article>", None),
        (b"<main>Tin 5</main>", b"<main>Tin 5</main>"),
    ],
    ids=["card", "row", "rows in a row", "link in a text", "feed", "sitemap", "itself", "in the text", "elsewhere"],
)  # fmt: skip
def test_page_loses_what_leads_to_the_story(page, left):
    assert without(page, {takedown.mark_of_story(5)}) == left


@pytest.fixture
def pages(settings, rf):
    """Two kept pages of a process that can no longer make new ones: a function to ask for one."""
    settings.PAGE_CACHE_BYTES = 4_000_000
    shown = {"/": b"<main>%b%b</main>" % (CARD % (5, 5), CARD % (6, 6)), "/so-do-trang/": b"<p>/tin-5/</p>"}
    cache = PageCache(lambda request: HttpResponse(shown[request.path]))

    def ask(path):
        return cache(rf.get(path, headers={"host": "testserver"}))

    reading = partial(Reading, changes_at=math.inf, read_at=time.monotonic() + 60)
    cache.generation.last = reading(number=1)
    for path in shown:
        ask(path)
    cache.get_response, cache.generation.last = unavailable, reading(number=2)
    return ask


@pytest.mark.django_db
def test_kept_page_stands_in_without_what_the_command_took_down(pages):
    assert pages("/so-do-trang/").status_code == 200

    with pytest.raises(CommandError, match="bạn đọc vẫn thấy tin này"):  # that of the tests answers
        call_command("take_down", "https://testserver/muc/tin-5/")

    assert pages("/so-do-trang/").status_code == 503
    for _ in range(2):
        assert (pages("/").status_code, pages("/").content) == (200, b"<main>%b</main>" % (CARD % (6, 6)))
    with pytest.raises(CommandError, match="không phải địa chỉ"):
        call_command("take_down", "https://testserver/muc/")


@pytest.mark.django_db
def test_withdrawal_and_removal_are_noted_when_they_are_done(
    admin_client, settings, django_capture_on_commit_callbacks
):
    photo = make_photo()
    story = make_article(body=f"<p>Chữ.</p>{figure(photo, 'TÊN NGƯỜI')}")
    other = make_article()

    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(
            f"/admin/articles/photo/{photo.pk}/remove/", {"reason": "Theo yêu cầu", "confirm": "on"}
        )
        admin_client.post(
            change_url(other).replace("change", "step"),
            {"_step": "withdraw", "reason-withdraw": "Sai số liệu"},
        )

    noted = settings.TAKEN_DOWN.read_text().split()
    assert noted == [photo.file.name.split("/")[-1].split(".")[0], f"-{other.pk}/"]
    assert (
        without(f"<main>{story.body_html}</main>".encode(), {noted[0].encode()})
        == b"<main><p>Ch\xe1\xbb\xaf.</p></main>"
    )


@pytest.mark.django_db
def test_no_door_shows_a_withdrawn_story(admin_client, settings, django_capture_on_commit_callbacks):
    settings.PAGE_CACHE_BYTES = 4_000_000
    section = make_section()
    story, reader = make_article(headline="TIN SAI", section=section), Client(headers={"host": "testserver"})
    make_article(section=section)
    address = story.get_absolute_url()
    lists = (
        "/", section.get_absolute_url(), "/rss/", "/atom/", "/api/v1/stories", "/luu-tru/", "/tim-kiem/?q=TIN+SAI",
        "/sitemap-tin-moi.xml",
    )  # fmt: skip
    html = reader.get(address).content.decode()
    picture = html.split('property="og:image" content="')[1].split('"')[0]
    doors = (address, f"{address}pdf/", f"/api/v1/stories/{story.pk}", urlsplit(picture).path)

    def status(path):
        response = reader.get(path)
        b"".join(response)
        return response.status_code

    before = {path: status(path) for path in (*lists, *doors)}

    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(
            change_url(story).replace("change", "step"),
            {"_step": "withdraw", "reason-withdraw": "Sai số liệu"},
        )

    assert set(before.values()) == {200}, before
    assert [status(path) for path in doors] == [410, 410, 410, 404]
    for path in lists:
        assert address not in reader.get(path).content.decode(), path


@pytest.mark.requirement(46)
@pytest.mark.django_db
def test_takedown_by_hand_is_in_the_audit_log_once_the_database_is_back():
    story = make_article(headline="TIN SAI")

    there, connections["default"] = connections["default"], connections["default"].copy()
    try:
        connections["default"].settings_dict["HOST"] = "/khong-co"
        call_command("take_down", story.get_absolute_url())
        call_command("take_down", "999999")
    finally:
        connections["default"] = there
    before = AuditEntry.objects.count()
    for _ in range(2):  # in the second night nothing is new
        call_command("take_down")
    with pytest.raises(CommandError, match="bạn đọc vẫn thấy tin này"):
        call_command("take_down", str(story.pk))

    entries = AuditEntry.objects.order_by("id")[before:]
    assert [(each.kind, each.actor, each.about_id, each.about) for each in entries] == [
        ("story", "server", str(story.pk), "TIN SAI"),
        ("story", "server", "999999", "999999"),
        ("story", "server", str(story.pk), "TIN SAI"),
    ]
    assert all("trên máy chủ" in each.detail for each in entries)
    assert "take_down" in nightly.JOBS


def test_root_is_not_led_to_another_file_by_a_link(settings, tmp_path):
    """The command may be run by root, in a folder of the site's."""
    other = tmp_path / "other"
    other.write_text("untouched")
    settings.TAKEN_DOWN = tmp_path / "taken_down"
    settings.TAKEN_DOWN.symlink_to(other)

    with pytest.raises(OSError, match="taken_down"):
        takedown.note(b"-5/")

    assert other.read_text() == "untouched"
