"""The article form, through the admin's own addresses."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Author, Byline, RelatedLink
from tests.factory import figure, make_article, make_byline, make_photo, make_section, make_user

pytestmark = pytest.mark.django_db
ADD = reverse("admin:articles_article_add")
LIST = reverse("admin:articles_article_changelist")


def change_url(article):
    return reverse("admin:articles_article_change", args=[article.pk])


def form_data(article=None, **fields):
    """What a browser sends for the form, without any row, unless `fields` add some."""
    data = {
        "headline": article.headline if article else "Khai trương nhà văn hóa",
        "section": (article.section if article else make_section()).pk,
        "body": article.body if article else "<p>Sáng 20/11, nhà văn hóa mở cửa.</p>",
        "slug": article.slug if article else "",
        "genre": "news",
    }
    if article and article.published_at:
        local = timezone.localtime(article.published_at)
        data |= {"published_at_0": f"{local:%d/%m/%Y}", "published_at_1": f"{local:%H:%M:%S}"}
    for prefix in ("bylines", "related_links", "attachments"):
        data |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    return data | fields


@pytest.fixture
def writer(client):
    user = make_user("Người viết")
    client.force_login(user)
    return user


@pytest.fixture
def editor(client):
    user = make_user("Xuất bản")
    client.force_login(user)
    return user


def test_publishing_sets_the_time_and_the_address(client, editor):
    response = client.post(ADD, form_data(_step="publish", headline="Đại hội Đảng bộ Uỷ ban"))

    story = Article.objects.get()
    assert response.status_code == 302
    assert story.status == Article.Status.PUBLISHED
    assert story.created_by == editor
    assert abs(timezone.now() - story.published_at) < timedelta(minutes=1)
    assert story.get_absolute_url() == f"/tin-hoat-dong/dai-hoi-dang-bo-uy-ban-{story.pk}/"


def test_time_to_come_schedules(client, editor):
    client.post(ADD, form_data(_step="publish", published_at_0="20/11/2099", published_at_1="14:00"))

    assert Article.objects.get().state_name == "scheduled"
    assert not Article.objects.published().exists()


def test_rows_are_saved_in_the_order_of_the_form(client, editor):
    author, other = Author.objects.create(pen_name="Minh Hà"), make_article()
    rows = {
        "bylines-TOTAL_FORMS": 2,
        "bylines-0-author": author.pk, "bylines-0-role": "photo", "bylines-0-order": 2,
        "bylines-1-author": author.pk, "bylines-1-role": "text", "bylines-1-order": 1,
        "related_links-TOTAL_FORMS": 2,
        "related_links-0-target": other.pk, "related_links-0-order": 0,
        "related_links-1-url": "vi-du.vn/tin", "related_links-1-title": "Tin ngoài", "related_links-1-order": 0,
    }  # fmt: skip

    client.post(ADD, form_data(_step="publish", **rows))

    story = Article.objects.latest("pk")
    assert [str(byline) for byline in story.bylines.all()] == ["Bài: Minh Hà", "Ảnh: Minh Hà"]
    assert [link.get_absolute_url() for link in story.related_links.all()] == [
        other.get_absolute_url(),
        "https://vi-du.vn/tin",
    ]


def test_body_is_cleaned_rendered_and_gives_the_lead_photo(client, editor):
    photo = make_photo()

    client.post(ADD, form_data(body=f"<p onclick='x'>Chữ</p>{figure(photo, 'Chú thích')}<script>x</script>"))

    story = Article.objects.get()
    assert story.body.startswith("<p>Chữ</p><figure")
    assert "script" not in story.body
    assert f'width="{photo.width}"' in story.body_html
    assert story.body_text == "Chữ\nChú thích"
    assert story.lead_photo == photo


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        pytest.param({"headline": ""}, "Hãy điền ô này.", id="no headline"),
        pytest.param({"body": ""}, "Tin phải có nội dung trước khi đăng.", id="no text"),
        pytest.param({"body": "<p>&nbsp;</p>"}, "Tin phải có nội dung trước khi đăng.", id="blank text"),
        pytest.param({"body": '<p>x</p><img src="https://e.vn/a.jpg">'}, "Đã bỏ 1 ảnh chép từ nơi khác", id="foreign"),
        pytest.param({"section": ""}, "Hãy điền ô này.", id="no section"),
        pytest.param(
            {"published_at_0": "20/11/2026", "published_at_1": "8:00", "expires_at_0": "19/11/2026", "expires_at_1": "8:00"},
            "Thời điểm hết hạn phải sau thời điểm đăng.",
            id="expires too early",
        ),
        pytest.param({"published_at_0": "32/13/2026", "published_at_1": "8:00"}, "Nhập một ngày hợp lệ", id="no date"),
        pytest.param({"source_url": "không phải địa chỉ"}, "Địa chỉ chưa đúng, ví dụ https://vi-du.vn.", id="no address"),
        pytest.param(
            {"related_links-TOTAL_FORMS": 1, "related_links-0-url": "https://vi-du.vn", "related_links-0-title": ""},
            "chỉ một trong hai",
            id="outside address without title",
        ),
        pytest.param({"slug": "có dấu"}, "Đường dẫn chỉ gồm chữ cái không dấu", id="slug"),
    ],
)  # fmt: skip
def test_refusal_is_a_sentence_and_nothing_typed_is_lost(client, editor, fields, sentence):
    response = client.post(ADD, form_data(**{"lead": "Sapo gõ dở", "_step": "publish", **fields}))

    html = response.content.decode()
    assert response.status_code == 200
    assert sentence in html
    assert "Sapo gõ dở" in html
    assert not Article.objects.exists()


def test_refused_rows_do_not_move_the_story_on(client, editor):
    story = make_article(status=Article.Status.DRAFT, published_at=None)
    rows = {"related_links-TOTAL_FORMS": 1, "related_links-0-title": "Chỉ có nhan đề"}

    html = client.post(change_url(story), form_data(story, _step="publish", **rows)).content.decode()

    assert 'class="state state--draft"' in html
    story.refresh_from_db()
    assert story.status == Article.Status.DRAFT


def begin_next(client, story):
    """The next version of a published story, begun by its button."""
    response = client.post(reverse("admin:articles_article_next", args=[story.pk]))
    following = Article.objects.get(next_of=story)
    assert response.url == change_url(following)
    return following


def take(client, story, step, **fields):
    """A step by the button on the page of a story that is not being edited."""
    return client.post(
        reverse("admin:articles_article_step", args=[story.pk]), {"_step": step, **fields}, follow=True
    )


def test_next_version_without_a_time_keeps_that_of_the_published_one(client, editor):
    story = make_article()
    following = begin_next(client, story)

    client.post(
        change_url(following), form_data(following, published_at_0="", published_at_1="", _step="publish")
    )

    assert Article.objects.get().published_at == story.published_at


def test_update_is_told_only_when_asked(client, editor):
    story = make_article()

    following = begin_next(client, story)
    client.post(change_url(following), form_data(following, body="<p>Sửa dấu phẩy.</p>", _step="publish"))
    story.refresh_from_db()
    assert story.updated_at is None

    following = begin_next(client, story)
    client.post(change_url(following), form_data(following, is_update="on", _step="publish"))
    story.refresh_from_db()
    assert story.updated_at is not None


def test_writer_submits_and_cannot_publish(client, writer):
    client.post(ADD, form_data(_step="submit"))
    story = Article.objects.get()
    assert story.status == Article.Status.IN_REVIEW

    html = take(client, story, "publish").content.decode()

    story.refresh_from_db()
    assert "không thực hiện được bước này" in html
    assert story.status == Article.Status.IN_REVIEW


@pytest.mark.requirement(10)
def test_writer_cannot_smuggle_in_what_the_form_does_not_offer(client, writer):
    forged = {
        "published_at_0": "01/01/2020",
        "published_at_1": "8:00",
        "featured_place": 1,
        "status": "published",
    }

    client.post(ADD, form_data(**forged))

    story = Article.objects.get()
    assert (story.status, story.published_at, story.featured_place) == (Article.Status.DRAFT, None, None)


@pytest.mark.parametrize(
    "make_story",
    [
        pytest.param(lambda user: make_article(), id="another's, published"),
        pytest.param(
            lambda user: make_article(created_by=user, status=Article.Status.IN_REVIEW), id="own, in review"
        ),
        pytest.param(lambda user: make_article(created_by=user), id="own, published"),
    ],
)
def test_writer_reads_but_does_not_change(client, writer, make_story):
    story = make_story(writer)

    assert client.get(change_url(story)).status_code == 200
    client.post(change_url(story), form_data(story, headline="Đổi"))
    story.refresh_from_db()
    assert story.headline != "Đổi"


def test_published_story_is_withdrawn_not_deleted(client, editor):
    story = make_article()

    response = client.post(reverse("admin:articles_article_delete", args=[story.pk]), {"post": "yes"})
    take(client, story, "withdraw", **{"reason-withdraw": "Sai số liệu"})

    story.refresh_from_db()
    assert response.status_code == 403
    assert story.status == Article.Status.WITHDRAWN
    assert client.get(story.get_absolute_url()).status_code == 410


def test_preview_shows_a_draft_to_staff_only(client, editor):
    draft = make_article(status=Article.Status.DRAFT, published_at=None, headline="Chưa ai biết")
    url = reverse("admin:articles_article_preview", args=[draft.pk])

    response = client.get(url)
    client.logout()
    as_reader = client.get(url)

    assert "Chưa ai biết" in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert as_reader.status_code == 302
    assert "/admin/login/" in as_reader.url


def test_save_and_preview_goes_to_the_preview(client, editor):
    response = client.post(ADD, form_data(_preview="1"))

    assert response.url == reverse("admin:articles_article_preview", args=[Article.objects.get().pk])


def test_form_sent_twice_makes_one_story_and_leads_to_it(client, editor):
    key = re.search(r'name="key" value="([^"]+)"', client.get(ADD).content.decode())[1]

    client.post(ADD, form_data(key=key))
    again = client.post(ADD, form_data(key=key))
    on_the_way_back = client.get(ADD, {"key": key})

    story = Article.objects.get()
    assert again.url == on_the_way_back.url == change_url(story)
    assert 'id="id_key"' not in client.get(change_url(story)).content.decode()


def test_odd_form_key_is_no_error(client, editor):
    assert client.get(ADD, {"key": "\x00"}).status_code == 200


def test_preview_leads_back_to_the_form_of_who_may_change(client, editor):
    story = make_article()
    preview = reverse("admin:articles_article_preview", args=[story.pk])
    link = f'href="{change_url(story)}">Sửa tin</a>'

    for_editor = client.get(preview).content.decode()
    client.force_login(make_user("Người viết"))
    for_writer = client.get(preview).content.decode()

    assert link in for_editor
    assert link not in for_writer


def test_form_never_lists_all_rows(client, editor):
    for number in range(40):
        Author.objects.create(pen_name=f"Tác giả {number}")
        make_article(headline=f"Tin dài dòng {number}")

    html = client.get(ADD).content.decode()

    assert "Tác giả 7" not in html
    assert "Tin dài dòng 7" not in html


@pytest.mark.requirement(15)
def test_stored_html_is_cleaned_before_the_editor_gets_it(client, editor):
    story = make_article()
    Article.objects.filter(pk=story.pk).update(body='<p>Cũ</p><img src=x onerror="alert(1)">')

    html = client.get(change_url(story)).content.decode()

    assert "onerror" not in html


def test_account_without_rights_is_told_whom_to_ask(client):
    client.force_login(make_user())

    html = client.get(reverse("admin:index")).content.decode()

    assert "Tài khoản của bạn chưa có quyền" in html


def test_related_links_show_only_public_stories(client):
    story = make_article()
    for status in (Article.Status.PUBLISHED, Article.Status.DRAFT):
        RelatedLink.objects.create(
            article=story, target=make_article(headline=f"Tin {status}", status=status)
        )

    html = client.get(story.get_absolute_url()).content.decode()

    assert "Tin published" in html
    assert "Tin draft" not in html


def test_byline_roles_read_as_agencies_print_them():
    story = make_article()
    signed = {role: str(make_byline(story, role=role)) for role in Byline.Role}

    assert signed[Byline.Role.NAME_ONLY] == "Minh Hà"
    assert signed[Byline.Role.TEXT_AND_PHOTO] == "Bài và ảnh: Minh Hà"
    assert signed[Byline.Role.ACCORDING_TO] == "Theo: Minh Hà"


def test_of_two_people_the_later_is_told_and_nothing_is_overwritten(client, editor):
    story = make_article(status=Article.Status.DRAFT)
    page = client.get(change_url(story)).content.decode()
    opened = re.search(r'<input type="hidden" name="loaded_at" value="([^"]+)"', page)[1]
    client.post(change_url(story), form_data(story, lead="Sapo của người thứ nhất", loaded_at=opened))

    late = client.post(change_url(story), form_data(story, lead="Sapo của người thứ hai", loaded_at=opened))

    html = late.content.decode()
    story.refresh_from_db()
    assert story.lead == "Sapo của người thứ nhất"
    assert "sau khi bạn mở" in html
    assert "Sapo của người thứ hai" in html


def test_enter_in_a_field_saves_and_never_publishes(client, editor):
    html = client.get(ADD).content.decode()

    buttons = re.findall(r'<button type="submit" name="(\w+)"', html[html.index('id="article_form"') :])
    assert buttons[0] == "_continue"


def test_colleagues_story_is_shown_as_text_to_who_may_not_change_it(client, writer):
    story = make_article(body="<p>Chữ <strong>đậm</strong></p>")

    html = client.get(change_url(story)).content.decode()

    assert "<p>Chữ <strong>đậm</strong></p>" in html
    assert "ckeditortype" not in html


@pytest.mark.requirement(22)
def test_attachment_has_an_address_that_nobody_guesses_and_goes_with_its_story(
    client, editor, django_capture_on_commit_callbacks
):
    upload = SimpleUploadedFile("Công văn số 5.pdf", b"%PDF-1.7")
    rows = {"attachments-TOTAL_FORMS": 1, "attachments-0-file": upload, "attachments-0-order": 1}
    client.post(ADD, form_data(**rows))
    attachment = Article.objects.get().attachments.get()
    name, storage = attachment.file.name, attachment.file.storage

    take(client, attachment.article, "trash")
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("admin:articles_article_delete", args=[attachment.article_id]), {"post": "yes"})

    assert re.fullmatch(r"attachments/\d{4}/\d\d/[0-9a-f]{16}/cong-van-so-5\.pdf", name)
    assert attachment.title == "Công văn số 5"
    assert not storage.exists(name)


@pytest.mark.requirement(22)
def test_name_of_an_attachment_decides_no_place_on_the_disk(client, editor):
    names = [
        "../../a.pdf",
        "..\\..\\a.pdf",
        "a\0b.pdf",
        "\u202efdp.a.pdf",
        "ệ" * 50 + ".pdf",
        "/etc/passwd.pdf",
        "a\tb.PDF",
    ]
    rows = {"attachments-TOTAL_FORMS": len(names)}
    for number, name in enumerate(names):
        upload = SimpleUploadedFile("x", b"%PDF-1.7")
        upload._name = name  # as no browser sends it
        rows |= {f"attachments-{number}-file": upload, f"attachments-{number}-order": number}

    client.post(ADD, form_data(**rows))

    stored = [attachment.file.name for attachment in Article.objects.get().attachments.all()]
    assert len(stored) == len(names)
    for name in stored:
        assert re.fullmatch(r"attachments/\d{4}/\d\d/[0-9a-f]{16}/[a-z0-9-]{1,80}\.pdf", name)

    longest = SimpleUploadedFile("x" * 300 + ".pdf", b"%PDF-1.7")
    html = client.post(
        ADD, form_data(**{"attachments-TOTAL_FORMS": 1, "attachments-0-file": longest})
    ).content
    assert "tối đa 200" in html.decode()
    assert Article.objects.count() == 1


def test_row_that_was_emptied_again_is_no_row(client, editor):
    rows = {f"{prefix}-TOTAL_FORMS": 1 for prefix in ("bylines", "related_links", "attachments")}
    rows |= {f"{prefix}-0-order": 1 for prefix in ("bylines", "related_links", "attachments")}

    client.post(ADD, form_data(**rows, **{"bylines-0-role": "name_only"}))

    story = Article.objects.get()
    assert not story.bylines.exists()
    assert not story.related_links.exists()


def buttons(html):
    """The green button, and all others of the form with their words."""
    form = html[html.index("story-form__state") :]
    primary = re.findall(r'class="big-button">([^<]+)<', form)
    return primary, re.findall(
        r'<button type="submit" name="\w+" value="\w+"(?: formaction="[^"]+")?>([^<]+)<', form
    )


def test_the_green_button_is_the_next_step_and_never_one_back(client, writer):
    draft = make_article(status=Article.Status.DRAFT, created_by=writer)
    waiting = make_article(status=Article.Status.IN_REVIEW, created_by=writer)

    of_draft = buttons(client.get(change_url(draft)).content.decode())
    of_waiting = buttons(client.get(change_url(waiting)).content.decode())

    assert of_draft == (["Gửi duyệt"], ["Lưu", "Lưu và xem trước"])
    assert of_waiting == ([], ["Rút lại để sửa"])


def test_withdrawing_stands_apart_and_takes_a_second_press(client, editor):
    html = client.get(change_url(make_article())).content.decode()

    details = re.search(r'<details class="story-form__reasoned">.*?</details>', html, re.S)[0]
    assert 'value="withdraw"' in details
    assert html.count('value="withdraw"') == 1


@pytest.mark.requirement(20)
@pytest.mark.parametrize("file_name", ["trang.html", "anh.svg", "chay.exe", "khong-duoi"])
def test_attachment_of_another_kind_is_refused(client, editor, file_name):
    rows = {"attachments-TOTAL_FORMS": 1, "attachments-0-file": SimpleUploadedFile(file_name, b"<script>")}

    html = client.post(ADD, form_data(**rows)).content.decode()

    assert "Không nhận loại tệp này. Các loại được nhận: pdf, doc" in html
    assert not Article.objects.exists()


def test_odd_photo_number_is_no_error(client, editor):
    assert client.post(ADD, form_data(lead_photo="²")).status_code == 200


def last_logged():
    return LogEntry.objects.first().get_change_message()


def test_log_names_the_step_and_what_changed_in_the_words_of_the_form(client, editor):
    author = Author.objects.create(pen_name="Minh Hà")
    rows = {
        "bylines-TOTAL_FORMS": 1,
        "bylines-0-author": author.pk,
        "bylines-0-role": "text",
        "bylines-0-order": 1,
    }
    client.post(ADD, form_data(_step="submit", **rows))
    assert last_logged() == "Gửi duyệt: Chờ duyệt. Đã thêm. Đã thêm tác giả ký tên “Bài: Minh Hà”."
    story = Article.objects.get()

    client.post(change_url(story), form_data(story, _step="publish"))
    assert last_logged() == "Đăng tin: Đã đăng."

    following = begin_next(client, story)
    times = {"published_at_0": "20/11/2026", "published_at_1": "8:00"}
    client.post(change_url(following), form_data(following, kicker="Ra quân", **times))
    assert last_logged() == "Đã thay đổi Dòng dẫn trên tiêu đề và Thời điểm đăng."

    take(client, story, "withdraw", **{"reason-withdraw": "Sai số liệu"})
    assert last_logged() == "Gỡ tin: Đã gỡ."


def test_what_nobody_touched_is_not_logged_and_keeps_its_seconds(client, editor):
    moment = timezone.now() - timedelta(days=1)
    story = make_article(
        body="<p>Một</p><p>Hai &amp; ba</p>", published_at=moment, status=Article.Status.DRAFT
    )
    as_the_browser_sends_it = {
        "lead": story.lead,
        "body": "<p>Một</p>\r\n\r\n<p>Hai &amp; ba</p>\r\n",
        "published_at_1": f"{timezone.localtime(moment):%H:%M}",
    }

    client.post(change_url(story), form_data(story, **as_the_browser_sends_it))

    story.refresh_from_db()
    assert last_logged() == "Không có trường nào thay đổi"
    assert story.published_at == moment


def test_text_that_is_too_long_is_refused_with_a_sentence_and_its_words_stay(client, editor):
    story = make_article(status=Article.Status.DRAFT)

    response = client.post(change_url(story), form_data(story, body="<p>chữ</p>" * 51_000, slug=""))

    html = response.content.decode()
    assert "Nội dung quá dài: nhiều nhất 500.000 ký tự HTML." in html
    assert html.count("&lt;p&gt;chữ&lt;/p&gt;") == 51_000
    assert story.body == Article.objects.get().body


def test_what_the_editor_gets_back_is_cleaned_first(client, editor):
    """Whoever wrote it into the database, and in whatever way."""
    story = make_article(status=Article.Status.DRAFT)
    hostile = '<p onclick="x()">chữ<script>alert(1)</script><img src=x onerror=alert(1)></p></textarea><script>alert(2)</script>'
    Article.objects.update(body=hostile)

    html = client.get(change_url(story)).content.decode()

    assert (
        re.search(r'<textarea name="body".*?>(.*?)</textarea>', html, re.S)[1].strip()
        == "&lt;p&gt;chữ&lt;/p&gt;"
    )


def test_dialog_of_links_finds_published_stories_for_who_may_see_stories(client, hidden_articles):
    address = reverse("admin:articles_article_link_choices")
    shown = make_article(headline="Bến đò không ai thấy buồn")
    assert client.get(address).status_code == 302
    client.force_login(make_user())
    assert client.get(address).status_code == 403
    client.force_login(make_user("Người viết"))

    stories = client.get(address, {"q": "khong ai th"}).json()["stories"]

    assert [story["address"] for story in stories] == [shown.get_absolute_url()]
    assert stories[0]["facts"].startswith(f"{shown.section.name} · ")
    assert client.get(address, {"q": "%%%"}).json() == {"stories": []}


def test_each_row_of_the_form_asks_once_for_its_choice(client, editor):
    story = make_article(status=Article.Status.DRAFT, published_at=None)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            client.get(change_url(story))
        return len(found)

    def add_rows(number):
        make_byline(story, f"Bút danh {number}")
        RelatedLink.objects.create(article=story, target=make_article())

    add_rows(0)
    queries()
    few = queries()
    for number in range(1, 4):
        add_rows(number)

    assert queries() <= few + 6
