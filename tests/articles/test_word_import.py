"""Word files through the admin's door: drafts with photos and bylines, or nothing at all and a reason."""

import re

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from articles.models import Article, Author, Byline, Photo
from tests.articles.word_files import (
    CAPTIONS,
    HEADLINE,
    LAST,
    LEAD,
    TEXT,
    headline_by_hand,
)
from tests.articles.word_markup import NAMESPACES, document, p, picture, zipped
from tests.factory import make_article, make_section, make_user

pytestmark = pytest.mark.django_db
IMPORT = reverse("admin:articles_article_import")
LIST = reverse("admin:articles_article_changelist")


@pytest.fixture
def writer(client):
    user = make_user("Người viết")
    client.force_login(user)
    return user


def story(*, byline="Bài và ảnh: Minh Hà", pictures=2, **parts) -> bytes:
    blocks = [
        block
        for number in range(1, pictures + 1)
        for block in (
            p(TEXT[number]),
            p(picture(number), align="center"),
            p("{} Ảnh: {}".format(*CAPTIONS[number - 1]), i=True, align="center"),
        )
    ]
    return document(
        headline_by_hand(),
        p(LEAD, b=True),
        *blocks,
        p(LAST),
        p(byline, b=True, align="right"),
        pictures=pictures,
        **parts,
    )


def upload(content: bytes, name="Bến đò Bãi Bồi.docx"):
    return SimpleUploadedFile(name, content)


def send(client, *files):
    return client.post(IMPORT, {"section": make_section().pk, "files": files}, follow=True)


def stored_files() -> list[str]:
    if not default_storage.exists("photos"):
        return []
    return [
        name
        for folder in default_storage.listdir("photos")[0]
        for name in default_storage.listdir(f"photos/{folder}")[1]
    ]


def words(response) -> str:
    return re.sub(r"<[^>]+>", "", response.content.decode())


def test_one_file_opens_its_draft_with_photos_captions_and_byline(client, writer):
    response = send(client, upload(story()))

    article = Article.objects.get()
    assert response.redirect_chain == [(reverse("admin:articles_article_change", args=[article.pk]), 302)]
    assert (article.headline, article.lead) == (HEADLINE, LEAD)
    assert (article.status, article.published_at, article.created_by) == ("draft", None, writer)
    photos = list(Photo.objects.order_by("id"))
    assert [(photo.caption, photo.credit) for photo in photos] == CAPTIONS[:2]
    assert {photo.uploaded_by for photo in photos} == {writer}
    for photo in photos:
        assert f'data-photo="{photo.pk}"' in article.body
        assert f"<figcaption>{photo.caption} <em>Ảnh: {photo.credit}</em></figcaption>" in article.body
    assert article.body.index(TEXT[1]) < article.body.index(CAPTIONS[0][0]) < article.body.index(TEXT[2])
    assert article.body.endswith("hai bên sông./.</p>")
    assert article.lead_photo == photos[0]
    byline = Byline.objects.get()
    assert (str(byline), byline.article) == ("Bài và ảnh: Minh Hà", article)


def test_message_tells_what_was_recognised_and_what_to_check(client, writer):
    response = send(client, upload(story(byline="Minh Hà")))

    text = words(response)
    assert (
        "“Bến đò Bãi Bồi.docx” đã thành bản nháp. Nhận ra: tiêu đề, sapo, 2 ảnh (có chú thích: 2), Minh Hà."
        in text
    )
    assert "Cần xem lại:Ảnh 1, 2 chưa có mô tả" in text
    assert "hãy kiểm tra" not in text
    guessed = document(*map(p, [HEADLINE, LEAD, *TEXT, "Minh Hà"]))
    text = words(send(client, upload(guessed)))
    assert "Đã lấy đoạn đầu tiên làm sapo: hãy kiểm tra." in text


def test_each_of_several_files_succeeds_or_fails_alone(client, writer):
    response = send(
        client,
        upload(story(), "mot.docx"),
        upload(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "hai.docx"),
        upload(story(byline="Đức Thắng"), "ba.docx"),
        upload(b"", "bon.docx"),
    )

    assert response.redirect_chain == [(LIST, 302)]
    text = words(response)
    assert "“mot.docx” đã thành bản nháp" in text
    assert "“hai.docx”: Đây là tệp của Word đời cũ (.doc)." in text
    assert "“ba.docx” đã thành bản nháp" in text
    assert "“bon.docx”: Tệp trống." in text
    assert Article.objects.count() == 2
    assert Photo.objects.count() == 2  # the same pictures in both


