"""A secret link to a draft: made in the admin, read and answered by somebody without an account."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles import workflow
from articles.models import Answer, Article, HistoryEntry, SharedLink
from articles.models.sharing import hash_of
from tests.articles.test_article_admin import begin_next, change_url, form_data
from tests.factory import make_article, make_byline, make_user
from visitors.counter import counter

pytestmark = pytest.mark.django_db
Status = Article.Status


def draft(**fields):
    return make_article(**{"status": Status.DRAFT, "published_at": None, **fields})


@pytest.fixture
def outsider():
    """A director without an account, on a browser that checks forms as a real one."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def editor(client):
    user = make_user("Biên tập", first_name="Hà", last_name="Nguyễn Minh")
    client.force_login(user)
    return user


def share_url(story):
    return reverse("admin:articles_article_share", args=[story.pk])


def share(client, story, reader="Giám đốc Nguyễn Văn A", **fields) -> str:
    """Makes a link as the page does; its address."""
    form = client.get(share_url(story)).content.decode()
    token = re.search(r'name="token" value="([^"]+)"', form)[1]
    data = {"reader": reader, "days": "3", "may_approve": "on", "token": token, **fields}
    page = client.post(share_url(story), data).content.decode()
    return re.search(r'data-copy-link="http://testserver([^"]+)"', page)[1]


def answer(outsider, address, verdict="approved", **fields):
    """Reads the page, then presses a button of its form."""
    page = outsider.get(address).content.decode()
    hidden = dict(re.findall(r'name="(csrfmiddlewaretoken|seen)" value="([^"]+)"', page))
    data = {**hidden, "name": "Giám đốc Nguyễn Văn A", "comment": "", "verdict": verdict, **fields}
    return outsider.post(address, data)


def make_link(story, token="x" * 43, **fields):
    values = {"reader": "Ông B", "expires_at": timezone.now() + timedelta(days=1), **fields}
    SharedLink.objects.create(story_id=story.root_id, draft=story, token_hash=hash_of(token), **values)
    return reverse("articles:shared", args=[token])


def test_outsider_reads_the_saved_draft_in_the_real_page(client, editor, outsider):
    story = draft(headline="Chưa ai biết", lead="Sapo nháp")
    make_byline(story, "Minh Hà")

    page = outsider.get(share(client, story)).content.decode()

    assert "Chưa ai biết" in page
    assert "Sapo nháp" in page
    assert "Gửi Giám đốc Nguyễn Văn A; người chia sẻ: Nguyễn Minh Hà" in page
    assert "/admin/" not in page
    assert "facebook" not in page
    assert story.get_absolute_url() not in page


@pytest.mark.requirement(14)
def test_page_is_kept_indexed_and_counted_by_nobody(outsider):
    address = make_link(draft())

    response = outsider.get(address, headers={"user-agent": "Mozilla/5.0 Firefox/143.0"})

    assert response["Cache-Control"] == "no-store"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Referrer-Policy"] == "same-origin"
    assert '<meta name="robots" content="noindex, nofollow">' in response.content.decode()
    assert "og:" not in response.content.decode()
    assert counter().ship() == 0


@pytest.mark.requirement(14)
def test_token_is_random_and_nowhere_in_the_database(client, editor):
    story = draft()

    first, second = share(client, story), share(client, story)

    token = first.split("/")[2]
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token)
    assert first != second
    assert SharedLink.objects.filter(token_hash=hash_of(token)).exists()
    assert token not in str(list(SharedLink.objects.values())) + str(list(HistoryEntry.objects.values()))
    assert token not in client.get(share_url(story)).content.decode()


def test_form_sent_twice_makes_one_link(client, editor):
    story = draft()
    token = re.search(r'name="token" value="([^"]+)"', client.get(share_url(story)).content.decode())[1]

    first, second = share(client, story, token=token), share(client, story, token=token)

    assert first == second
    assert SharedLink.objects.count() == 1


def test_token_of_ones_own_making_is_refused(client, editor):
    story = draft()

    client.post(share_url(story), {"reader": "B", "days": "1", "token": "tu-nghi-ra"})

    assert not SharedLink.objects.exists()


@pytest.mark.requirement(14)
@pytest.mark.parametrize(
    ("fields", "days"),
    [({"days": "1"}, 1), ({"days": "7"}, 7), ({"days": "", "until": "2026-11-30"}, 5)],
    ids=["a day", "a week", "a date"],
)
def test_link_is_valid_as_long_as_chosen(client, editor, time_machine, fields, days):
    time_machine.move_to("2026-11-25 00:00+07:00", tick=False)

    share(client, draft(), **fields)

    link = SharedLink.objects.get()
    assert (link.expires_at - timezone.now()).total_seconds() / 86_400 == pytest.approx(days, abs=1)


