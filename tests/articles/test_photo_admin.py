import re
import socket

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from articles.models import Photo
from tests.factory import make_article, make_bare_photos, make_photo, make_user, picture_file

pytestmark = pytest.mark.django_db
ADD = reverse("admin:articles_photo_add")
UPLOAD = reverse("admin:articles_photo_upload")
CHOICES = reverse("admin:articles_photo_choices")


@pytest.fixture
def writer(client):
    user = make_user("Người viết")
    client.force_login(user)
    return user


@pytest.mark.requirement(22)
def test_name_of_a_photo_decides_no_place_on_the_disk(client, writer, settings):
    names = [
        "../../../a.jpg", "..\\..\\a.jpg", "/etc/passwd.jpg", "a\0b.jpg", "\u202egpj.a.jpg", "x" * 300 + ".jpg", "ệ" * 300 + ".jpg",
        "a\tb.JPG", ".jpg", "a.jpg/", "%2e%2e%2fa.jpg", "a.php.jpg",
    ]  # fmt: skip
    for name in names:
        upload = picture_file(size=(40, 30))
        upload._name = name  # as no browser sends it
        assert client.post(UPLOAD, {"file": upload}).status_code == 200

    photos = Photo.objects.all()
    assert len(photos) == len(names)
    for photo in photos:
        assert re.fullmatch(r"photos/[0-9a-f]{2}/[0-9a-f]{24}\.jpg", photo.file.name)
        assert re.fullmatch(r"[0-9a-f]{2}/[0-9a-f]{64}\.jpg", photo.original.name)
        assert re.fullmatch(r"[^/\\\x00-\x1f]{0,200}", photo.original_name)
    below = {
        path.relative_to(settings.MEDIA_ROOT.parent).parts[0]
        for path in settings.MEDIA_ROOT.parent.rglob("*.jpg")
    }
    assert below == {"media", "originals"}


def test_bad_photo_is_refused_by_name_and_the_others_kept(client, writer):
    files = [
        picture_file("ben-do.jpg"),
        SimpleUploadedFile("hong.jpg", b"x"),
        picture_file("cho.png", format="PNG"),
    ]

    html = client.post(ADD, {"files": files, "credit": "Minh Hà"}, follow=True).content.decode()

    assert "“hong.jpg”: Tệp không phải là ảnh đọc được." in html
    assert "2 ảnh đã có trong kho ảnh." in html
    assert set(Photo.objects.values_list("original_name", "credit")) == {
        ("ben-do.jpg", "Minh Hà"),
        ("cho.png", "Minh Hà"),
    }


def test_refusal_of_all_photos_stands_at_the_field(client, writer):
    html = client.post(ADD, {"files": [SimpleUploadedFile("hong.jpg", b"x")]}).content.decode()

    errors = re.search(r'<ul class="errorlist" id="id_files_error">.*?</ul>', html, re.S)[0]
    assert "“hong.jpg”: Tệp không phải là ảnh đọc được." in errors
    assert not Photo.objects.exists()


def test_upload_without_a_file_says_so(client, writer):
    assert "Hãy điền ô này." in client.post(ADD, {}).content.decode()
    assert client.post(UPLOAD).json() == {"error": "Chưa nhận được tệp nào. Hãy chọn lại ảnh."}


def test_photo_sent_while_writing_comes_back_ready_to_insert(client, writer):
    answer = client.post(UPLOAD, {"file": picture_file("bến đò.jpg")}).json()

    photo = Photo.objects.get()
    assert photo.uploaded_by == writer
    assert f'data-photo="{photo.pk}"' in answer["html"]
    assert answer["thumbnail"] == photo.thumbnail_url


def test_refusal_while_writing_names_the_file(client, writer):
    response = client.post(UPLOAD, {"file": SimpleUploadedFile("hong.jpg", b"x")})

    assert response.status_code == 400
    assert response.json()["error"].startswith("“hong.jpg”: ")


def test_words_written_in_the_chooser_are_kept(client, writer):
    photo = make_photo(caption="")
    url = reverse("admin:articles_photo_words", args=[photo.pk])

    words = {"caption": "Bến đò <buổi sáng>", "credit": "Minh Hà", "alt": "Con đò"}
    answer = client.post(url, {**words, "for_library": "1"}).json()

    photo.refresh_from_db()
    assert (photo.caption, photo.credit, photo.alt) == ("Bến đò <buổi sáng>", "Minh Hà", "Con đò")
    assert "Bến đò &lt;buổi sáng&gt; <em>Ảnh: Minh Hà</em>" in answer["html"]


