import re

import pytest

from newsportal.models import SiteIdentity


def test_theme_has_the_accent_for_light_and_dark(client):
    response = client.get("/giao-dien/8a1538.css")

    css = response.content.decode()
    assert response["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in response["Cache-Control"]
    assert "--accent: #8a1538;" in css
    assert len(set(re.findall(r"--accent: (#[0-9a-f]{6})", css))) == 2


def test_pale_accent_is_darkened_until_white_reads_on_it(client):
    assert "--accent: #ffee00" not in client.get("/giao-dien/ffee00.css").content.decode()


def test_high_contrast_has_stronger_shades_of_the_accent(client):
    css = client.get("/giao-dien/1f7a5c.css").content.decode()

    shades = re.findall(r"--(?:strong-)?accent: (#[0-9a-f]{6})", css)

    assert shades[1] not in ("#1f7a5c", shades[0])


@pytest.mark.parametrize("accent", ["xyzxyz", "fff", "0F5A43", "0f5a4311"])
@pytest.mark.django_db
def test_anything_else_answers_404(client, accent):
    assert client.get(f"/giao-dien/{accent}.css").status_code == 404


@pytest.mark.django_db
def test_pages_link_to_the_theme_of_the_site_identity(client):
    SiteIdentity.objects.create(name="Cổng tin tức", accent="#8A1538")

    html = client.get("/").content.decode()

    assert '<meta name="theme-color" content="#8a1538" media="(prefers-color-scheme: light)">' in html
    [address] = re.findall(r'rel="stylesheet" href="([^"]+)"', html)
    response = client.get(address)
    css = response.content.decode()
    assert "immutable" in response["Cache-Control"]
    assert "--accent: #8a1538;" in css
    # Layers are named first, colours come after the ones of tokens.css, and print after all.
    assert css.startswith("@layer base, layout, components, pages;")
    assert css.index("--accent: #0f5a43") < css.index("--accent: #8a1538") < css.index("@media print {")
    assert css.count("{") == css.count("}")
    for file in set(re.findall(r'url\("([^"]+)"\)', css)):
        assert client.get(file).getvalue().startswith(b"wOF2"), file


def test_stylesheet_of_another_version_is_not_kept(client):
    response = client.get("/giao-dien/0f5a43/0123456789ab.css")

    assert response.status_code == 200
    assert response["Cache-Control"] == "no-cache"
