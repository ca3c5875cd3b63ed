"""Many save the same story at the same moment."""

import itertools
import re
import threading
from html import unescape

import pytest

from . import LONG


@pytest.mark.fault(15)
def test_racing_saves_lose_nothing(site, record_property):
    saves, people = (200, 8) if LONG else (8, 4)
    site.as_editor("/admin/articles/article/add/", site.story_form(headline="Tin nhiều người sửa"))
    [(story,)] = site.database.ask("SELECT max(id) FROM articles_article")
    address, numbers = f"/admin/articles/article/{story}/change/", itertools.count(1)
    saved, shown, lost = [], [], []

    def save_on():
        while (number := next(numbers)) <= saves:
            opened = site.as_editor(address)
            assert opened.status == 200
            hidden = re.findall(r'<input type="hidden" name="(base|loaded_at)" value="([^"]*)"', opened.text)
            assert len(hidden) == 2
            mine = f"Tin sửa lần {number}"
            form = site.story_form(headline=mine) | {name: unescape(value) for name, value in hidden}
            answer = site.as_editor(address, form)
            if answer.status == 302:
                saved.append(mine)
            elif 'class="conflict"' in answer.text and mine in answer.text:
                shown.append(mine)  # both texts, to choose from
            else:
                lost.append((number, answer.status))

    threads = [threading.Thread(target=save_on) for _ in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    versions = site.database.ask(
        "SELECT content ->> 'headline' FROM articles_articleversion WHERE article_id = %s ORDER BY id",
        [story],
    )

    record_property(
        "measured",
        f"{saves} saves by {people} at once: {len(saved)} saved, {len(shown)} shown both texts, {len(lost)} lost;"
        f" {len(versions)} versions",
    )
    assert lost == []
    assert saved
    assert sorted(headline for (headline,) in versions) == sorted(["Tin nhiều người sửa", *saved])
