"""Reading aloud: only the system's voices are stood in for."""

import pytest
from playwright.sync_api import expect

from tests.factory import figure, make_article, make_photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# A system with one voice, which says nothing and ends a sentence when told to.
VOICES = """
window.said = [];
const events = new EventTarget();
let voices = [], current;
window.arrive = (lang) => { voices = [{lang, localService: true, name: lang}]; events.dispatchEvent(new Event('voiceschanged')); };
window.end = () => current.onend();
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
Object.defineProperty(window, 'speechSynthesis', {value: {
  getVoices: () => voices,
  speak: (utterance) => { current = utterance; said.push(utterance.text); },
  cancel: () => { current?.onerror?.(); current = null; },
  addEventListener: events.addEventListener.bind(events),
}});
"""


@pytest.fixture
def story():
    return make_article(
        headline="Giữ sạch bờ sông",
        lead="Sáng nay ra quân. Chiều nay nghỉ.",
        body=f"<p>Đoạn một.</p>{figure(make_photo(), 'Chú thích ảnh')}<ul><li>Mục <strong>một</strong></li></ul>"
        f"<p>{'Một câu rất dài không có dấu chấm, ' * 12}hết.</p>",
    )


def test_story_is_read_sentence_by_sentence_and_stops_when_left(page, story):
    page.add_init_script(VOICES)
    page.goto(story.get_absolute_url())
    group = page.locator("[data-read-aloud]")
    expect(group).to_be_hidden()
    page.evaluate("arrive('en-US')")
    expect(group).to_be_hidden()
    page.evaluate("arrive('vi_VN')")
    play, stop = (
        page.get_by_role("button", name="Nghe bài"),
        page.get_by_role("button", name="Dừng", exact=True),
    )

    play.press("Enter")
    page.evaluate("for (let n = 0; n < 5; n += 1) end()")
    page.get_by_role("button", name="Tạm dừng").press("Enter")
    page.get_by_role("button", name="Nghe tiếp").press("Enter")

    said = page.evaluate("said")
    assert said == [
        "Giữ sạch bờ sông", "Sáng nay ra quân.", "Chiều nay nghỉ.", "Đoạn một.", "Chú thích ảnh", "Mục một", "Mục một",
    ]  # fmt: skip
    page.evaluate("end()")
    assert len(page.evaluate("said.at(-1)")) <= 200
    expect(page.locator("[data-being-read]")).to_contain_text("Một câu rất dài")
    stop.press("Enter")
    expect(play).to_be_focused()
    expect(stop).to_be_hidden()

    play.press("Enter")
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    expect(page.locator("[data-being-read]")).to_have_count(0)
