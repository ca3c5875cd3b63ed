"""A photo's life after it was stored: another file, removal on request, focal point, two people at once."""

import io
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone
from PIL import Image

from articles import images, versions
from articles.models import Article, ArticleVersion, Photo, WorkingDraft
from tests.at_once import in_thread, wait_until_somebody_waits
from tests.factory import figure, make_article, make_photo, make_user, picture_file


def files_below(*folders):
    return {path for folder in folders for path in folder.rglob("*") if path.is_file()}


def public(settings, photo):
    return {settings.MEDIA_ROOT / name for name in photo.files.names}


@pytest.fixture
def commits(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.mark.django_db
def test_original_is_kept_byte_for_byte_for_its_owner_alone(settings):
    upload = picture_file()

    photo = make_photo(upload=upload)

    path = settings.ORIGINALS_ROOT / photo.original.name
    upload.seek(0)
    assert path.read_bytes() == upload.read()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    with pytest.raises(ValueError, match="no address"):
        photo.original.url  # noqa: B018


@pytest.mark.django_db
def test_replacing_keeps_uses_and_words_and_gives_new_addresses(client, settings, commits):
    photo = make_photo(caption="Chú thích cũ")
    story = make_article(body=figure(photo, "Chú thích trong bài"))
    before, modified_at = public(settings, photo), story.modified_at

    with commits():
        photo.replace(picture_file("moi.jpg", size=(900, 600)))

    story.refresh_from_db()
    assert (photo.width, photo.caption) == (900, "Chú thích cũ")
    assert not before & files_below(settings.MEDIA_ROOT)
    assert public(settings, photo) == files_below(settings.MEDIA_ROOT)
    assert files_below(settings.ORIGINALS_ROOT) == {settings.ORIGINALS_ROOT / photo.original.name}
    html = client.get(story.get_absolute_url()).content.decode()
    assert photo.picture.url in html
    assert "Chú thích trong bài" in html
    assert photo.file.url in story.body
    assert story.modified_at == modified_at


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("colour", "reason"), [((1, 1, 1), "vẫn là tệp đang dùng"), ((2, 2, 2), "đã có trong thư viện.*Bến đò")]
)
def test_replacement_that_is_known_is_refused_by_name(colour, reason):
    photo = make_photo(upload=picture_file(colour=(1, 1, 1)))
    make_photo(upload=picture_file(colour=(2, 2, 2)), caption="Bến đò")

    with pytest.raises(images.ImageError, match=reason):
        photo.replace(picture_file(colour=colour))


@pytest.mark.django_db
def test_photo_taken_down_leaves_no_file_no_caption_and_is_not_stored_again(client, settings, commits):
    upload = picture_file(colour=(3, 3, 3))
    photo, other = make_photo(upload=upload, caption="Bà Nguyễn Thị A"), make_photo()
    story = make_article(
        body=figure(photo, "Bà Nguyễn Thị A nhận quà") + figure(other, "Quang cảnh"), lead_photo=photo
    )
    modified_at = story.modified_at

    with commits():
        photo.take_down(make_user(), "Theo đơn của người trong ảnh")
        photo.take_down(make_user(), "Lần nữa")

    story.refresh_from_db()
    html = client.get(story.get_absolute_url()).content.decode()
    assert "Nguyễn Thị A" not in html + story.body + story.body_text
    assert "Quang cảnh" in html
    assert (story.lead_photo, story.modified_at) == (other, modified_at)
    assert files_below(settings.MEDIA_ROOT) == public(settings, other)
    assert (photo.caption, photo.removal_reason) == ("", "Theo đơn của người trong ảnh")
    assert list(Photo.objects.present()) == [other]
    with pytest.raises(images.ImageError, match="gỡ theo yêu cầu ngày"):
        make_photo(upload=upload)


@pytest.mark.django_db
def test_form_that_was_open_does_not_bring_a_removed_photo_back(commits):
    photo = make_photo()
    story = make_article(body=figure(photo, "Bà Nguyễn Thị A"))

    with commits():
        photo.take_down(make_user(), "Theo đơn")
    story.save()

    assert (story.body, story.body_html, story.lead_photo) == ("", "", None)
    assert not story.photos.exists()


@pytest.mark.django_db
def test_crops_follow_the_focal_point_under_new_names(settings, commits):
    buffer = io.BytesIO()
    halves = Image.new("RGB", (400, 1200), "blue")
    halves.paste("red", (0, 800, 400, 1200))
    halves.save(buffer, "JPEG")
    photo = make_photo(upload=SimpleUploadedFile("hai-nua.jpg", buffer.getvalue()))
    before = photo.files.names

    with commits():
        photo.set_focal_point(50, 95)

    square = Image.open(settings.MEDIA_ROOT / photo.files.crops((1, 1))[-1].name).convert("RGB")
    red, _green, blue = square.getpixel((160, 160))
    assert red > 200 > 50 > blue
    assert photo.files.whole[0].name in before
    assert public(settings, photo) == files_below(settings.MEDIA_ROOT)


