"""What a phone and a desk load of a story: measured by bench/photos.py for one with eleven photos of a camera, and by
`python -m bench.weight http://127.0.0.1:8000/section/story-1/` for any."""

import sys

from playwright.sync_api import sync_playwright

from tests.chromium import ARGUMENTS, chromium_path

SCREENS = {390: (844, 3), 1280: (800, 1)}  # width: height, device pixels a CSS pixel


def weigh(story: str):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        for width, (height, scale) in SCREENS.items():
            context = browser.new_context(
                viewport={"width": width, "height": height}, device_scale_factor=scale
            )
            measure(context.new_page(), story, width, scale)
            context.close()
        browser.close()


def measure(page, story: str, width: int, scale: int):
    loaded: dict[str, list[int]] = {}

    def note(request):
        kind = request.resource_type
        loaded.setdefault(kind, []).append(request.sizes()["responseBodySize"])

    page.on("requestfinished", note)
    page.goto(story, wait_until="networkidle")
    first = {kind: (len(sizes), sum(sizes)) for kind, sizes in loaded.items()}
    for photo in page.locator("a[data-large-photo] img").all():
        photo.scroll_into_view_if_needed()
        photo.evaluate("image => image.decode()")
    page.wait_for_load_state("networkidle")
    code = sum(first[kind][1] for kind in ("document", "stylesheet", "script"))
    images = loaded["image"]
    print(
        f"{width} px ×{scale}: HTML + CSS + JS {code / 1000:.1f} kB, fonts {first['font'][1] / 1000:.0f} kB, "
        f"images {first['image'][1] / 1000:.0f} kB in {first['image'][0]} files at first, "
        f"{sum(images) / 1000:.0f} kB in {len(images)} scrolled to the end"
    )


if __name__ == "__main__":
    weigh(sys.argv[1])
