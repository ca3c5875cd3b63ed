"""Makes what a test needs; a test names only the facts that matter to it."""

import io
from datetime import timedelta
from itertools import count

from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from articles.models import Article, Author, Byline, Photo, Section

numbers = count(1)


def make_section(name="Tin hoạt động", **fields):
    return Section.objects.get_or_create(name=name, defaults=fields)[0]


def make_article(**fields):
    """A story that readers see, unless `fields` say otherwise."""
    fields = {
        "section": fields.pop("section", None) or make_section(),
        "headline": f"Ra quân làm sạch bờ sông lần thứ {next(numbers)}",
        "lead": "Sáng nay, hơn hai trăm đoàn viên đã ra quân.",
        "body": "<p>Các tổ tự quản thu gom rác dọc bờ sông.</p>",
        "status": Article.Status.PUBLISHED,
        "published_at": timezone.now() - timedelta(hours=1),
        **fields,
    }
    return Article.objects.create(**fields)


def make_byline(article, pen_name="Minh Hà", role=Byline.Role.NAME_ONLY, **fields):
    author, _created = Author.objects.get_or_create(pen_name=pen_name)
    return Byline.objects.create(article=article, author=author, role=role, **fields)


def picture_file(name="anh.jpg", *, size=(600, 400), colour=None, format="JPEG", **options):
    """An upload with a real picture of its own colour."""
    number = next(numbers)
    buffer = io.BytesIO()
    Image.new("RGB", size, colour or (number * 37 % 256, number * 61 % 256, number % 256)).save(
        buffer, format, **options
    )
    return SimpleUploadedFile(name, buffer.getvalue(), content_type=f"image/{format.lower()}")


def make_photo(**fields):
    upload = fields.pop("upload", None) or picture_file()
    return Photo.objects.store(upload, **{"caption": "Quang cảnh hội nghị", **fields})


def make_bare_photos(count, **fields):
    """Photos without files, for what lists show and count."""
    return Photo.objects.bulk_create(
        Photo(
            digest=f"{next(numbers):064}", file="photos/anh.jpg", width=600, height=400,
            caption=f"Quang cảnh hội nghị {number}", folded=f"quang canh hoi nghi {number}", alt="Hội nghị", **fields,
        )
        for number in range(count)
    )  # fmt: skip


def figure(photo, caption=""):
    """A photo as it stands in a stored body."""
    words = f"<figcaption>{caption}</figcaption>" if caption else ""
    return f'<figure class="image"><img src="{photo.file.url}" alt="{photo.alt}" data-photo="{photo.pk}">{words}</figure>'


def make_user(group=None, **fields):
    """A member of staff; `group` is "Người viết", "Biên tập" or "Xuất bản"."""
    user = User.objects.create_user(f"user{next(numbers)}", password="mat-khau-thu", is_staff=True, **fields)
    if group:
        user.groups.add(Group.objects.get(name=group))
    return user
