"""What is typed and not saved yet, and two people in one story, through the admin's own addresses."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Author, OpenForm, WorkingDraft
from tests.articles.test_article_admin import ADD, begin_next, change_url, form_data
from tests.factory import make_article, make_byline, make_user

pytestmark = pytest.mark.django_db
Status = Article.Status
DESK = reverse("admin:index")
KEEP_NEW = reverse("admin:articles_article_keep_new")


@pytest.fixture
def writer(client):
    user = make_user("Xuất bản", first_name="Hà", last_name="Nguyễn Minh")
    client.force_login(user)
    return user


@pytest.fixture
def colleague():
    """Another person's browser."""
    client = Client()
    client.force_login(make_user("Xuất bản", first_name="Thắng", last_name="Lê Đức"))
    return client


def draft(**fields):
    return make_article(**{"status": Status.DRAFT, "published_at": None, **fields})


def keep_url(story):
    return reverse("admin:articles_article_keep", args=[story.pk])


def open_form(client, story=None, url=None):
    """What the form holds that nobody sees, as the browser sends it back."""
    html = client.get(url or (change_url(story) if story else ADD)).content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(key|base|loaded_at)" value="([^"]*)"', html))
    return {name: value.replace("&quot;", '"') for name, value in hidden.items()}


def byline_row(author):
    return {
        "bylines-TOTAL_FORMS": 1, "bylines-0-author": author.pk, "bylines-0-role": "text", "bylines-0-order": 1,
    }  # fmt: skip


def value_of(html, name):
    """The value of a field of the page."""
    if found := re.search(rf'<textarea name="{name}"[^>]*>([^<]*)</textarea>', html):
        return found[1].strip()
    return re.search(rf'name="{name}"[^>]*value="([^"]*)"|value="([^"]*)"[^>]*name="{name}"', html)[1]


def restore(client, url):
    """Presses the button of the notice that offers the text back."""
    html = client.get(url).content.decode()
    return client.post(url, {"_restore": "kept", "draft": value_of(html, "draft")}).content.decode()


def test_autosave_keeps_what_may_be_incomplete_and_changes_nothing_else(client, writer):
    story = draft(headline="Cũ")
    before = story.modified_at

    answer = client.post(
        keep_url(story), form_data(story, **open_form(client, story)) | {"headline": "", "section": ""}
    )

    story.refresh_from_db()
    assert re.fullmatch(r"\d\d:\d\d", answer.json()["at"])
    assert (story.headline, story.modified_at, story.versions.count()) == ("Cũ", before, 0)
    kept = WorkingDraft.objects.get()
    assert (kept.user, kept.article, kept.data["headline"]) == (writer, story, "")


def test_each_person_has_one_draft_of_a_story_which_the_next_autosave_overwrites(client, writer, colleague):
    story = draft()
    hidden = open_form(client, story)

    for headline in ("Một", "Hai"):
        client.post(keep_url(story), form_data(story, **hidden, headline=headline))
    colleague.post(keep_url(story), form_data(story, **open_form(colleague, story), headline="Ba"))

    assert list(WorkingDraft.objects.order_by("pk").values_list("headline", flat=True)) == ["Hai", "Ba"]


def test_restored_form_holds_words_and_rows_and_saves_nothing_by_itself(client, writer):
    story = draft(headline="Cũ")
    author = Author.objects.create(pen_name="Đức Thắng")
    typed = form_data(story, **open_form(client, story), headline="Mới", lead="Sapo dở", **byline_row(author))
    client.post(keep_url(story), typed)

    html = restore(client, change_url(story))

    story.refresh_from_db()
    assert value_of(html, "headline") == "Mới"
    assert value_of(html, "lead") == "Sapo dở"
    assert "Đức Thắng" in html
    assert "errornote" not in html
    assert story.headline == "Cũ"

    client.post(change_url(story), typed)
    story.refresh_from_db()
    assert (story.headline, story.bylines.get().author) == ("Mới", author)
    assert not WorkingDraft.objects.unsaved().exists()
    assert "Khôi phục" not in client.get(change_url(story)).content.decode().split("data-kept-here")[0]


def test_story_never_saved_is_offered_on_the_desk_and_by_the_empty_form(client, writer):
    typed = {"key": open_form(client)["key"], "headline": "Tin chưa lưu lần nào", "body": "<p>Dở</p>"}
    client.post(KEEP_NEW, typed)

    desk = client.get(DESK).content.decode()
    address = reverse("admin:articles_article_draft", args=[WorkingDraft.objects.get().pk])
    html = restore(client, client.get(address).url)

    assert "Tin chưa lưu lần nào" in desk
    assert address in desk
    assert value_of(html, "headline") == "Tin chưa lưu lần nào"
    client.post(ADD, form_data(**typed))
    assert Article.objects.get().headline == "Tin chưa lưu lần nào"
    assert "Bản đang viết, chưa lưu" not in client.get(DESK).content.decode()
    assert not WorkingDraft.objects.exists()


@pytest.mark.parametrize("step", ["", "publish"])
def test_autosave_that_comes_after_the_save_of_its_form_is_refused(client, writer, step):
    story = draft()
    typed = form_data(story, **open_form(client, story), headline="Đã lưu")
    client.post(change_url(story), typed | {"_step": step} if step else typed)

    late = client.post(keep_url(story), typed | {"headline": "Đến muộn"})

    assert late.status_code == 409
    assert "Tin đã được lưu từ trang này" in late.json()["sentence"]
    assert not WorkingDraft.objects.unsaved().exists()


def test_autosave_after_a_new_story_or_next_version_was_saved_is_refused(client, writer):
    new = open_form(client)
    client.post(ADD, form_data(**new, headline="Tin mới"))
    story = make_article()
    following = begin_next(client, story)
    typed = form_data(following, **open_form(client, following))
    client.post(change_url(following), typed | {"_step": "publish"})

    answers = [client.post(KEEP_NEW, new), client.post(keep_url(following), typed)]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert not WorkingDraft.objects.unsaved().exists()


@pytest.mark.requirement(9)
def test_draft_is_private_and_needs_the_right_to_write(client, writer, colleague):
    story = draft(created_by=writer)
    client.post(keep_url(story), form_data(story, **open_form(client, story), headline="Riêng tôi"))
    stranger = Client()
    stranger.force_login(make_user("Người viết"))
    kept = reverse("admin:articles_article_draft", args=[WorkingDraft.objects.get().pk])

    assert stranger.post(keep_url(story), form_data(story)).status_code == 403
    assert colleague.get(kept).status_code == 404
    assert colleague.post(change_url(story), {"_restore": "kept", "draft": "1"}).status_code == 404
    assert "Riêng tôi" not in colleague.get(change_url(story)).content.decode()
    assert Client().post(keep_url(story)).status_code == 302


@pytest.mark.requirement(18)
def test_text_that_is_too_large_is_refused(client, writer, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000_000

    answer = client.post(KEEP_NEW, {"key": uuid4(), "body": "x" * 3_200_000})

    assert answer.status_code == 413
    assert not WorkingDraft.objects.exists()


def test_old_drafts_are_cleaned_away(client, writer):
    client.post(KEEP_NEW, {"key": uuid4(), "headline": "Bỏ quên"})
    WorkingDraft.objects.update(typed_at=timezone.now() - timedelta(days=31))

    client.post(KEEP_NEW, {"key": uuid4(), "headline": "Hôm nay"})

    assert WorkingDraft.objects.get().headline == "Hôm nay"


def test_discarded_text_is_gone(client, writer):
    story = draft()
    client.post(keep_url(story), form_data(story, **open_form(client, story), headline="Thôi"))
    kept = reverse("admin:articles_article_draft", args=[WorkingDraft.objects.get().pk])

    answer = client.post(kept, {"_discard": "1", "_behind": "form"})

    assert answer.url == change_url(story)
    assert not WorkingDraft.objects.exists()


# The story has moved on


def lose(client, story, how):
    match how:
        case "deleted":
            Article.objects.filter(pk=story.pk).delete()
        case "trashed" | "published":
            Article.objects.filter(pk=story.pk).update(status=how, published_at=timezone.now())
        case "no rights":
            user = WorkingDraft.objects.get().user
            user.groups.set(Group.objects.filter(name="Người viết"))


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ("deleted", "Tin này không còn nữa."),
        ("trashed", "đã bị chuyển vào thùng rác"),
        ("published", "tin này đã được đăng"),
        ("no rights", "quyền của bạn đã thay đổi"),
    ],
)
def test_form_that_can_no_longer_be_saved_keeps_its_text(client, writer, how, sentence):
    story = draft()
    typed = form_data(story, **open_form(client, story), headline="Công viết cả buổi")
    client.post(keep_url(story), typed)
    lose(client, story, how)

    autosaved = client.post(keep_url(story), typed)
    page = client.post(change_url(story), typed | {"lead": "Câu cuối"}, follow=True).content.decode()

    assert autosaved.status_code == 409
    assert sentence in autosaved.json()["sentence"]
    assert sentence in page
    assert "Công viết cả buổi" in page
    assert "Câu cuối" in page
    assert "Công viết cả buổi" in client.get(DESK).content.decode()


def test_text_of_a_deleted_story_becomes_a_new_one(client, writer):
    story = draft()
    byline = make_byline(story)
    row = {
        **byline_row(byline.author),
        "bylines-INITIAL_FORMS": 1,
        "bylines-0-id": byline.pk,
        "bylines-0-article": story.pk,
    }
    client.post(keep_url(story), form_data(story, **open_form(client, story), headline="Viết lại", **row))
    lose(client, story, "deleted")
    kept = reverse("admin:articles_article_draft", args=[WorkingDraft.objects.get().pk])

    form = client.post(kept, {"_new": "1"}).url
    html = restore(client, form)

    assert value_of(html, "headline") == "Viết lại"
    assert 'name="bylines-INITIAL_FORMS" value="0"' in html
    assert f'<option value="{byline.author.pk}" selected>' in html


def test_text_of_a_published_story_goes_into_its_next_version(client, writer):
    story = draft()
    client.post(keep_url(story), form_data(story, **open_form(client, story), headline="Sửa thêm"))
    lose(client, story, "published")
    kept = reverse("admin:articles_article_draft", args=[WorkingDraft.objects.get().pk])

    form = client.post(kept, {"_next": "1"}).url
    page = restore(client, form)

    assert form == change_url(Article.objects.get(next_of=story))
    assert "Sửa thêm" in page
    assert "Hai người cùng sửa tin này" in page


def test_form_sent_twice_is_saved_once_and_asks_nothing(client, writer):
    story = draft()
    typed = form_data(story, **open_form(client, story), headline="Bấm hai lần")
    following = begin_next(client, make_article())
    published = form_data(following, **open_form(client, following), _step="publish")
    client.post(change_url(story), typed)
    client.post(change_url(following), published)

    again = client.post(change_url(story), typed)
    published_again = client.post(change_url(following), published)

    assert again.url == change_url(story)
    assert published_again.url == change_url(Article.objects.get(status=Status.PUBLISHED))
    assert story.versions.count() == 1
    assert not WorkingDraft.objects.unsaved().exists()


# Two people


def choices(html):
    """Per part of the conflict screen, which text is chosen already."""
    found = {}
    for name, value, rest in re.findall(r'name="_take-(\w+)" value="(\w+)" required([^>]*)>', html):
        found.setdefault(name, "")
        if "checked" in rest:
            found[name] = value
    return found


def sent_by(html):
    """What the conflict screen sends, without the choices."""
    form = html[html.index('class="conflict"') :]
    return {
        name: value.replace("&quot;", '"').replace("&lt;", "<").replace("&gt;", ">")
        for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)
        if name != "csrfmiddlewaretoken"
    } | {"_merge": "1"}


