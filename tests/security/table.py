"""Writes docs/security-requirements.md: what is promised and the tests that hold it. `make security-table` runs it."""

import ast
from collections import defaultdict
from pathlib import Path

TESTS = Path(__file__).parent.parent
DOCUMENT = TESTS.parent / "docs" / "security-requirements.md"
HEAD = """# Security requirements and their tests

Made by `make security-table` from the marks of the tests (`@pytest.mark.requirement`) and the lists in `tests/security/`; a test fails when it is out of date, or when a requirement has neither a test nor a word why not. Tests in `tests/deploy/` need root and nginx and are run by `make deploy-check`, all others by `make test`.

## Ours

| | What holds | Tests |
|---|---|---|
"""


def rows(name: str) -> list[list[str]]:
    """Of a list with tabs between its columns."""
    return [line.split("\t") for line in (TESTS / "security" / name).read_text().splitlines()]


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
    return HEAD + "\n".join(lines) + "\n"


def name_of(test: str) -> str:
    return test.removeprefix("test_").replace("_", " ")


if __name__ == "__main__":
    DOCUMENT.write_text(document())
