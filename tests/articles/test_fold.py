import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.fold import fold, nfc, slugify
from articles.models import Topic
from tests.factory import make_article

CASES = json.loads((Path(__file__).parent.parent / "data/fold.json").read_text())


@pytest.mark.parametrize(("text", "folded"), CASES["fold"].items())
def test_folds(text, folded):
    assert fold(text) == folded


@pytest.mark.parametrize(("text", "slug"), CASES["slugify"].items())
def test_slugifies(text, slug):
    assert slugify(text) == slug


def test_long_slug_is_cut_at_a_word():
    assert slugify("một hai ba bốn", max_length=9) == "mot-hai"
    assert slugify("x" * 50, max_length=9) == "x" * 9


@given(st.text())
def test_folding_keeps_the_length_so_that_places_agree(text):
    assert len(fold(text)) == len(nfc(text))


@given(st.text())
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@pytest.mark.django_db
def test_decomposed_text_is_stored_composed_on_every_way_in():
    decomposed, composed = "Hu\u031bo\u031bng Giang", "Hương Giang"

    topic = Topic.objects.create(name=decomposed)
    Topic.objects.filter(pk=topic.pk).update(description=decomposed)
    story = make_article(body=f"<p>{decomposed}</p>", headline=decomposed)

    topic.refresh_from_db()
    story.refresh_from_db()
    assert topic.name == topic.description == composed
    assert composed in story.body
    assert Topic.objects.filter(name=decomposed).exists()
    assert story.slug == "huong-giang"