@pytest.fixture
def conflict(client, writer, colleague):
    """Both have opened the story; the colleague has saved, now this person presses Save."""
    story = draft(headline="Đầu", lead="Sapo đầu", body="<p>Đoạn một</p>", kicker="Cũ")
    first, second = Author.objects.create(pen_name="Minh Hà"), Author.objects.create(pen_name="Đức Thắng")
    make_byline(story, "Minh Hà", role="text", order=1)
    rows = {
        "bylines-TOTAL_FORMS": 3, "bylines-INITIAL_FORMS": 1, "bylines-2-role": "name_only", "bylines-0-id": story.bylines.get().pk,
        "bylines-0-article": story.pk, "bylines-0-author": first.pk, "bylines-0-role": "text", "bylines-0-order": 1,
    }  # fmt: skip
    more = {"bylines-1-author": second.pk, "bylines-1-role": "photo", "bylines-1-order": 2}
    shared = {"lead": "Sapo đầu", "kicker": "Cũ", **rows}
    mine = form_data(story, **open_form(client, story), **shared | more) | {
        "lead": "Sapo của tôi",
        "headline": "Tôi",
    }
    theirs = form_data(story, **open_form(colleague, story), **shared | {"bylines-TOTAL_FORMS": 1})
    colleague.post(change_url(story), theirs | {"kicker": "Của bạn tôi", "headline": "Bạn tôi"})
    return story, mine