@pytest.mark.parametrize(
    "fields",
    [
        {"days": "", "until": "2020-01-01"},
        {"days": "", "until": "2999-01-01"},
        {"days": ""},
        {"days": "400"},
        {"reader": ""},
        {"reader": "A" * 81},
    ],
)
def test_link_without_a_sensible_reader_and_end_is_refused(client, editor, fields):
    story = draft()
    token = re.search(r'name="token" value="([^"]+)"', client.get(share_url(story)).content.decode())[1]

    page = client.post(share_url(story), {"reader": "B", "days": "1", "token": token, **fields})

    assert not SharedLink.objects.exists()
    assert 'class="errorlist"' in page.content.decode()


@pytest.mark.requirement(14)
def test_every_link_that_does_not_open_gives_the_same_answer(client, outsider):
    stories = {name: draft() for name in ("expired", "revoked", "trashed", "deleted", "withdrawn")}
    addresses = {
        "expired": make_link(stories["expired"], "a" * 43, expires_at=timezone.now()),
        "revoked": make_link(stories["revoked"], "b" * 43, revoked_at=timezone.now()),
        **{
            name: make_link(stories[name], name[0].upper() * 43)
            for name in ("trashed", "deleted", "withdrawn")
        },
        "never made": "/xem-truoc/" + "z" * 43 + "/",
    }
    Article.objects.filter(pk=stories["trashed"].pk).update(status=Status.TRASHED)
    stories["deleted"].delete()
    stories["withdrawn"].status = Status.WITHDRAWN
    stories["withdrawn"].save()

    responses = {name: outsider.get(address) for name, address in addresses.items()}

    assert {response.status_code for response in responses.values()} == {404}
    assert len({response.content for response in responses.values()}) == 1
    assert len({str(sorted(response.items())) for response in responses.values()}) == 1
    assert "Liên kết không mở được" in responses["expired"].content.decode()
    assert responses["expired"]["Cache-Control"] == "no-store"
    assert "csrftoken" not in outsider.cookies


@pytest.mark.parametrize(
    "token",
    [
        "%00",
        "x" * 4000,
        "%ED%A0%80",
        "%FF%FE",
        "%C3%A9",
        "..%2e",
        "' OR 1=1 --",
        "x" * 42,
        "%0d%0aSet-Cookie:a",
    ],
)
def test_hostile_tokens_open_nothing(outsider, token):
    make_link(draft())

    response = outsider.get(f"/xem-truoc/{token}/")

    assert response.status_code == 404
    assert "Set-Cookie:a" not in str(response.headers)


def test_looking_counts_openings_and_keeps_nothing_of_the_reader(client, editor, outsider):
    story = draft()
    address = share(client, story)

    outsider.head(address)
    outsider.get(address)
    outsider.get(address)

    link = SharedLink.objects.get()
    assert link.openings == 2
    assert link.opened_at is not None
    assert not Answer.objects.exists()
    assert "đã mở 2 lần" in client.get(share_url(story)).content.decode()


def test_approval_stands_in_the_history_and_beside_the_form(client, editor, outsider):
    story = draft()
    address = share(client, story)

    response = answer(outsider, address, comment="Sửa giúp <b>chức danh</b>")

    entry = HistoryEntry.objects.of(story).first()
    page = client.get(change_url(story)).content.decode()
    assert response.status_code == 302
    assert (entry.label, entry.person) == ("Đồng ý", "Giám đốc Nguyễn Văn A, qua liên kết chia sẻ")
    assert entry.reason == "Sửa giúp <b>chức danh</b>"
    assert "Ý kiến qua liên kết chia sẻ" in page
    assert "&lt;b&gt;chức danh" in page
    assert "<b>chức danh" not in page + outsider.get(address).content.decode()
    assert "trước khi sửa" not in page


def test_name_of_ones_own_choice_is_shown_with_whose_link_it_was(client, editor, outsider):
    story = draft()

    answer(outsider, share(client, story), name="Bộ trưởng")

    person = HistoryEntry.objects.of(story).first().person
    assert person == "Bộ trưởng, qua liên kết gửi cho Giám đốc Nguyễn Văn A"


def test_approval_is_outdated_by_another_text_but_not_by_a_step(client, editor, outsider):
    story = draft()
    answer(outsider, share(client, story))

    workflow.take(workflow.STEPS["submit"], story, user=editor)
    after_step = client.get(change_url(story)).content.decode()
    story.refresh_from_db()
    client.post(change_url(story), form_data(story, lead="Sapo khác"))
    after_change = client.get(change_url(story)).content.decode()

    assert "trước khi sửa" not in after_step
    assert "Đã đồng ý với bản trước khi sửa" in after_change


@pytest.mark.requirement(14)
def test_nobody_agrees_to_a_text_that_was_changed_while_reading(outsider):
    story = draft()
    address = make_link(story)
    page = outsider.get(address).content.decode()
    hidden = dict(re.findall(r'name="(csrfmiddlewaretoken|seen)" value="([^"]+)"', page))
    story.lead = "Sapo mới, chưa ai đọc"
    story.save()

    response = outsider.post(address, {**hidden, "name": "B", "comment": "Hay", "verdict": "approved"})

    page = response.content.decode()
    assert response.status_code == 422
    assert "Tin vừa được sửa trong lúc bạn đọc" in page
    assert "Sapo mới, chưa ai đọc" in page
    assert "Hay" in page
    assert hidden["seen"] not in page
    assert not Answer.objects.exists()


