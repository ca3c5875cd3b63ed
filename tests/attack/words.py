"""Words that are code, typed into every field of every form by a real Chromium; then every page is looked at.

A dialog, a script of theirs that ran or was stopped by the content policy alone, and a request to elsewhere count.
"""

import io
import json
from urllib.parse import quote, urlsplit

from docx import Document
from PIL import Image
from playwright.sync_api import Error, sync_playwright

from tests.articles.hostile_html import CASES
from tests.chromium import ARGUMENTS, chromium_path
from tests.deploy.site import HOST

from .target import URL

WORDS = [
    """"'><svg onload=alert(1)>""",
    "</script><script>alert(2)</script>",
    "</title></textarea></style><img src=x onerror=alert(3)>",
    """" autofocus onfocus=alert(4) x=\"""",
    "javascript:alert(5)",
    "]]><script>alert(6)</script>",
    "<!--><img src=x onerror=alert(7)>-->",
    "&lt;img src=x onerror=alert(8)&gt;",
    "\\u003cimg src=x onerror=alert(9)\\u003e",
    "{{ 7|add:7 }}{% debug %}<script>alert(10)</script>",
]
HTML = [case for case in CASES if len(case) < 2000]
# A field takes the first words from its own place on that its length allows; texts of stories take the whole corpus.
FILL = """([words, html, kept, round]) => {
  const isWords = (field) =>
    (field.tagName === "TEXTAREA" || ["text", "search", "url", "email", "tel"].includes(field.type)) &&
    !/^(csrfmiddlewaretoken|_|initial-)|_FORMS$|-id$|slug|password|username/.test(field.name) &&
    field.name && !field.disabled && !field.classList.contains("vDateField") && !field.classList.contains("vTimeField");
  const forms = [...document.querySelectorAll("form[method=post i]")].filter(
    (form) => !/logout|language|delete/.test(form.action) && [...form.elements].some(isWords));
  const form = forms[round % (forms.length || 1)];
  if (!form) return null;
  const filled = [];
  [...form.elements].filter(isWords).forEach((field, place) => {
    if (kept.includes(field.name)) return;
    const longest = field.maxLength > 0 ? field.maxLength : 100000;
    const fitting = words.filter((each) => each.length <= longest);
    let value = fitting[(place + round) % (fitting.length || 1)] || "";
    if (field.dataset.type === "ckeditortype" || /body|content$/.test(field.name)) value = html.join("\\n<p>a</p>");
    else if (field.type === "url") value = round % 2 ? "javascript:alert(5)//https://a.vn" : 'https://a.vn/"><svg onload=alert(1)>';
    else if (field.type === "email") value = '"<svg/onload=alert(1)>"@a.vn';
    field.value = value;
    filled.push(field.name);
  });
  // The rest as a person would have it: something chosen, and something plain where words were refused.
  for (const field of form.elements) {
    if (field.tagName === "SELECT" && !field.multiple && !field.value && field.options.length)
      field.value = [...field.options].findLast((option) => option.value)?.value ?? "";
    if (field.type === "radio" && !form.querySelector(`input[name="${field.name}"]:checked`)) field.checked = true;
    if (kept.includes(field.name) && !field.value && field.type !== "file" && field.tagName !== "SELECT")
      field.value = field.type === "number" ? "1" : /date|_on$|day/i.test(field.className + field.name) ? "01/01/2020" :
        field.name === "url" ? `/thu-${Date.now()}/` : field.type === "url" ? "https://vi.du/" : `thu-${Date.now()}`;
  }
  form.setAttribute("data-attacked", "");
  return { filled, forms: forms.length };
}"""
# An editor that comes up later would take the words for a text of the site's, which is cleaned before it gets there.
EDITORS_ARE_UP = """() => !document.querySelector("[data-type=ckeditortype]") || (window.CKEDITOR &&
  [...document.querySelectorAll("[data-type=ckeditortype]")].filter((it) => !it.id.includes("__prefix__")).every((it) => CKEDITOR.instances[it.id]?.status === "ready"))"""
SUBMIT = "HTMLFormElement.prototype.submit.call(document.querySelector('form[data-attacked]'))"
REFUSED = """() => [...document.querySelectorAll(".errorlist, [aria-invalid=true]")].flatMap((each) => {
  if (each.name) return [each.name];
  const row = each.closest(".form-row, .fieldBox, td, tr, p, div");
  return row ? [...row.querySelectorAll("input, textarea, select")].map((field) => field.name) : [];
})"""
NOTHING_TO_SEE = ("ERR_ABORTED", "Download is starting", "ERR_HTTP_RESPONSE_CODE_FAILURE")
NOT_FILLED = ("/logout", "/login/", "/access/", "/password", "_delete", "/delete/")


def attack(target) -> tuple[str, list[str]]:
    found, counts = [], {"pages": 0, "forms": 0, "fields": 0, "refused": 0}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=ARGUMENTS, proxy={"server": target.proxy}
        )
        reader, desk = (watched(browser, found) for _ in range(2))
        desk.add_cookies(
            [{"name": name, "value": value, "url": URL} for name, value in target.staff("S").cookies.items()]
        )
        for path in target.addresses.values():
            if any(part in path for part in NOT_FILLED):
                continue
            fill_forms(desk if path.startswith("/admin/") else reader, path, counts, found)
        publish(desk, target)
        for context, path in to_look_at(target, desk, reader):
            counts["pages"] += look(context, path, found)
        browser.close()
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    return (
        f"{told} (fields refused by their forms); corpus of {len(WORDS)} words and {len(HTML)} texts",
        found,
    )


