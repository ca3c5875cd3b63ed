"""What the cleaning lets through, parsed by a real browser in two ways, holds nothing but what is allowed."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from articles import body, links
from articles.body import Picture
from tests.articles.hostile_html import CASES, any_html

pytestmark = pytest.mark.browser

# For a night's run: HTML_EXAMPLES=5000 pytest tests/browser/test_cleaning.py
BATCHES = int(os.environ.get("HTML_EXAMPLES", "200")) // 40
# What body.render() adds for readers.
RENDERED = {
    "a": {"href", "rel", "data-large-photo", "aria-label"},
    "div": {"tabindex", "role", "aria-label"},
    "picture": set(),
    "source": {"type", "srcset", "sizes"},
    "img": {"src", "alt", "width", "height", "loading", "decoding", "fetchpriority"},
}
RENDERED_CLASSES = {
    "a": {"photo-link"},
    "div": {"table-frame", "gallery", "gallery--2", "gallery--3"},
    "figure": {*body.ALLOWED_CLASSES["figure"], "tall"},
}
SEARCH = """async ([texts, allowed, classes, schemes]) => {
  const found = [];
  for (const name of ["alert", "msgbox", "print"]) window[name] = () => found.push("something ran");
  const look = (root, number) => {
    for (const element of root.querySelectorAll("*")) {
      const name = element.localName, say = (what) => found.push(`${number}: ${name} ${what}`);
      if (element.namespaceURI !== "http://www.w3.org/1999/xhtml" || !(name in allowed)) say("is not allowed");
      for (const { name: key, value } of element.attributes) {
        if (!allowed[name]?.includes(key) && key !== "class") say(key);
        if (key === "class" && value.split(/\\s+/).some((each) => !(classes[name] ?? []).includes(each))) say(`class ${value}`);
        if (key === "href" || key === "src") {
          let scheme = "none";
          try { scheme = new URL(value, "https://tin.vn/a/").protocol.slice(0, -1); } catch {}
          if (scheme !== "none" && !schemes.includes(scheme)) say(`${key} ${value}`);
          if (key === "src" && new URL(value, "https://tin.vn/a/").host !== "tin.vn") say(`${key} ${value}`);
        }
        if ((key === "data-photo" || key === "data-article") && !/^[1-9]\\d*$/.test(value)) say(`${key} ${value}`);
      }
    }
    const odd = document.createNodeIterator(root, NodeFilter.SHOW_COMMENT | NodeFilter.SHOW_PROCESSING_INSTRUCTION | NodeFilter.SHOW_CDATA_SECTION);
    if (odd.nextNode()) found.push(`${number}: a comment`);
  };
  const place = document.createElement("div");
  document.body.append(place);
  texts.forEach((text, number) => {
    look(new DOMParser().parseFromString(text, "text/html").body, number);
    place.innerHTML = text;
    look(place, number);
    const once = place.innerHTML;
    place.innerHTML = once;
    look(place, number);
    if (place.innerHTML !== once) found.push(`${number}: changes when it is parsed again`);
  });
  await new Promise((resolve) => setTimeout(resolve));
  place.remove();
  return found;
}"""


@pytest.fixture(scope="module")
def blank(chromium):
    page = chromium.new_page()
    page.route("**", lambda route: route.abort())  # pictures of the texts
    yield page
    page.close()


def outside(page, texts, *, is_rendered=False):
    allowed = {**body.ALLOWED, **(RENDERED if is_rendered else {})}
    classes = {**body.ALLOWED_CLASSES, **(RENDERED_CLASSES if is_rendered else {})}
    as_lists = [{name: sorted(each) for name, each in table.items()} for table in (allowed, classes)]
    return page.evaluate(SEARCH, [texts, *as_lists, sorted(body.URL_SCHEMES)])


def rendered(html):
    html = links.resolved(links.mark(html), {5: "/tin/ben-do-5/"})
    return body.render(
        html, {n: Picture("/media/b.jpg", 1600, 900, (("/media/b-480.webp", 480),)) for n in (1, 2, 7)}
    )


@pytest.mark.requirement(15)
def test_hostile_html_is_harmless_in_a_browser(blank):
    cleaned = [body.clean(case) for case in CASES]

    assert len(CASES) >= 200
    assert outside(blank, cleaned) == []
    assert [body.clean(html) for html in cleaned] == cleaned
    assert outside(blank, [rendered(html) for html in cleaned], is_rendered=True) == []


@pytest.mark.requirement(15)
@settings(deadline=None, max_examples=BATCHES, suppress_health_check=list(HealthCheck))
@given(st.lists(any_html, min_size=40, max_size=40))
def test_any_html_is_harmless_in_a_browser(blank, texts):
    cleaned = [body.clean(html) for html in texts]

    assert outside(blank, cleaned) == []
    assert [body.clean(html) for html in cleaned] == cleaned
    assert outside(blank, [rendered(html) for html in cleaned], is_rendered=True) == []
