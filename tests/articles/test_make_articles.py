import io

import pytest
from django.core.management import CommandError, call_command

from articles import finding, search
from articles.models import Article, Byline, Photo, Topic
from tests.factory import make_article, make_user

MOMENTS = ("modified_at", "touched_at")
ROWS = {"topics": "name", "photos": "digest", "bylines": "author__slug"}


def make_articles(count, *arguments):
    call_command("make_articles", str(count), *arguments, stdout=io.StringIO())


def stored(article):
    """All that the database holds of the story, and what stands beside it."""
    values = Article.objects.filter(pk=article.pk).values().get()
    beside = {
        name: list(getattr(article, name).values_list(field, flat=True)) for name, field in ROWS.items()
    }
    return {name: value for name, value in values.items() if name not in MOMENTS} | beside


@pytest.mark.django_db
def test_made_stories_are_as_a_save_would_make_them(client, django_capture_on_commit_callbacks):
    writer = make_user()

    make_articles(50)

    assert Article.objects.count() == 50
    assert Topic.objects.exists()
    assert Photo.objects.exists()
    assert Byline.objects.exists()
    public = list(Article.objects.published().for_page())
    assert len(public) > 40
    for article in Article.objects.all():
        before = stored(article)
        assert before["created_by_id"] == writer.pk
        with django_capture_on_commit_callbacks(execute=True):
            article.save()
        assert stored(article) == before
    for article in public[:3]:
        page = client.get(article.get_absolute_url())
        assert page.status_code == 200
        assert article.headline in page.text
    newest = public[0]
    assert newest.headline in client.get("/").text
    assert newest.headline in client.get(newest.section.get_absolute_url()).text
    found = finding.find(search.parse(f'"{newest.headline}"'), finding.Filters(), newest_first=True).ids
    assert newest.pk in found
    police = finding.find(search.parse("cong an"), finding.Filters(), newest_first=True).ids
    assert len(police) > 25
    assert all(
        set(article.similar) <= set(Article.objects.values_list("pk", flat=True)) for article in public
    )


@pytest.mark.django_db
def test_real_news_is_left_alone_unless_told():
    article = make_article()

    with pytest.raises(CommandError, match="--add"):
        make_articles(5)
    make_articles(5, "--add")

    assert Article.objects.count() == 6
    assert stored(article)["headline"] == article.headline
