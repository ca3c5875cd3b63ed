"""Puts any number of made-up stories into the database, for tests of size: texts from many.toml, rows by COPY."""

import io
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from hashlib import sha256
from multiprocessing import get_context
from random import Random

from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.utils import timezone

from articles import body, links
from articles.models import Article, Author, Byline, Correction, Photo, RelatedLink, Topic

from . import loader, photos, wording
from .wording import Figure, Plan, Rows

# As many as a portal of twenty years may have; each photo that is drawn stands for many.
TOPICS, AUTHORS, PHOTOS, DRAWN = 300, 200, 300, 4
PHOTO_WIDTH = 640
INDEXES_LATER = 20_000  # from so many on it is quicker to make indexes behind the rows than with them
PROCESSES = 2

TABLES = {
    "topics": (Article.topics.through, "article_id, topic_id"),
    "photos": (Article.photos.through, "article_id, photo_id"),
    "bylines": (Byline, 'article_id, author_id, role, "order"'),
    "links": (RelatedLink, 'article_id, target_id, url, title, "order"'),
    "corrections": (Correction, "article_id, text, made_at"),
}


@transaction.atomic
def make(count: int, tell: Callable[[int], None]) -> None:
    """All of them or, where it is cut off, none."""
    with connection.cursor() as cursor:
        # Checks of references wait for no commit, which would hold a million of them in memory.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        plan = _plan(cursor, count)
        indexes = Article._meta.indexes if count >= INDEXES_LATER else []
        with connection.schema_editor(atomic=False) as editor:
            for index in indexes:
                editor.remove_index(Article, index)
        for number, rows in enumerate(_written(plan), 1):
            _copy(
                cursor, Article._meta.db_table, ", ".join(f'"{name}"' for name in plan.blank), rows.articles
            )
            for name, (model, columns) in TABLES.items():
                _copy(cursor, model._meta.db_table, columns, getattr(rows, name))
            tell(min(number * wording.AT_ONCE, count))
        with connection.schema_editor(atomic=False) as editor:
            for index in indexes:
                editor.add_index(Article, index)


def tidy() -> None:
    """What autovacuum would do in its own time: without it the first readers meet plans for empty tables."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.in_atomic_block else "VACUUM (ANALYZE)")


def _plan(cursor, count: int) -> Plan:
    dice = Random(count)  # noqa: S311 - nothing secret
    table = Article._meta.db_table
    cursor.execute(
        "SELECT setval(name, nextval(name) + %s - 1) - %s + 1"
        " FROM (SELECT pg_get_serial_sequence(%s, 'id') AS name) AS sequence",
        [count, count, table],
    )
    sections = loader.load_sections(loader.read("sections.toml")["section"])
    for name in wording.subjects(min(TOPICS, 10 + count // 10), dice):
        Topic.objects.get_or_create(name=name)
    for number, name in enumerate(wording.names(min(AUTHORS, 10 + count // 10), dice)):
        Author.objects.get_or_create(pen_name=name, unit=wording.SLOTS["unit"][number % 16])
    return Plan(
        first_id=cursor.fetchone()[0],
        count=count,
        now=timezone.localtime(),
        sections=[section.pk for section in sections.values()],
        topics=list(Topic.objects.order_by("pk").values_list("pk", "name")),
        authors=list(Author.objects.order_by("pk").values_list("pk", "pen_name", "unit")),
        figures=[_figure(photo) for photo in _photos(min(PHOTOS, DRAWN + count // 100), dice)],
        writers=list(get_user_model().objects.filter(is_staff=True).values_list("pk", flat=True)),
        blank={field.column: wording.encoded(field.get_default()) for field in Article._meta.concrete_fields},
    )


def _photos(count: int, dice: Random) -> list[Photo]:
    rows = loader.read("photos.toml")["photo"][:DRAWN]
    drawn = [
        Photo.objects.store(
            SimpleUploadedFile(
                f"{row['key']}.jpg",
                photos.jpeg(row["scene"], row["seed"], row["size"], PHOTO_WIDTH),
                "image/jpeg",
            ),
            caption=row["caption"],
            credit=row["credit"],
            alt=row["alt"],
        )
        for row in rows
    ]
    others = []
    for number in range(len(drawn), count):
        photo = Photo.objects.get(pk=drawn[number % len(drawn)].pk)
        photo.pk, photo.digest = None, sha256(f"{photo.digest} {number}".encode()).hexdigest()
        photo.caption = "".join(part.text for part in wording.Words(dice).sentence("sentence"))
        photo.folded = photo.fold_words()
        others.append(photo)
    Photo.objects.bulk_create(others, ignore_conflicts=True)
    return list(Photo.objects.present().order_by("pk")[:count])


def _figure(photo: Photo) -> Figure:
    shown = {photo.pk: photo.picture}
    stored = body.with_photos(links.mark(body.clean(photo.figure_html)), shown, ())
    return Figure(photo.pk, stored, body.render(stored, shown), body.to_text(stored))


def _written(plan: Plan) -> Iterator[Rows]:
    starts = range(0, plan.count, wording.AT_ONCE)
    if len(starts) == 1:
        yield wording.write(plan, 0)
        return
    # Spawned, not forked: a forked process would share this one's connection to the database.
    with ProcessPoolExecutor(
        PROCESSES, mp_context=get_context("spawn"), initializer=photos.end_with_parent
    ) as pool:
        waiting = []
        for start in starts:
            waiting.append(pool.submit(partial(wording.write, plan, start)))
            if len(waiting) > 2 * PROCESSES:  # the database is slower than they are
                yield waiting.pop(0).result()
        for each in waiting:
            yield each.result()


def _copy(cursor, table: str, columns: str, lines: list[str]) -> None:
    if lines:
        file = io.StringIO("\n".join(lines) + "\n")
        cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", file, size=1 << 20)
