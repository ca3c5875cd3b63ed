import pytest

from tests.factory import make_article, make_photo, make_section

pytestmark = pytest.mark.django_db


def test_twenty_stories_a_page_newest_first(client):
    stories = [make_article() for _ in range(21)]
    address = stories[0].section.get_absolute_url()

    first, second = client.get(address), client.get(f"{address}?page=2")

    assert list(first.context["page"]) == list(reversed(stories[1:]))
    assert list(second.context["page"]) == [stories[0]]


def test_pages_point_to_each_other(client):
    stories = [make_article() for _ in range(21)]
    address = stories[0].section.get_absolute_url()

    first, second = (client.get(f"{address}?page={number}").content.decode() for number in (1, 2))

    assert f'<link rel="next" href="{address}?page=2">' in first
    assert f'<link rel="prev" href="{address}">' in second
    assert f'<link rel="canonical" href="http://testserver{address}?page=2">' in second


@pytest.mark.parametrize("number", ["0", "3", "-1", "x", "", "²", "9" * 5000])
def test_page_that_does_not_exist_answers_404(client, number):
    section = make_section()

    assert client.get(section.get_absolute_url(), {"page": number}).status_code == 404


def test_section_shows_stories_of_the_sections_below_and_links_to_them(client):
    section = make_section()
    child = make_section("Tin cơ sở", parent=section)
    story = make_article(section=child)

    response = client.get(section.get_absolute_url())

    assert list(response.context["page"]) == [story]
    assert f'href="{child.get_absolute_url()}"' in response.content.decode()


def test_menu_marks_the_current_section_and_the_one_above(client):
    section = make_section()
    child = make_section("Tin cơ sở", parent=section)

    html = client.get(child.get_absolute_url()).content.decode()

    assert f'href="{section.get_absolute_url()}" aria-current="true"' in html
    assert f'href="{child.get_absolute_url()}" aria-current="page"' in html


def test_empty_section_says_so(client):
    response = client.get(make_section().get_absolute_url())

    assert response.status_code == 200
    assert 'class="empty"' in response.content.decode()


@pytest.mark.requirement(12)
def test_draft_scheduled_expired_and_withdrawn_are_absent(client, hidden_articles):
    response = client.get(hidden_articles[0].section.get_absolute_url())

    assert list(response.context["page"]) == []


def test_unknown_section_answers_404(client):
    assert client.get("/khong-co/").status_code == 404


def test_query_count(client, ranking_kept, django_assert_num_queries):
    section = make_section("Tin cơ sở", parent=make_section())
    for _ in range(3):
        make_article(section=section, lead_photo=make_photo())

    # Which stories, the stories, the most read ones.
    # Around them: identity, menu with the section itself, website links, pages of the footer.
    with django_assert_num_queries(3 + 4):
        client.get(section.get_absolute_url())