def test_link_without_the_right_to_approve_takes_comments_only(outsider):
    address = make_link(draft(), may_approve=False)

    assert 'value="approved"' not in outsider.get(address).content.decode()
    assert answer(outsider, address, "approved").status_code == 422
    assert answer(outsider, address, "commented", comment="Được").status_code == 302
    assert [row.verdict for row in Answer.objects.all()] == ["commented"]


@pytest.mark.parametrize(
    "fields",
    [
        {"verdict": "commented", "comment": "  "},
        {"comment": "A" * 2001},
        {"comment": "a\x00b"},
        {"name": ""},
        {"name": "A" * 81},
        {"verdict": "published"},
        {"verdict": ""},
    ],
)
def test_empty_overlong_and_unknown_answers_are_refused(outsider, fields):
    address = make_link(draft())

    assert answer(outsider, address, **fields).status_code == 422
    assert not Answer.objects.exists()


def test_answers_end_at_twenty_and_a_second_press_is_none(outsider):
    address = make_link(draft())

    for number in range(SharedLink.MOST_ANSWERS):
        assert answer(outsider, address, "commented", comment=f"Góp ý {number}").status_code == 302
    refused = answer(outsider, address, "commented", comment="Thêm nữa")

    assert refused.status_code == 422
    assert "không nhận thêm ý kiến" in refused.content.decode()
    assert Answer.objects.count() == SharedLink.MOST_ANSWERS

    other = make_link(draft(), "y" * 43)
    answer(outsider, other)
    answer(outsider, other)
    assert Answer.objects.filter(link__token_hash=hash_of("y" * 43)).count() == 1


@pytest.mark.requirement(34)
def test_answer_needs_the_token_of_the_form(outsider):
    address = make_link(draft())

    response = outsider.post(address, {"name": "B", "verdict": "approved", "comment": "", "seen": "x"})

    assert response.status_code == 403
    assert not Answer.objects.exists()


def test_published_story_is_shown_at_its_public_address(client, editor, outsider):
    story = draft()
    address = share(client, story)

    story.status, story.published_at = Status.PUBLISHED, timezone.now() + timedelta(hours=1)
    story.save()
    scheduled = outsider.get(address).status_code
    story.published_at = timezone.now()
    story.save()
    public = outsider.get(address)

    assert scheduled == 200
    assert public.status_code == 302
    assert public.url == story.get_absolute_url()
    assert public["Cache-Control"] == "no-store"


def test_next_version_is_shared_until_it_replaces_the_published_story(client, outsider):
    client.force_login(make_user("Xuất bản"))
    story = make_article(headline="Bản đầu")
    following = begin_next(client, story)
    address = share(client, following)
    client.post(change_url(following), form_data(following, headline="Bản hai", slug=following.slug))

    meanwhile = outsider.get(address).content.decode()
    following.refresh_from_db()
    client.post(change_url(following), form_data(following, headline="Bản hai", _step="publish"))
    afterwards = outsider.get(address)

    assert "Bản hai" in meanwhile
    assert afterwards.url == Article.objects.get(pk=story.pk).get_absolute_url()
    # What is begun afterwards was shared with nobody.
    begin_next(client, story)
    assert outsider.get(address).status_code == 302


def test_published_story_is_not_shared_by_a_link(client, editor):
    story = make_article()

    page = client.get(share_url(story)).content.decode()

    assert "Chỉ chia sẻ được tin mà bạn đọc chưa thấy" in page
    assert client.post(share_url(story), {"reader": "B", "days": "1"}).status_code == 403


@pytest.mark.requirement(14)
def test_link_that_is_taken_back_opens_no_longer(client, editor, outsider):
    story = draft()
    address = share(client, story)

    client.post(share_url(story), {"revoke": SharedLink.objects.get().pk})

    assert outsider.get(address).status_code == 404
    assert "thu hồi lúc" in client.get(share_url(story)).content.decode()
    assert [entry.step for entry in HistoryEntry.objects.of(story)] == ["unshare", "share"]


@pytest.mark.requirement(9)
def test_links_of_one_story_are_not_taken_back_from_another(client, editor, outsider):
    address = make_link(draft())

    for number in (SharedLink.objects.get().pk, "không phải số", "9" * 30):
        assert client.post(share_url(draft()), {"revoke": number}).status_code == 404

    assert outsider.get(address).status_code == 200


def test_who_may_not_work_on_the_story_makes_no_link(client):
    own = make_user("Người viết")
    story = draft(created_by=own, status=Status.IN_REVIEW)

    client.force_login(make_user("Người viết"))
    assert client.get(share_url(story)).status_code == 403
    client.force_login(own)
    assert client.get(share_url(story)).status_code == 200
