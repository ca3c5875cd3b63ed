"""wapiti with all its modules, without an account and signed in, against every address of the table.

It pins old versions of what others need, so it lives in a venv of its own, below the data folder.
"""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .target import URL

PACKAGE = "wapiti3==3.2.3"  # the newest that Python 3.11 takes
VENV = Path(os.environ.get("WAPITI_VENV", "var/wapiti"))
# Seconds, of each module and each session.
LONGEST = int(os.environ.get("ATTACK_WAPITI_SECONDS", 120))
# Left out: what attacks other hosts or other software than is here, or fetches its lists from the Internet.
LEFT_OUT = {
    "cms": "looks for other content systems, by lists it fetches",
    "htp": "names the software by a list it fetches",
    "ldap": "nothing here speaks it, and pages differ by their tokens and figures, which it takes for answers",
    "log4shell": "waits for questions to the scanner's own name server; nothing here is Java",
    "network_device": "looks for routers, by lists it fetches",
    "nikto": "its list is fetched",
    "ssl": "needs sslscan, and the certificate is made for this attack; tests/deploy holds the protocols",
    "ssrf": "waits for requests to the scanner's own server on the Internet; the site makes none",
    "takeover": "asks the Internet's name servers about other names",
    "wapp": "names the software by a list it fetches",
    "wp_enum": "looks for WordPress, by a list it fetches",
    "xxe": "waits for requests to the scanner's own server; requirement 24 tries documents with entities",
}
MODULES = [
    "backup", "brute_login_form", "buster", "cookieflags", "crlf", "csp", "csrf", "exec", "file", "htaccess", "http_headers",
    "https_redirect", "methods", "permanentxss", "redirect", "shellshock", "spring4shell", "sql", "timesql", "upload",
    "xss",
]  # fmt: skip
# Would end the session that attacks, or lock its account; the switch of languages stands on each page as a form.
NOT_FOR_STAFF = ("/logout", "/access/", "/password_change", "/login/", "/auth/user/", "/language/")
LIST = "/admin/articles/article/"
# Category and what of it is no fault here -> why. Each counts for nothing but what its pattern names.
EXPLAINED = {
    ("HttpOnly Flag cookie", "__Host-csrf"): (
        "a form that waits while its writer logs in again takes the new token from it (docs/decisions/0031)"
    ),
    ("Htaccess Bypass", "/change/"): (
        "a form is read by any method but POST, which was refused to whom may read it only, or without its token"
    ),
    ("Spring4Shell", "/api/v1/"): (
        "open data answers 400 to every parameter it does not know, which the module takes for Java's failure"
    ),
    ("Spring4Shell", "/(remove|discard)/"): (
        "what the first request removed the second does not find; the module takes 404 after 302 for Java's failure"
    ),
}


def install() -> Path:
    program, stamp = VENV / "bin/wapiti", VENV / "installed"
    if not stamp.exists() or stamp.read_text() != PACKAGE:
        print("  installing wapiti…", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)
        subprocess.run([VENV / "bin/python", "-m", "pip", "install", "-qq", PACKAGE], check=True)
        stamp.write_text(PACKAGE)
    return program


def attack(target) -> tuple[str, list[str]]:
    """Reader and publisher at the same time: wapiti waits for one answer after the other."""
    program = install().absolute()
    with ThreadPoolExecutor() as pool:
        both = list(
            pool.map(
                lambda who: attack_as(target, program, *who), {"a reader": "", "a publisher": "p"}.items()
            )
        )
    return "; ".join(told for told, _found in both), [fault for _told, found in both for fault in found]


def attack_as(target, program: Path, who: str, letter: str) -> tuple[str, list[str]]:
    paths = {path for path in target.addresses.values() if letter or not path.startswith("/admin/")}
    if letter:
        paths = {path for path in paths if not any(part in path for part in NOT_FOR_STAFF)}
    else:
        paths |= {"/admin/login/", "/admin/password_reset/"}
    report, log = scan(program, target, sorted(paths), target.staff(letter) if letter else None)
    found, explained = [], Counter()
    for category, entries in (report["vulnerabilities"] | report["anomalies"]).items():
        for entry in entries:
            line = f"{category}: {entry['info']} {entry['method']} {entry['path']} {entry['parameter'] or ''}"
            if reason := reason_for(category, line):
                explained[f"{category}: {reason}"] += 1
            else:
                found.append(f"to {who}: {line}")
    if letter and not re.search(f" GET {LIST} 200 ", (target.log / "access.log").read_text(errors="replace")):
        found.append(f"{who} was not signed in: {LIST} was not shown")
    told = [f"{who}: {report['infos']['crawled_pages_nbr']} pages, {len(MODULES)} modules"]
    if cut := re.findall(r"Max attack time was reached for module (\w+)", log):
        told.append(f"cut off after {LONGEST} seconds: {', '.join(cut)}")
    told += [f"explained {count} × {reason}" for reason, count in explained.items()]
    return "; ".join(told), found


def reason_for(category: str, line: str) -> str | None:
    return next(
        (why for (kind, pattern), why in EXPLAINED.items() if kind == category and re.search(pattern, line)),
        None,
    )


def scan(program, target, paths, staff) -> tuple[dict, str]:
    """wapiti's report, and what it said."""
    folder = target.folder / f"wapiti-{'staff' if staff else 'reader'}"
    result, log = folder.with_suffix(".json"), folder.with_suffix(".txt")
    command = [
        program, "-u", f"{URL}/", "-m", ",".join(MODULES), "-p", target.proxy, "--verify-ssl", "0", "-f", "json", "-o", result,
        "--flush-session", "--store-session", folder, "--store-config", folder, "--no-bugreport",
        "--scope", "domain", "-d", "1", "--max-files-per-dir", "15", "--skip", "csrfmiddlewaretoken", "--max-attack-time", str(LONGEST), "--tasks", "4", "-v", "1",
    ]  # fmt: skip
    for path in paths:
        command += ["-s", f"{URL}{path}"]
    if staff:
        # A header of the command line goes before cookies that answers set.
        for name, value in staff.headers.items():
            command += ["-H", f"{name}: {value}"]
        for part in NOT_FOR_STAFF:
            command += ["-x", f"{URL}*{part}*"]
    with log.open("wb") as output:
        subprocess.run(
            command,
            check=True,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=target.folder,
            timeout=LONGEST * 40,
        )
    return json.loads(result.read_text()), log.read_text(errors="replace")