@pytest.mark.django_db
def test_photo_of_an_earlier_version_works_before_and_after_its_files_are_made(client, settings, commits):
    photo = make_photo()
    story = make_article(body=figure(photo, "Bến đò"))
    for each in [photo.files.fallback, *photo.files.all_crops]:
        (settings.MEDIA_ROOT / each.name).unlink()
    Photo.objects.update(recipe=1)
    story.save()

    def shown():
        pages = client.get(story.get_absolute_url()).content + client.get("/").content
        return set(all_photos(pages.decode(), settings))

    assert shown() <= files_below(settings.MEDIA_ROOT)
    call_command("make_renditions")
    assert settings.MEDIA_ROOT / photo.files.fallback.name in shown()
    assert shown() <= files_below(settings.MEDIA_ROOT)


def all_photos(html, settings):
    words = html.replace('"', " ").replace(",", " ").split()
    return [
        settings.MEDIA_ROOT / word[len("/media/") :] for word in words if word.startswith("/media/photos")
    ]


@pytest.mark.django_db
def test_files_of_a_killed_upload_are_deleted_in_time(settings):
    photo = make_photo()
    folder = (settings.MEDIA_ROOT / photo.file.name).parent
    left, just_now = folder / "tmpabc.part", folder / "tmpdef.part"
    for path in (left, just_now):
        path.write_bytes(b"x")
    os.utime(left, (time.time() - 7200,) * 2)

    Photo.objects.delete_abandoned()

    assert files_below(settings.MEDIA_ROOT) == public(settings, photo) | {just_now}


@pytest.mark.django_db
def test_deleted_photo_takes_its_files_along(settings, commits):
    with commits():
        make_photo().delete()

    assert files_below(settings.MEDIA_ROOT, settings.ORIGINALS_ROOT) == set()


@pytest.mark.django_db
def test_a_thousand_stories_are_rendered_anew_in_batches(django_assert_max_num_queries):
    photo = make_photo()
    story = make_article(body=figure(photo, "Bến đò"))
    copies = [Article(section=story.section, headline="Tin", slug="tin", body=story.body) for _ in range(120)]
    photo.articles.add(*Article.objects.bulk_create(copies))

    with django_assert_max_num_queries(20):
        photo.articles.all().render_anew()

    assert not Article.objects.filter(body_html="").exists()


@pytest.mark.django_db(transaction=True)
def test_two_people_upload_the_same_photo_as_one(settings):
    content = picture_file(size=(1800, 1200)).read()
    together = threading.Barrier(3)

    def upload():
        together.wait()
        return make_photo(upload=SimpleUploadedFile("anh.jpg", content)).pk

    with ThreadPoolExecutor(3) as pool:
        keys = {each.result() for each in [in_thread(pool, upload) for _ in range(3)]}

    photo = Photo.objects.get()
    assert keys == {photo.pk}
    assert files_below(settings.MEDIA_ROOT) == public(settings, photo)


@pytest.mark.django_db(transaction=True)
def test_story_saved_while_its_photo_is_taken_down_does_not_show_it():
    photo, user = make_photo(), make_user()
    body = figure(photo, "Bà Nguyễn Thị A")

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            photo.take_down(user, "Theo đơn")
            saving = in_thread(pool, lambda: make_article(body=body))
            wait_until_somebody_waits()
        story = saving.result()

    assert "Nguyễn Thị A" not in story.body + story.body_html
    assert not story.photos.exists()


@pytest.mark.django_db
def test_uses_in_stories_of_an_earlier_version_are_noted():
    photo, lead = make_photo(), make_photo()
    story = make_article(body=figure(photo), lead_photo=lead)
    story.photos.clear()

    with connection.cursor() as cursor:
        cursor.execute(import_module("articles.migrations.0004_note_photos").NOTE)

    assert set(story.photos.all()) == {photo, lead}


@pytest.mark.django_db
def test_removed_photo_leaves_older_versions_and_what_is_being_typed():
    photo, other = make_photo(), make_photo()
    story = make_article(body=figure(photo, "Cháu Nguyễn Văn A") + figure(other, "Cổng trường"))
    version = versions.record(story, ArticleVersion.Kind.PUBLISHED, None)
    draft = WorkingDraft.objects.create(
        user=make_user(),
        key=uuid4(),
        fields=[["headline", "A"], ["body", story.body]],
        typed_at=timezone.now(),
    )

    photo.take_down(make_user(), "Gia đình yêu cầu")

    version.refresh_from_db()
    draft.refresh_from_db()
    for text in (version.content["body"], dict(draft.fields)["body"]):
        assert "Nguyễn Văn A" not in text
        assert "Cổng trường" in text
    assert draft.fields[0] == ["headline", "A"]
