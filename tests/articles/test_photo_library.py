"""The library's pages: grid, table of words, page of a photo, its file and its removal."""

import re
from datetime import timedelta
from email.message import Message

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Assignment, Photo
from tests.factory import make_article, make_bare_photos, make_photo, make_section, make_user, picture_file

pytestmark = pytest.mark.django_db
LIST = reverse("admin:articles_photo_changelist")
TABLE = reverse("admin:articles_photo_table")
UPLOAD = reverse("admin:articles_photo_upload")


def address(name, photo):
    return reverse(f"admin:articles_photo_{name}", args=[photo.pk])


@pytest.fixture
def writer(client):
    user = make_user("Người viết")
    client.force_login(user)
    return user


@pytest.fixture
def editor(client):
    user = make_user("Xuất bản", first_name="Hà", last_name="Nguyễn Minh")
    client.force_login(user)
    return user


# Grid


def test_card_tells_uses_and_what_is_missing(client, writer):
    photo = make_photo(caption="", alt="")
    for _ in range(2):
        make_article(body=photo.figure_html)

    html = client.get(LIST).content.decode()

    assert "dùng trong 2 tin" in html
    assert "Thiếu chú thích và mô tả ảnh" in html


def test_query_count_of_the_grid_does_not_grow(client, writer, django_assert_num_queries):
    photos = make_bare_photos(70, uploaded_by=writer)
    make_article().photos.set(photos)

    # Session, user, two for the rights, the uploaders, the count, the photos with their uses, the site identity,
    # unread notices.
    with django_assert_num_queries(9):
        html = client.get(LIST).content.decode()

    assert html.count('class="photo-card"') == 60
    assert html.count("dùng trong 1 tin") == 60


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "ho tay"}, {"Hồ Tây"}),
        ({"by": "me"}, {"Hồ Tây"}),
        ({"by": "²"}, set()),
        ({"use": "unused"}, {"Hồ Tây", ""}),
        ({"use": "used"}, {"Chợ nổi"}),
        ({"missing": "caption"}, {""}),
        ({"missing": "credit"}, {"Hồ Tây", ""}),
        ({"removed": "1"}, {"Đã gỡ"}),
        ({"uploaded_at__to": "2020-12-31"}, {"Chợ nổi"}),
        ({"uploaded_at__from": "2021-01-01"}, {"Hồ Tây", ""}),
        ({"uploaded_at__from": "31/12", "uploaded_at__to": "x"}, {"Hồ Tây", "Chợ nổi", ""}),
        ({}, {"Hồ Tây", "Chợ nổi", ""}),
    ],
)
def test_filters_narrow_the_grid(client, writer, query, found):
    mine, used, empty, removed = make_bare_photos(4)
    facts = {
        mine: {"caption": "Hồ Tây", "folded": "ho tay", "uploaded_by": writer},
        used: {"caption": "Chợ nổi", "credit": "Lan", "uploaded_at": timezone.now().replace(year=2020)},
        empty: {"caption": ""},
        removed: {
            "caption": "Đã gỡ", "file": "", "removed_at": timezone.now(), "removal_reason": "Yêu cầu",
        },
    }  # fmt: skip
    for photo, fields in facts.items():
        Photo.objects.filter(pk=photo.pk).update(**fields)
    make_article().photos.add(used)

    response = client.get(LIST, query)

    assert {photo.caption for photo in response.context["cl"].result_list} == found


def test_empty_library_and_empty_answer_differ(client, writer):
    assert "Kho ảnh chưa có ảnh nào" in client.get(LIST).content.decode()
    assert "Không có ảnh nào khớp" in client.get(LIST, {"q": "ben do"}).content.decode()


# Table of words


def test_words_of_several_photos_are_saved_together_and_logged(client, writer):
    first, second = make_bare_photos(2)
    data = {
        "id": [first.pk, second.pk],
        f"photo-{first.pk}-caption": "Lễ khai giảng",
        f"photo-{first.pk}-credit": "Minh Hà",
        f"photo-{second.pk}-caption": "Hoa văn",
        f"photo-{second.pk}-is_decorative": "on",
    }

    response = client.post(TABLE, data)

    assert response.url == LIST
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.caption, first.credit, first.alt) == ("Lễ khai giảng", "Minh Hà", "")
    assert (second.caption, second.is_decorative) == ("Hoa văn", True)
    assert Photo.objects.matching("le khai giang").get() == first
    assert LogEntry.objects.count() == 2


def test_error_in_one_row_keeps_all_that_was_typed(client, writer):
    first, second = make_bare_photos(2)
    data = {
        "id": [first.pk, second.pk],
        f"photo-{first.pk}-caption": "Lễ khai giảng",
        f"photo-{second.pk}-caption": "Hoa văn",
        f"photo-{second.pk}-alt": "Hoa",
        f"photo-{second.pk}-is_decorative": "on",
    }

    html = client.post(TABLE, data).content.decode()

    assert "Lễ khai giảng" in html
    assert f'id="id_photo-{second.pk}-alt_error"' in html
    first.refresh_from_db()
    assert first.caption == "Quang cảnh hội nghị 0"


