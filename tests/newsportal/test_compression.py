import gzip

import pytest

pytestmark = pytest.mark.django_db


def test_page_is_sent_compressed_with_its_figures_in_it(client):
    response = client.get("/", headers={"accept-encoding": "gzip"})

    html = gzip.decompress(response.content).decode()
    assert response["Content-Encoding"] == "gzip"
    assert int(response["Content-Length"]) == len(response.content)
    assert "Trực tuyến" in html
    assert "<!--visits:" not in html