def test_words_for_one_use_leave_the_library_alone(client, writer):
    photo = make_photo(caption="Bến đò buổi sáng")
    url = reverse("admin:articles_photo_words", args=[photo.pk])

    answer = client.post(url, {"caption": "Chuyến đò cuối cùng"}).json()

    photo.refresh_from_db()
    assert photo.caption == "Bến đò buổi sáng"
    assert "<figcaption>Chuyến đò cuối cùng</figcaption>" in answer["html"]


def test_file_that_is_there_already_is_not_taken_for_a_new_photo(client, writer):
    first = client.post(UPLOAD, {"file": picture_file(colour="navy")}).json()
    second = client.post(UPLOAD, {"file": picture_file(colour="navy")}).json()

    assert (first["isNew"], second["isNew"]) == (True, False)
    assert first["id"] == second["id"]


def test_caption_beside_a_photo_is_not_read_twice():
    assert 'alt=""' in make_photo(caption="Bến đò buổi sáng").figure_html
    assert 'alt="Con đò"' in make_photo(caption="Bến đò buổi sáng", alt="Con đò").figure_html


def test_chooser_searches_without_marks_and_pages(client, writer):
    make_bare_photos(26)
    make_photo(caption="Bến đò buổi sáng")

    first = client.get(CHOICES).json()
    second = client.get(CHOICES, {"page": 1}).json()
    found = client.get(CHOICES, {"q": "ben do"}).json()

    assert (len(first["photos"]), first["more"]) == (24, True)
    assert (len(second["photos"]), second["more"]) == (3, False)
    assert [photo["caption"] for photo in found["photos"]] == ["Bến đò buổi sáng"]


def test_chooser_shows_only_ones_own_photos_when_asked(client, writer):
    [own] = make_bare_photos(1, uploaded_by=writer)
    make_bare_photos(1)

    assert [photo["id"] for photo in client.get(CHOICES, {"mine": "1"}).json()["photos"]] == [own.pk]


@pytest.mark.parametrize(("method", "url"), [("get", CHOICES), ("post", UPLOAD), ("get", ADD)])
def test_without_the_right_there_is_no_way_in(client, method, url):
    client.force_login(make_user())

    assert getattr(client, method)(url).status_code == 403


def test_photo_in_use_is_not_deleted(client, django_capture_on_commit_callbacks):
    client.force_login(make_user("Xuất bản"))
    used, unused = make_photo(), make_photo()
    make_article(body=used.figure_html)

    with django_capture_on_commit_callbacks(execute=True):
        for photo in (used, unused):
            client.post(reverse("admin:articles_photo_delete", args=[photo.pk]), {"post": "yes"})

    assert list(Photo.objects.all()) == [used]
    assert not unused.file.storage.exists(unused.file.name)
    assert used.file.storage.exists(used.file.name)


def test_decorative_photo_with_alternative_text_is_explained(client, writer):
    photo = make_photo()
    data = {"caption": "x", "alt": "Con đò", "is_decorative": "on"}

    html = client.post(reverse("admin:articles_photo_change", args=[photo.pk]), data).content.decode()

    assert "Ảnh trang trí không có mô tả ảnh" in html


def test_empty_file_is_refused_by_name_and_the_others_kept(client, writer):
    files = [picture_file("ben-do.jpg"), SimpleUploadedFile("rong.jpg", b"")]

    html = client.post(ADD, {"files": files}, follow=True).content.decode()

    assert "“rong.jpg”: Tệp không phải là ảnh đọc được." in html
    assert Photo.objects.count() == 1


@pytest.mark.parametrize("page", ["²", "9" * 5000, "-1", "x"])
def test_odd_page_of_the_chooser_is_the_first(client, writer, page):
    make_photo()

    assert len(client.get(CHOICES, {"page": page}).json()["photos"]) == 1


@pytest.mark.requirement(25)
@pytest.mark.django_db(transaction=True)
def test_upload_that_breaks_off_leaves_nothing(client, live_server, settings):
    client.force_login(make_user(is_superuser=True))
    session = client.cookies["sessionid"].value
    head = (
        f"POST {reverse('admin:articles_photo_upload')} HTTP/1.1\r\nHost: localhost\r\n"
        f"Cookie: sessionid={session}; csrftoken={'a' * 32}\r\nX-CSRFToken: {'a' * 32}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 5000000\r\n\r\n"
        '--x\r\nContent-Disposition: form-data; name="file"; filename="anh.jpg"\r\n\r\n'
    )
    host, _colon, port = live_server.url.removeprefix("http://").partition(":")

    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode() + picture_file().read())
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(1000)

    assert b" 200 " not in answer
    assert not Photo.objects.exists()
    assert not settings.MEDIA_ROOT.exists()