@pytest.mark.fault(15)
def test_conflict_shows_each_difference_and_takes_what_only_one_changed(client, conflict):
    story, mine = conflict

    html = client.post(change_url(story), mine).content.decode()

    story.refresh_from_db()
    assert choices(html) == {"kicker": "saved", "headline": "", "lead": "mine", "bylines": "mine"}
    assert "Lê Đức Thắng đã lưu tin này lúc" in html
    assert "Ảnh" in html
    assert (story.headline, story.lead) == ("Bạn tôi", "Sapo đầu")
    assert WorkingDraft.objects.unsaved().get().data["lead"] == "Sapo của tôi"


def test_chosen_parts_are_saved_together(client, conflict):
    story, mine = conflict
    html = client.post(change_url(story), mine).content.decode()

    undecided = client.post(change_url(story), sent_by(html) | {"_take-lead": "mine"}).content.decode()
    taken = {f"_take-{name}": value or "mine" for name, value in choices(html).items()}
    client.post(change_url(story), sent_by(html) | taken)

    story.refresh_from_db()
    assert "Hãy chọn một trong hai bản" in undecided
    assert (story.kicker, story.headline, story.lead) == ("Của bạn tôi", "Tôi", "Sapo của tôi")
    assert [str(byline) for byline in story.bylines.all()] == ["Bài: Minh Hà", "Ảnh: Đức Thắng"]
    assert not WorkingDraft.objects.unsaved().exists()


