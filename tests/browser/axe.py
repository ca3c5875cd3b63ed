"""What axe finds on the page that is open, narrow and wide, light and dark, in high contrast too."""

import os
from pathlib import Path

AXE = next((Path(__file__).parent.parent / "data").glob("axe-*/axe.min.js")).read_text()
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# `make accessibility` tries all of them; every run the two that differ most.
IN_ALL_MODES = bool(os.environ.get("AXE_IN_ALL_MODES"))
# The only rule whose answer depends on the colours.
COLOURS = ["color-contrast"]
FOUND = """async asked => {
  // The slow parts that no answer here needs: selectors, and the nodes that pass.
  const found = await axe.run({ runOnly: asked, resultTypes: ["violations"], selectors: false, preload: false });
  return found.violations.map(each => `${each.id}: ${each.nodes[0].html}`);
}"""

# Not as an element: the content policy allows none.
WITHOUT_TRANSITIONS = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { transition: none !important }");
  document.adoptedStyleSheets.push(sheet);
}"""


def violations(page, rules=WCAG) -> list[str]:
    page.evaluate(AXE)
    return page.evaluate(FOUND, list(rules))


def violations_everywhere(page, rules=(*WCAG, "best-practice")) -> list[str]:
    """Every rule wide in light colours and narrow in dark ones; with IN_ALL_MODES, every rule at both widths in light
    colours, and the rule of colours again in dark ones and in high contrast."""
    page.evaluate(AXE)
    page.evaluate(WITHOUT_TRANSITIONS)  # the colours that stay are judged
    found = []
    for width, strong in (1280, "light"), (390, "dark"):
        page.set_viewport_size({"width": width, "height": 900})
        modes = (
            ("light", "no-preference", rules),
            ("dark", "no-preference", COLOURS),
            (strong, "more", COLOURS),
        )
        if not IN_ALL_MODES:
            modes = [(strong, "no-preference", rules)]
        for scheme, contrast, asked in modes:
            page.emulate_media(color_scheme=scheme, contrast=contrast)
            found += [f"{width} {scheme} {contrast} {each}" for each in page.evaluate(FOUND, list(asked))]
    return found
