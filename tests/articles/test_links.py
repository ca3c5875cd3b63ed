"""Links between stories follow the story, not its address."""

import pytest
from django.db import connection
from django.utils import timezone

from articles import links
from articles.models import Article
from tests.factory import make_article, make_section

pytestmark = pytest.mark.django_db


def linking_to(href, **fields):
    return make_article(body=f'<p>Xem <a href="{href}">tin trước</a> để rõ.</p>', **fields)


@pytest.fixture
def target():
    return make_article(headline="Bến đò Bãi Bồi")


@pytest.mark.parametrize("site", ["", "http://127.0.0.1:8000", "https://localhost", "//tin.vi-du.vn"])
def test_address_of_this_site_is_kept_as_the_storys_id(settings, target, site):
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, ".vi-du.vn"]

    story = linking_to(f"{site}{target.get_absolute_url()}?utm_source=x#a")

    assert f'<a href="{target.get_absolute_url()}" data-article="{target.pk}">' in story.body
    assert f'<a href="{target.get_absolute_url()}">tin trước</a>' in story.body_html


@pytest.mark.parametrize(
    "href",
    [
        "https://vi-du.vn/tin/ben-do-1/",
        "https://127.0.0.1.vi-du.vn/tin/ben-do-1/",
        "/chu-de/20-11/",
        "/trang/a-1/",
        "tel:1",
    ],
)
def test_other_addresses_stay_as_they_are(settings, href):
    settings.ALLOWED_HOSTS = ["*"]
    story = linking_to(href)

    assert f'<a href="{href}">' in story.body


def test_id_that_contradicts_the_address_is_dropped():
    html = links.mark('<p><a href="https://vi-du.vn/" data-article="5">chữ</a></p>')

    assert html == '<p><a href="https://vi-du.vn/">chữ</a></p>'


def test_link_leads_to_the_address_of_the_day_it_was_saved(target):
    old = target.get_absolute_url()
    story = linking_to(old)
    target.section, target.slug = make_section("Đời sống ven sông"), "ten-moi"
    target.save()

    story.save()

    assert f'href="{target.get_absolute_url()}"' in story.body_html
    assert old not in story.body_html


def test_until_the_linking_story_is_saved_again_the_old_address_leads_on(client, target):
    story = linking_to(target.get_absolute_url())
    target.slug = "ten-moi"
    target.save()

    href = story.body_html.partition('href="')[2].partition('"')[0]

    response = client.get(href)
    assert (response.status_code, response["Location"]) == (301, target.get_absolute_url())


@pytest.mark.requirement(12)
@pytest.mark.parametrize("status", ["draft", "withdrawn"])
def test_link_to_a_story_that_readers_may_not_see_leaves_its_words(target, status):
    target.status = status
    target.save()

    story = linking_to(target.get_absolute_url())

    assert story.body_html == "<p>Xem tin trước để rõ.</p>"
    assert f'data-article="{target.pk}"' in story.body
    target.status, target.published_at = Article.Status.PUBLISHED, timezone.now()
    target.save()
    story.save()
    assert f'href="{target.get_absolute_url()}"' in story.body_html


def test_saving_asks_once_for_all_links_and_never_without_one(target):
    linking = linking_to(target.get_absolute_url())
    plain = make_article()
    asked = []

    def note(execute, sql, *rest):
        asked.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        plain.render_body()
        linking.render_body()

    assert sum('FROM "articles_article"' in sql for sql in asked) == 1