def test_row_that_came_in_part_blanks_nothing(client, writer):
    photo = make_bare_photos(1)[0]

    client.post(TABLE, {"id": [photo.pk, "x", "999999"]})

    photo.refresh_from_db()
    assert photo.caption == "Quang cảnh hội nghị 0"


def test_table_is_found_again_with_the_photos_of_today(client, writer):
    mine, older, others = make_bare_photos(3)
    Photo.objects.exclude(pk=others.pk).update(uploaded_by=writer)
    Photo.objects.filter(pk=older.pk).update(uploaded_at=timezone.now() - timedelta(days=2))

    of_today = client.get(TABLE).context["forms"]
    chosen = client.get(TABLE, {"id": [older.pk, others.pk]}).context["forms"]

    assert [form.instance for form in of_today] == [mine]
    assert [form.instance for form in chosen] == [older, others]


def test_uploaded_photo_brings_its_row(client, writer):
    answer = client.post(UPLOAD, {"file": picture_file(colour="navy"), "row": "1"}).json()
    again = client.post(UPLOAD, {"file": picture_file(colour="navy"), "row": "1"}).json()

    assert f'name="photo-{answer["id"]}-caption"' in answer["row"]
    assert "row" not in again
    assert again["page"] == address("change", Photo.objects.get())


# Page of a photo


def test_page_names_the_stories_with_their_state(client, editor):
    photo = make_photo()
    make_article(headline="Tin đang viết", status=Article.Status.DRAFT, body=photo.figure_html)

    html = client.get(address("change", photo)).content.decode()

    assert "Tin đang viết" in html
    assert "Bản nháp" in html
    assert "Ảnh đang dùng trong tin thì không xóa được." in html


def test_who_may_only_look_reads_the_words(client):
    user = make_user()
    user.user_permissions.add(Permission.objects.get(codename="view_photo"))
    client.force_login(user)
    photo = make_bare_photos(1)[0]

    html = client.get(address("change", photo)).content.decode()

    assert "Quang cảnh hội nghị 0" in html
    assert "<textarea" not in html
    assert "Thay tệp ảnh" not in html


def test_focal_point_and_words_are_saved(client, writer):
    photo = make_photo()
    data = {"caption": "Bến đò mới", "credit": "", "alt": "", "focal_x": "20", "focal_y": "80"}

    client.post(address("change", photo), data)

    photo.refresh_from_db()
    assert (photo.caption, photo.focal_x, photo.focal_y) == ("Bến đò mới", 20, 80)


def test_focal_point_outside_the_photo_is_refused(client, writer):
    photo = make_bare_photos(1)[0]

    html = client.post(address("change", photo), {"focal_x": "120", "focal_y": "-1"}).content.decode()

    assert 'id="id_focal_x_error"' in html
    assert 'id="id_focal_y_error"' in html


def test_deleting_a_used_photo_is_answered_with_its_uses(client, editor):
    photo = make_bare_photos(1)[0]
    make_article(headline="Tin có ảnh").photos.add(photo)

    html = client.post(address("delete", photo), {"post": "yes"}, follow=True).content.decode()

    assert "Ảnh đang dùng trong 1 tin nêu dưới đây nên không xóa được." in html
    assert "Tin có ảnh" in html
    assert Photo.objects.exists()


# File


@pytest.mark.requirement(43)
def test_original_is_a_private_download(client, writer):
    upload = picture_file("bến đò.jpg")
    photo = make_photo(upload=upload)
    upload.seek(0)

    response = client.get(address("original", photo))

    assert b"".join(response.streaming_content) == upload.read()
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Type"] == "application/octet-stream"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "private" in response["Cache-Control"]


@pytest.mark.requirement(43)
@pytest.mark.parametrize(
    "name",
    [
        'a"; filename="b.html',
        "a\r\nSet-Cookie: b=c.jpg",
        "bến đò; a=b.jpg",
        'a\\"b.jpg',
        "\u202egpj.b.jpg",
        "'\0.jpg",
    ],
)
def test_name_of_a_file_does_not_break_the_header_of_its_download(client, writer, name):
    upload = picture_file("x.jpg")
    upload._name = name
    client.post(UPLOAD, {"file": upload})
    photo = Photo.objects.get()

    response = client.get(address("original", photo))

    line = response["Content-Disposition"]
    assert line.startswith("attachment; filename")
    assert not re.search(r"[\x00-\x1f]", line)
    parsed = Message()
    parsed["Content-Disposition"] = line
    assert parsed.get_filename() == photo.original_name
    assert len(parsed.get_params(header="Content-Disposition")) == 2
    assert not {"Set-Cookie"} & response.headers.keys()
    response.close()


