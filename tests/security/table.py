"""Writes docs/security-requirements.md: what is promised and the tests that hold it. `make security-table` runs it."""

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent.parent
DOCUMENT = TESTS.parent / "docs" / "security-requirements.md"
HEAD = """# Security requirements and their tests

Made by `make security-table` from the marks of the tests (`@pytest.mark.requirement`) and the lists in `tests/security/`; a test fails when it is out of date, or when a requirement has neither a test nor a word why not. Tests in `tests/deploy/` need root and nginx and are run by `make deploy-check`, all others by `make test`.

## Ours

| | What holds | Tests |
|---|---|---|
"""

ASVS = """
## OWASP ASVS 5.0, levels 1 and 2

Each requirement of the [standard](https://github.com/OWASP/ASVS/tree/v5.0.0) that applies, in words of our own; the numbers are its own, of version 5.0.0. Numbers in the third column are ours, from above; files are tests.

| ASVS | What holds | By | |
|---|---|---|---|
"""
# All of levels 1 and 2: what each section's numbers go up to, but for those of level 3 alone.
NUMBERS = """
1.1:1-2 1.2:1-9 1.3:1-11 1.4:1-3 1.5:1-2 2.1:1-3 2.2:1-3 2.3:1-4 2.4:1-1 3.2:1-2 3.3:1-4 3.4:1-6 3.5:1-5 3.7:1-2
4.1:1-3 4.2:1-1 4.3:1-2 4.4:1-4 5.1:1-1 5.2:1-3 5.3:1-2 5.4:1-3 6.1:1-3 6.2:1-12 6.3:1-4 6.4:1-4 6.5:1-5 6.6:1-3
6.8:1-4 7.1:1-3 7.2:1-4 7.3:1-2 7.4:1-5 7.5:1-2 7.6:1-2 8.1:1-2 8.2:1-3 8.3:1-1 8.4:1-1 9.1:1-3 9.2:1-4 10.1:1-2
10.2:1-2 10.3:1-4 10.4:1-11 10.5:1-5 10.6:1-2 10.7:1-3 11.1:1-2 11.2:1-3 11.3:1-3 11.4:1-4 11.5:1-1 11.6:1-1
12.1:1-3 12.2:1-2 12.3:1-4 13.1:1-1 13.2:1-5 13.3:1-2 13.4:1-5 14.1:1-2 14.2:1-4 14.3:1-3 15.1:1-3 15.2:1-3
15.3:1-7 16.1:1-1 16.2:1-5 16.3:1-4 16.4:1-3 16.5:1-3 17.1:1-1 17.2:1-4 17.3:1-2
"""
# What the portal has not; a number with one or two parts stands for all that begin with it.
NOT_HERE = {
    "1.2.6": "no LDAP", "1.2.7": "no XPath of input", "1.2.8": "no LaTeX", "1.3.8": "no JNDI", "1.3.9": "no memcache",
    "4.3": "no GraphQL", "4.4": "no WebSocket", "6.6": "no codes by telephone network or mail", "6.8": "no login elsewhere",
    "7.1.3": "no login elsewhere", "7.6": "no login elsewhere", "8.4": "one agency an installation",
    "9": "no tokens that speak for themselves: secret addresses are random, sessions are kept on the server",
    "10": "no OAuth", "12.1.3": "no certificates of clients", "12.3.4": "no TLS within: sockets of one machine",
    "17": "no WebRTC",
}  # fmt: skip


def numbers() -> set[str]:
    sections = (entry.split(":") for entry in NUMBERS.split())
    spans = ((section, map(int, span.split("-"))) for section, span in sections)
    return {f"{section}.{number}" for section, (first, last) in spans for number in range(first, last + 1)}


def is_here(number: str) -> bool:
    return not any(f"{number}.".startswith(f"{beginning}.") for beginning in NOT_HERE)


def rows(name: str) -> list[list[str]]:
    """Of a list with tabs between its columns."""
    return [line.split("\t") for line in (TESTS / "security" / name).read_text().splitlines()]


@cache
def marked() -> dict[int, list[tuple[str, str]]]:
    """Requirement -> file and name of each of its tests."""
    found = defaultdict(list)
    for path in sorted(TESTS.rglob("test_*.py")):
        for function in ast.parse(path.read_text()).body:
            for mark in getattr(function, "decorator_list", []):
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.requirement":
                    for number in map(ast.literal_eval, mark.args):
                        found[number].append((str(path.relative_to(TESTS)), function.name))
    return found


def document() -> str:
    tests = marked()
    lines = []
    for number, words, *note in rows("requirements.tsv"):
        named = [f"{name_of(test)} (`{file}`)" for file, test in tests[int(number)]]
        lines.append(f"| {number} | {words} | {'<br>'.join(named + [f'*{word}*' for word in note])} |")
    ours = "\n".join(lines) + "\n"
    lines = [
        f"| {number} | {words} | {', '.join(t if t.isdigit() else f'`{t}`' for t in by.split())} | {note} |"
        for number, words, by, note in (padded(row) for row in rows("asvs.tsv"))
    ]
    absent = "; ".join(f"{number} ({why})" for number, why in NOT_HERE.items())
    return HEAD + ours + ASVS + "\n".join(lines) + f"\n\nNot here: {absent}.\n"


def padded(row: list[str]) -> list[str]:
    return row + [""] * (4 - len(row))


def name_of(test: str) -> str:
    return test.removeprefix("test_").replace("_", " ")


if __name__ == "__main__":
    DOCUMENT.write_text(document())