def test_refusal_of_all_files_stands_at_the_field_and_the_section_stays(client, writer):
    section = make_section("Đời sống ven sông")

    response = client.post(IMPORT, {"section": section.pk, "files": [upload(b"%PDF", "x.docx")]})

    html = response.content.decode()
    errors = re.search(r'<ul class="errorlist" id="id_files_error">.*?</ul>', html, re.S)[0]
    assert "“x.docx”: Tệp này không phải là tài liệu Word" in errors
    assert "Đời sống ven sông" in html
    assert not Article.objects.exists()


def test_section_and_files_are_asked_for(client, writer):
    text = words(client.post(IMPORT, {}))

    assert text.count("Hãy điền ô này.") == 2


def test_no_more_than_ten_files_at_once(client, writer):
    text = words(send(client, *[upload(b"", f"{n}.docx") for n in range(11)]))

    assert "Mỗi lần gửi nhiều nhất 10 tệp." in text


@pytest.mark.requirement(25)
def test_failure_leaves_neither_rows_nor_files(client, writer, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("the database is gone")

    monkeypatch.setattr(Byline.objects, "get_or_create", fail)
    with pytest.raises(RuntimeError):
        send(client, upload(story()))

    assert not Article.objects.exists()
    assert not Photo.objects.exists()
    assert not Author.objects.exists()
    assert stored_files() == []


def test_failure_keeps_files_of_photos_that_were_there_before(client, writer, monkeypatch):
    send(client, upload(story()))
    before = sorted(stored_files())

    def fail(*args, **kwargs):
        raise RuntimeError("the database is gone")

    monkeypatch.setattr(Byline.objects, "get_or_create", fail)
    with pytest.raises(RuntimeError):
        send(client, upload(story(pictures=3)))

    assert sorted(stored_files()) == before
    assert Photo.objects.count() == 2


def test_broken_picture_is_left_out_and_its_caption_stays(client, writer):
    broken = story(parts={"word/media/anh1.jpeg": b"\xff\xd8\xff" + b"hong" * 50})

    text = words(send(client, upload(broken)))

    article = Article.objects.get()
    assert "Ảnh thứ 1 bị bỏ ra: Tệp không phải là ảnh đọc được." in text
    assert article.body.count("<figure") == 1
    assert CAPTIONS[0][0] in article.body


def test_author_of_that_name_is_taken_and_a_new_one_made_only_with_the_right(client):
    user = make_user()
    for codename in (
        "add_article",
        "change_article",
        "view_article",
        "add_photo",
        "add_byline",
        "view_section",
    ):
        user.user_permissions.add(_permission(codename))
    client.force_login(user)
    minh_ha = Author.objects.create(pen_name="Minh Hà", unit="Phòng Tham mưu")

    text = words(send(client, upload(story(byline="Bài: Minh Hà - Ảnh: Đức Thắng"))))

    byline = Byline.objects.get()
    assert (byline.author, byline.role) == (minh_ha, Byline.Role.TEXT)
    assert Author.objects.count() == 1
    assert "Chưa có tác giả “Đức Thắng”" in text


def _permission(codename):
    from django.contrib.auth.models import Permission

    return Permission.objects.get(codename=codename)


def test_file_without_a_headline_is_named_after_itself(client, writer):
    send(client, upload(document(p(picture(1)), pictures=1), "Ảnh bến đò.docx"))

    assert Article.objects.get().headline == "Ảnh bến đò"


def test_only_who_may_add_stories_and_photos_imports(client):
    user = make_user()
    client.force_login(user)
    for codename in ("view_article", "add_article"):
        assert client.get(IMPORT).status_code == 403
        assert (
            client.post(IMPORT, {"section": make_section().pk, "files": [upload(story())]}).status_code == 403
        )
        assert "Nhập từ Word" not in words(client.get(reverse("admin:index")))
        user.user_permissions.add(_permission(codename))
        user = type(user).objects.get(pk=user.pk)
    assert client.get(IMPORT).status_code == 403

    user.user_permissions.add(_permission("add_photo"))

    assert client.get(IMPORT).status_code == 200
    assert not Article.objects.exists()


def test_readers_are_sent_to_the_login(client):
    assert client.get(IMPORT).status_code == 302


@pytest.mark.requirement(34)
def test_form_of_another_site_is_refused(writer, client):
    client.handler.enforce_csrf_checks = True

    assert client.post(IMPORT, {"section": make_section().pk, "files": [upload(story())]}).status_code == 403
    assert not Article.objects.exists()


def test_desk_and_list_lead_to_the_import(client, writer):
    for address in (reverse("admin:index"), LIST):
        assert f'href="{IMPORT}"' in client.get(address).content.decode()


def test_section_of_the_last_story_is_there_already(client, writer):
    make_article(created_by=writer, section=make_section("Đời sống ven sông"))

    assert "Đời sống ven sông" in words(client.get(IMPORT))


@pytest.mark.requirement(24)
def test_bombs_leave_nothing_and_the_site_answers(client, writer):
    depth = 3000
    nested = "<w:tbl><w:tr><w:tc>" * depth + p("x") + "</w:tc></w:tr></w:tbl>" * depth
    row = "<w:tr>" + f"<w:tc>{p('a')}</w:tc>" * 60 + "</w:tr>"
    xml = "<w:document {}><w:body>{}</w:body></w:document>"
    bombs = [
        document(parts={"word/document.xml": xml.format(NAMESPACES, nested)}),
        document(parts={"word/document.xml": xml.format(NAMESPACES, f"<w:tbl>{row * 9000}</w:tbl>")}),
        document(parts={"word/document.xml": '<!DOCTYPE a [<!ENTITY b "b">]>' + xml.format(NAMESPACES, "")}),
    ]

    text = words(send(client, *[upload(bomb, f"bom-{n}.docx") for n, bomb in enumerate(bombs)]))

    assert [f"“bom-{n}.docx”: " in text for n in range(3)] == [True] * 3
    assert not Article.objects.exists()
    assert stored_files() == []
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("words_of_a_story", ["<script>alert(1)</script>", "{{ 7|add:7 }}", "</textarea><b>"])
def test_words_of_the_document_are_shown_as_words(client, writer, words_of_a_story):
    content = document(
        p(f"Tin {words_of_a_story}", b=True),
        p(LEAD, b=True),
        p(TEXT[0]),
        p(TEXT[1]),
        p(f"Theo: {words_of_a_story[:20]}", align="right"),
    )

    html = send(client, upload(content, "a<script>b.docx"), upload(content, "c.docx")).content.decode()

    assert "<script>alert" not in html
    assert "a<script>b" not in html


@pytest.mark.requirement(18)
def test_file_over_the_limit_is_refused_unread_and_leaves_no_file_behind(client, writer, settings, tmp_path):
    settings.DOCX_MAX_BYTES = 3 * 1024**2
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    text = words(send(client, upload(b"PK" + bytes(4 * 1024**2), "bai-dai.docx")))

    assert "“bai-dai.docx”: Tệp vượt quá giới hạn 3 MB." in text
    assert not Article.objects.exists()
    assert stored_files() == []
    assert list(tmp_path.glob("*.upload*")) == []


NOT_WORD = {
    "doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "mat-khau": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
    "trong": b"",
    "pdf": b"%PDF-1.7",
    "cut": document(p(LEAD))[:300],
    "odt": zipped({"mimetype": "application/vnd.oasis.opendocument.text"}),
    "xlsx": zipped({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook/>"}),
    "zip": zipped({"a.txt": "a"}),
}


@pytest.mark.requirement(20)
def test_what_is_no_word_file_is_refused_in_one_sentence_each_and_nothing_is_stored(client, writer):
    files = [upload(content, f"{name}.docx") for name, content in NOT_WORD.items()]

    html = send(client, *files).content.decode()

    errors = re.findall(
        r"<li>(“.*?)</li>", re.search(r'<ul class="errorlist" id="id_files_error">.*?</ul>', html, re.S)[0]
    )
    assert [error.partition("”")[0][1:] for error in errors] == [f"{name}.docx" for name in NOT_WORD]
    assert len({error.partition(": ")[2] for error in errors}) == 7  # pdf and zip are both no Word document
    assert not Article.objects.exists()
    assert not Photo.objects.exists()
    assert stored_files() == []


def test_what_was_imported_stays_a_version_to_compare_with(client, writer):
    send(client, upload(story(pictures=0)))
    draft = Article.objects.get()
    draft.headline = f"{HEADLINE} – bản sửa"
    draft.save()
    version = draft.versions.get()

    address = reverse("admin:articles_article_compare", args=[draft.pk])
    html = client.get(address, {"old": version.pk, "new": "story"}).content.decode()

    assert version.kind == "imported"
    assert "– bản sửa</ins>" in html
