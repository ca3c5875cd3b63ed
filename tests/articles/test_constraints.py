"""What the database promises, whoever writes to it."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from articles.models import Article, Author, Byline, RelatedLink, Section
from newsportal.models import SiteIdentity
from tests.factory import make_article, make_byline, make_photo, make_section
from visitors.models import ImportedTotal

pytestmark = pytest.mark.django_db


def break_with_update(row, **fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        type(row).objects.filter(pk=row.pk).update(**fields)


def test_published_story_has_a_time():
    break_with_update(make_article(), published_at=None)


def test_story_expires_after_its_publication():
    story = make_article()

    break_with_update(story, expires_at=story.published_at - timedelta(seconds=1))


def test_only_a_withdrawn_story_has_the_time_of_its_withdrawal():
    break_with_update(make_article(), withdrawn_at=timezone.now())
    break_with_update(make_article(status=Article.Status.WITHDRAWN), withdrawn_at=None)


def test_related_link_has_one_target():
    story, other = make_article(), make_article()
    link = RelatedLink.objects.create(article=story, target=other)

    break_with_update(link, url="https://vi-du.vn/")
    break_with_update(link, target=None)
    break_with_update(link, target=story)


def test_related_story_stands_once():
    story, other = make_article(), make_article()
    RelatedLink.objects.create(article=story, target=other)

    with pytest.raises(IntegrityError):
        RelatedLink.objects.create(article=story, target=other)


def test_author_signs_once_in_a_role():
    story = make_article()
    make_byline(story, role=Byline.Role.TEXT)

    with pytest.raises(IntegrityError):
        make_byline(story, role=Byline.Role.TEXT)


def test_decorative_photo_has_no_alternative_text():
    break_with_update(make_photo(alt="Bến đò"), is_decorative=True)


def test_there_is_one_identity():
    SiteIdentity.objects.create(name="Cổng một")
    SiteIdentity(name="Cổng hai").save()

    assert SiteIdentity.objects.get().name == "Cổng hai"
    break_with_update(SiteIdentity.objects.get(), id=2)


def test_carried_over_figure_is_not_negative():
    with pytest.raises(IntegrityError):
        ImportedTotal.objects.create(amount=-1, source="Cổng cũ")


def test_section_is_not_its_own_parent():
    section = make_section()

    break_with_update(section, parent=section.pk)


@pytest.mark.parametrize(
    ("make_parents", "sentence"),
    [
        pytest.param(
            lambda: make_section("Con", parent=make_section("Cha")), "nhiều nhất hai cấp", id="third level"
        ),
        pytest.param(lambda: make_section("Cha"), "có chuyên mục con", id="has sections of its own"),
    ],
)
def test_sections_have_two_levels(make_parents, sentence):
    parent = make_parents()
    section = make_section("Mới")
    if sentence == "có chuyên mục con":
        make_section("Cháu", parent=section)
    section.parent = parent

    with pytest.raises(ValidationError, match=sentence):
        section.full_clean()


def test_reserved_address_is_refused_in_vietnamese():
    with pytest.raises(ValidationError, match="dành riêng cho trang"):
        Section(name="Quản trị", slug="admin").full_clean()


def test_addresses_of_equal_names_differ():
    first, second = (
        Author.objects.create(pen_name="Minh Hà"),
        Author.objects.create(pen_name="Minh Hà", unit="Sở"),
    )

    assert (first.slug, second.slug) == ("minh-ha", "minh-ha-2")
    assert Section.objects.create(name="Tìm kiếm").slug == "tim-kiem-2"


def test_stories_that_show_a_photo_are_found():
    in_body, as_lead, unused = make_photo(), make_photo(), make_photo()
    make_article(body=in_body.figure_html)
    make_article(lead_photo=as_lead)

    assert [photo.articles.exists() for photo in (in_body, as_lead, unused)] == [
        True,
        True,
        False,
    ]
