"""HTML that means harm: the table in tests/data/hostile_html.txt, and mixtures of its parts.

A line is a case. ␀ ⇥ ⏎ stand for NUL, tab and line end; {long}, {deep} and {many} for what would fill pages.
"""

from pathlib import Path

from hypothesis import strategies as st

from articles import body

FILLED = {
    "{long}": f'<p title="{"x" * 100_000}" class="{"align-center " * 9000}">chữ</p>',
    "{deep}": "<blockquote><table><tr><td><ul><li><b>" * 3000 + "<img src=x onerror=alert(1)>",
    "{many}": "<p " + " ".join(f"a{n}=alert(1)" for n in range(20_000)) + " onclick=alert(1)>chữ</p>",
}
LETTERS = str.maketrans("␀⇥⏎", "\0\t\n")
LINES = (Path(__file__).parent.parent / "data/hostile_html.txt").read_text().splitlines()
CASES = [FILLED.get(line, line.translate(LETTERS)) for line in LINES if not line.startswith("# ")]

names = st.sampled_from(
    [*body.ALLOWED, *body.RENAMED, *body.DROPPED_WITH_CONTENT, "form", "iframe", "mtext", "mglyph", "annotation-xml",
     "foreignObject", "desc", "xmp", "plaintext", "noembed", "option", "a", "img", "x-y", "span", "o:p"]
)  # fmt: skip
values = st.sampled_from(
    ["alert(1)", "javascript:alert(1)", "java\tscript:alert(1)", "data:text/html,<script>", "https://xau.vn/", "/a", "//a",
     "1", "7", "-1", "image", "image side", "info-box", "align-center x", '"><img src=x onerror=alert(1)>', "</style>", "-->",
     "color:red", "]]>", "e\u0301", "\u202e", "&#106;avascript:a", ""]
)  # fmt: skip
keys = st.sampled_from(
    ["href", "src", "class", "style", "onclick", "onerror", "id", "data-photo", "data-article", "alt", "title", "colspan",
     "scope", "start", "xlink:href", "srcset", "encoding"]
)  # fmt: skip
attributes = st.lists(
    st.tuples(keys, values, st.sampled_from(['"', "'", ""])).map(
        lambda it: f" {it[0]}={it[2]}{it[1]}{it[2]}"
    ),
    max_size=3,
).map("".join)
starts = st.tuples(names, attributes, st.sampled_from([">", ">", ">", "/>", ""])).map(
    "<{0[0]}{0[1]}{0[2]}".format
)
ends = names.map("</{}>".format)
words = st.sampled_from(
    [
        "chữ",
        " ",
        "&nbsp;",
        "<",
        ">",
        "&lt;",
        "&amp;lt;",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<?",
        "alert(1)",
        "\0",
        "\u200b",
    ]
)
figures = st.just(
    '<figure class="image side"><img src="/a" data-photo="7" alt=""><figcaption>chữ</figcaption></figure>'
)
any_html = st.one_of(
    st.lists(st.one_of(starts, starts, ends, words, figures), max_size=30).map("".join),
    st.lists(st.sampled_from([case for case in CASES if len(case) < 1000]), max_size=4).map("".join),
    st.text(),
)