def test_photo_without_an_original_answers_404(client, writer):
    assert client.get(address("original", make_bare_photos(1)[0])).status_code == 404


def test_file_is_replaced_in_every_story(client, editor):
    photo = make_photo()
    before = photo.file.name
    story = make_article(body=photo.figure_html)

    page = client.get(address("replace", photo)).content.decode()
    client.post(address("replace", photo), {"file": picture_file("moi.jpg")})

    photo.refresh_from_db()
    story.refresh_from_db()
    assert "Tệp mới thay ngay ảnh này ở 1 tin." in page
    assert photo.file.name != before
    assert photo.file.name[:-4] in story.body_html
    assert "moi.jpg" in LogEntry.objects.get().change_message


def test_broken_replacement_is_refused_at_the_field(client, editor):
    photo = make_photo()

    html = client.post(
        address("replace", photo), {"file": SimpleUploadedFile("hong.jpg", b"x")}
    ).content.decode()

    assert 'id="id_file_error"' in html
    assert "“hong.jpg”: Tệp không phải là ảnh đọc được." in html


def test_writer_replaces_no_photo_that_readers_see(client, writer):
    photo = make_bare_photos(1)[0]
    assert client.get(address("replace", photo)).status_code == 200

    make_article(created_by=writer).photos.add(photo)

    assert client.get(address("replace", photo)).status_code == 403


def test_publisher_replaces_photos_of_the_sections_he_works_in(client, editor):
    photo = make_bare_photos(1)[0]
    story = make_article()
    story.photos.add(photo)
    work = Assignment.objects.create(user=editor)

    for section, expected in ((story.section, 200), (make_section("Văn hóa"), 403)):
        work.sections.set([section])
        assert client.get(address("replace", photo)).status_code == expected


# Removal


def test_removal_is_logged_and_shown_and_leaves_nothing_to_do(client, editor):
    photo = make_photo(caption="Bến đò")
    make_article(headline="Tin có ảnh", body=photo.figure_html)

    assert "Tin có ảnh" in client.get(address("remove", photo)).content.decode()
    html = client.post(address("remove", photo), {"reason": "Gia đình yêu cầu"}, follow=True).content.decode()

    assert "Đã gỡ ảnh khỏi kho và khỏi 1 tin." in html
    assert "Nguyễn Minh Hà" in html
    assert "Gia đình yêu cầu" in html
    assert "“Tin có ảnh”" in LogEntry.objects.get().change_message
    assert "<form" not in html.split('id="content-main"')[1]
    for name in ("remove", "replace", "original", "words", "delete"):
        assert client.post(address(name, photo), {"post": "yes", "reason": "x"}).status_code == 403, name


def test_removal_needs_a_reason(client, editor):
    photo = make_photo()

    html = client.post(address("remove", photo), {"reason": "  "}).content.decode()

    photo.refresh_from_db()
    assert 'id="id_reason_error"' in html
    assert photo.removed_at is None


def test_removed_photo_is_offered_nowhere(client, editor):
    photo = make_photo()
    photo.take_down(editor, "Yêu cầu")

    assert client.get(reverse("admin:articles_photo_choices")).json()["photos"] == []
    assert client.get(TABLE, {"id": photo.pk}).context["forms"] == []
    assert not client.get(LIST).context["cl"].result_list


# Rights


@pytest.mark.parametrize(
    ("group", "allowed"),
    [
        (None, set()),
        ("Xem thống kê", set()),
        ("Người viết", {"list", "table", "change", "original", "replace"}),
        ("Biên tập", {"list", "table", "change", "original", "replace", "delete"}),
        ("Xuất bản", {"list", "table", "change", "original", "replace", "remove", "delete"}),
    ],
)
def test_each_address_asks_for_its_right(client, group, allowed):
    photo = make_photo()
    names = ("change", "original", "replace", "remove", "delete")
    addresses = {"list": LIST, "table": TABLE, **{name: address(name, photo) for name in names}}
    client.force_login(make_user(group))

    open_ones = set()
    for name, url in addresses.items():
        response = client.get(url)
        if response.streaming:
            b"".join(response)  # closes the original
        if response.status_code == 200:
            open_ones.add(name)

    assert open_ones == allowed


def test_stranger_is_sent_to_the_login_from_everywhere(client):
    photo = make_bare_photos(1)[0]

    for name in ("change", "original", "replace", "remove", "words"):
        assert "/login/" in client.post(address(name, photo)).url, name
    for url in (LIST, TABLE, UPLOAD):
        assert "/login/" in client.post(url).url, url


@pytest.mark.requirement(34)
def test_steps_need_the_token_of_the_form(editor):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(editor)
    photo = make_bare_photos(1)[0]

    for url in (UPLOAD, TABLE, address("remove", photo), address("replace", photo), address("words", photo)):
        assert client.post(url, {"reason": "x", "id": photo.pk}).status_code == 403
