"""The demo news against other people's validators; `make validate` runs this, with Java and Node.js.

The Nu HTML checker for every page, the protocol's own schema for sitemaps, schema.org's vocabulary (as TypeScript knows it)
and what search engines demand for JSON-LD. Feeds and sitemaps keep tests/data/schemas as in `make test`.
"""

import io
import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from lxml import etree, html

from articles.models import Article
from articles.page_cache import unavailable
from articles.templatetags.addresses import archive_address
from newsportal import views
from tests.articles.test_shared_draft import draft, make_link
from tests.schemas import checked

TOOLS = Path(__file__).parent / "node"
MODULES = TOOLS / "node_modules"
CHECKER = MODULES / "vnu-jar/build/dist/vnu.jar"
SITEMAPS = MODULES / "sitemap/schema"
# Of Google's documentation of articles, breadcrumbs and organisations, the required and the recommended properties.
ASKED_FOR = {
    "NewsArticle": {"author", "dateModified", "datePublished", "headline", "image", "publisher"},
    "Person": {"name", "url"},
    "NewsMediaOrganization": {"name", "url"},
    "ImageObject": {"url"},
    "BreadcrumbList": {"itemListElement"},
    "ListItem": {"item", "name", "position"},
    "CorrectionComment": {"text", "datePublished"},
}

pytestmark = pytest.mark.django_db


def answer(address: str, status=200) -> bytes:
    response = Client(raise_request_exception=False).get(address)
    assert response.status_code == status, address
    return b"".join(response) if response.streaming else response.content


def locations(content: bytes) -> list[str]:
    """The paths that a sitemap names."""
    found = etree.fromstring(content).findall("{*}*/{*}loc")
    return [urlsplit(each.text).path for each in found]


def sitemaps() -> dict[str, bytes]:
    index = answer(reverse("articles:sitemap"))
    return {"index": index} | {address: answer(address) for address in locations(index)}


def pages(rf) -> dict[str, bytes]:
    """All that sitemaps name, and the kinds of pages that they leave out."""
    named = {address for content in list(sitemaps().values())[1:] for address in locations(content)}
    day = Article.objects.published().latest("published_at").published_at
    search = reverse("articles:search")
    asked = [
        *named,
        archive_address(day),
        *(reverse("articles:archive_month", args=[f"{day:%Y}", f"{day:%m}"]), reverse("articles:archive_year", args=[day.year])),
        *(search, f"{search}?q=xã", f"{search}?q=xã&page=2", f"{search}?q=xyzzy", f"{search}?q={'a' * 500}"),
        *map(reverse, ["articles:archive", "articles:corrections", "articles:site_map", "articles:feeds"]),
        *map(reverse, ["articles:api", "accessibility", "visitors:definitions", "account_login"]),
    ]  # fmt: skip
    withdrawn = Article.objects.filter(status=Article.Status.WITHDRAWN).first()
    return {address: answer(address) for address in asked} | {
        "404": answer("/khong-co/", 404),
        "410": answer(withdrawn.get_absolute_url(), 410),
        "shared draft": answer(make_link(draft())),
        "403": views.csrf_failure(rf.post("/")).content,
        "500": views.server_error(rf.get("/")).content,
        "503": unavailable(rf.get("/")).content,
    }


def test_validators_find_nothing(rf, tmp_path):
    call_command("load_demo", photo_width=800, stdout=io.StringIO())
    shown, maps = pages(rf), sitemaps()
    linked = {address: data for address, content in shown.items() if (data := linked_data(content))}

    found = {
        "Nu HTML checker": html_mistakes(shown, tmp_path),
        "protocol of sitemaps": protocol_mistakes(maps),
        "schema.org": vocabulary_mistakes(linked, tmp_path),
        "search engines": missing(linked) + demanded(linked, tmp_path),
    }

    sys.stdout.write(f"\n{len(shown)} pages, {len(linked)} with JSON-LD, {len(maps)} sitemaps\n")
    assert len(linked) >= 60
    assert found == dict.fromkeys(found, [])


def html_mistakes(shown: dict[str, bytes], folder: Path) -> list[str]:
    names = {}
    for number, (address, content) in enumerate(shown.items()):
        file = folder / f"{number}.html"
        file.write_bytes(content)
        names[f"file:{file}"] = address
    files = [name.removeprefix("file:") for name in names]
    command = ["java", "-jar", CHECKER, "--format", "json", "--stdout", *files]
    messages = json.loads(subprocess.run(command, capture_output=True).stdout)["messages"]
    return [
        f"{names.get(each.get('url'))}: {each['message']} {each.get('extract', '')!r}" for each in messages
    ]


def protocol_mistakes(maps: dict[str, bytes]) -> list[str]:
    """By the schema of sitemaps.org, without what Google added, which has none there. The index is held to ours."""
    schema = etree.XMLSchema(file=SITEMAPS / "sitemap.xsd")
    found = []
    for address, content in maps.items():
        root = checked("sitemap", content)
        for added in root.xpath("*/*[namespace-uri() != namespace-uri(/*)]"):
            added.getparent().remove(added)
        if address != "index" and not schema.validate(root):
            found += [f"{address}: {error.message}" for error in schema.error_log]
    return found


def linked_data(content: bytes) -> dict | None:
    texts = html.document_fromstring(content).xpath("//script[@type='application/ld+json']/text()")
    return json.loads(texts[0]) if texts else None


def vocabulary_mistakes(linked: dict[str, dict], folder: Path) -> list[str]:
    """Types, properties and the types of their values, by the TypeScript compiler."""
    source = folder / "linked.ts"
    graphs = json.dumps(list(linked.values()), ensure_ascii=False, indent=1)
    source.write_text(
        f'import type {{ Graph }} from "schema-dts";\nexport const graphs: Graph[] = {graphs};\n'
    )
    (folder / "node_modules").symlink_to(MODULES)
    command = ["node", MODULES / "typescript/bin/tsc", "--noEmit", "--strict", "--skipLibCheck"]
    run = subprocess.run(
        [*command, "--module", "nodenext", "--target", "es2022", source], capture_output=True, text=True
    )
    return (run.stdout + run.stderr).splitlines()


def demanded(linked: dict[str, dict], folder: Path) -> list[str]:
    file = folder / "linked.json"
    file.write_text(json.dumps(linked))
    run = subprocess.run(["node", TOOLS / "structured_data.mjs", file], capture_output=True, check=True)
    return json.loads(run.stdout)


def missing(linked: dict[str, dict]) -> list[str]:
    return [
        f"{address}: {thing['@type']} without {name}"
        for address, data in linked.items()
        for thing in things(data["@graph"])
        for name in ASKED_FOR[thing["@type"]] - thing.keys()
    ]


def things(value):
    """Every object with a type, within others too."""
    if isinstance(value, list):
        for each in value:
            yield from things(each)
    elif isinstance(value, dict):
        if "@type" in value:
            yield value
        yield from things(list(value.values()))
