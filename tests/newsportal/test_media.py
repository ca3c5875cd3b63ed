import pytest

from tests.factory import make_photo

pytestmark = pytest.mark.django_db


@pytest.mark.requirement(23)
def test_photo_is_shown_and_may_be_kept_for_ever(client):
    response = client.get(make_photo().file.url)

    assert response.status_code == 200
    assert response["Content-Type"] == "image/jpeg"
    assert "immutable" in response["Cache-Control"]
    assert response["Content-Disposition"].startswith("inline")
    response.close()


@pytest.mark.requirement(23)
@pytest.mark.parametrize("name", ["trang.html", "hinh.svg", "van-ban.docx"])
def test_what_could_run_in_the_browser_is_handed_over_as_a_download(client, settings, name):
    settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
    (settings.MEDIA_ROOT / name).write_text("<script>alert(1)</script>")

    response = client.get(f"/media/{name}")

    assert response["Content-Disposition"] == "attachment"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    response.close()


@pytest.mark.requirement(48)
@pytest.mark.parametrize("path", ["khong-co.jpg", "photos/"])
def test_missing_file_answers_404(client, path):
    assert client.get(f"/media/{path}").status_code == 404


@pytest.mark.requirement(22)
def test_path_out_of_the_folder_is_refused(client):
    assert client.get("/media/../settings.py").status_code == 400