def test_another_save_while_choosing_is_a_conflict_again(client, conflict):
    story, mine = conflict
    html = client.post(change_url(story), mine).content.decode()
    Article.objects.get(pk=story.pk).save()
    Article.objects.filter(pk=story.pk).update(kicker="Người thứ ba")

    taken = {f"_take-{name}": value or "mine" for name, value in choices(html).items()}
    again = client.post(change_url(story), sent_by(html) | taken | {"_take-kicker": "mine"}).content.decode()

    story.refresh_from_db()
    assert story.kicker == "Người thứ ba"
    assert "Hai người cùng sửa tin này" in again
    assert "Người thứ ba" in again


def test_restoring_after_somebody_saved_leads_to_the_choice(client, conflict):
    story, mine = conflict
    client.post(keep_url(story), mine)

    html = restore(client, change_url(story))

    assert choices(html)["lead"] == "mine"


def test_who_has_the_story_open_is_shown_until_the_form_is_closed(client, writer, colleague):
    story = draft()
    presence = reverse("admin:articles_article_presence", args=[story.pk])
    colleague.get(change_url(story))

    opened = client.get(change_url(story)).content.decode()
    answer = client.post(presence).json()
    colleague.post(presence, {"left": "1"})

    assert "Lê Đức Thắng đang mở tin này từ" in opened
    assert "Lê Đức Thắng đang mở tin này từ" in answer["others"][0]
    assert client.post(presence).json()["others"] == []


def test_who_went_silent_is_no_longer_shown_and_no_reader_ever_is(client, writer, colleague):
    story = draft()
    colleague.get(change_url(story))
    OpenForm.objects.update(seen_at=timezone.now() - timedelta(seconds=51))
    presence = reverse("admin:articles_article_presence", args=[story.pk])
    stranger = Client()
    stranger.force_login(make_user("Người viết"))

    assert client.post(presence).json()["others"] == []
    assert stranger.post(presence).status_code == 403