def watched(browser, found):
    context = browser.new_context(ignore_https_errors=True, locale="vi-VN")
    context.set_default_timeout(60_000)

    def dialog(dialog):
        # Forms ask whether to leave what was typed; words of the corpus ask numbers.
        if dialog.type != "beforeunload":
            found.append(f"a dialog on {dialog.page.url}: {dialog.message[:60]}")
        dialog.accept()

    def console(message):
        if "Content Security Policy" in message.text or "Content-Security-Policy" in message.text:
            found.append(f"stopped by the policy on {message.page.url[:150]}: {message.text[:200]}")

    def request(request):
        address = urlsplit(request.url)
        if address.scheme in ("http", "https") and address.hostname != HOST:
            found.append(f"a request to {request.url[:100]}")

    context.on("dialog", dialog)
    context.on("console", console)
    context.on("request", request)
    return context


def fill_forms(context, path, counts, found) -> None:
    page, number, forms = context.new_page(), 0, 1
    while number < forms:
        kept = []
        try:
            for _ in range(3):  # fields whose words a form refuses hold something plain then
                told = None
                if not go_to(page, path, found):
                    break
                page.wait_for_function(EDITORS_ARE_UP)
                told = page.evaluate(FILL, [WORDS, HTML, kept, number])
                if not told:
                    break
                forms = told["forms"]
                add_files(page)
                with page.expect_navigation(wait_until="load"):
                    page.evaluate(SUBMIT)
                refused = page.evaluate(REFUSED)
                if not refused or set(refused) <= set(kept):
                    break
                kept += refused
            if told:
                counts["forms"] += 1
                counts["fields"] += len(told["filled"])
                counts["refused"] += len(set(kept))
        except Error as error:
            found.append(
                f"the form {number} of {path} could not be tried: {str(error).splitlines()[0][:150]}"
            )
        number += 1
    page.close()


def add_files(page) -> None:
    """Pictures with words in name and metadata, Word files whose text they are."""
    for field in page.locator("form[data-attacked] input[type=file]").all():
        takes = field.get_attribute("accept") or ""
        upload = word_file() if "word" in takes or ".docx" in takes else picture()
        field.set_input_files(upload)


def picture() -> dict:
    exif = Image.Exif()
    for tag, words in zip(
        (0x010E, 0x013B, 0x8298, 0x9C9B), WORDS, strict=False
    ):  # description, artist, rights, title
        exif[tag] = words.encode("utf-16-le") if tag == 0x9C9B else words
    file = io.BytesIO()
    Image.new("RGB", (640, 400), "teal").save(file, "JPEG", exif=exif)
    name = '<img src=x onerror=alert(11)>".jpg'
    return {"name": name, "mimeType": "image/jpeg", "buffer": file.getvalue()}


def word_file() -> dict:
    document, file = Document(), io.BytesIO()
    document.core_properties.title = document.core_properties.author = WORDS[0]
    document.add_heading(WORDS[1])
    for words in [*WORDS, *HTML[:60]]:
        document.add_paragraph("".join(letter for letter in words if letter >= " "))
    document.save(file)
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    return {"name": f"{WORDS[2].replace('/', '')}.docx", "mimeType": kind, "buffer": file.getvalue()}


def publish(context, target) -> None:
    """So that readers' pages show what was typed into the draft."""
    page = context.new_page()
    page.goto(f"{URL}/admin/")
    token = next(each["value"] for each in context.cookies() if each["name"] == target.csrf_cookie)
    for step in ("submit", "publish"):
        page.evaluate(
            "([path, token, step]) => fetch(path, {method: 'POST', redirect: 'manual', headers: {'X-CSRFToken': token},"
            " body: new URLSearchParams({_step: step})})",
            [target.addresses["admin:articles_article_step"], token, step],
        )
    page.close()


def to_look_at(target, desk, reader):
    for path in target.addresses.values():
        if "/logout" not in path and not path.endswith((".png", ".css", "/pdf/")):
            yield (desk if path.startswith("/admin/") else reader), path
    page = reader.new_page()
    for feed in ("/api/v1/stories", "/api/v1/sections", "/api/v1/topics", "/api/v1/authors"):
        told = json.loads(page.request.get(f"{URL}{feed}").text())
        for each in next((value for value in told.values() if isinstance(value, list)), []):
            if address := each.get("url"):
                yield reader, urlsplit(address).path
    page.close()
    for words in WORDS:
        yield reader, f"/tim-kiem/?q={quote(words)}"
        yield reader, f"/{quote(words, safe='')}/"
        yield reader, f"/{quote(words, safe='')}-1/?p={quote(words)}"
        yield desk, f"/admin/articles/article/?q={quote(words)}"
        yield desk, f"/admin/{quote(words, safe='')}/"
        yield desk, f"/admin/articles/photo/?q={quote(words)}"


def look(context, path, found) -> int:
    page = context.new_page()
    go_to(page, path, found)
    page.close()
    return 1


def go_to(page, path, found) -> bool:
    """Whether there is a page of the site to be seen, rather than a file to save or a refusal without words."""
    before = len(found)
    try:
        shown = page.goto(f"{URL}{path}", wait_until="load")
        page.wait_for_timeout(50)  # handlers of pictures that did not load run after it
    except Error as error:
        if not any(reason in str(error) for reason in NOTHING_TO_SEE):
            found.append(f"{path} could not be looked at: {str(error).splitlines()[0][:150]}")
        return False
    if "html" in shown.headers.get("content-type", ""):
        return True
    # Chromium's own viewer styles pictures and XML.
    found[before:] = [each for each in found[before:] if "Applying inline style" not in each]
    return False
