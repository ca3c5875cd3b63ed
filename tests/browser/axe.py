"""What axe finds on the page that is open, narrow and wide, light and dark."""

from pathlib import Path

AXE = next((Path(__file__).parent.parent / "data").glob("axe-*/axe.min.js")).read_text()
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
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
    """Every rule at both widths in light colours; in dark ones the rule of colours again."""
    page.evaluate(AXE)
    page.evaluate(WITHOUT_TRANSITIONS)  # the colours that stay are judged
    found = []
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for scheme, asked in ("light", rules), ("dark", COLOURS):
            page.emulate_media(color_scheme=scheme)
            found += [f"{width} {scheme} {each}" for each in page.evaluate(FOUND, list(asked))]
    return found
