"""What a user agent tells: a program or a person, and the person's device, browser and system. Pure.

A look-up takes about a millisecond, so it is the shipper's work, never the request's.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from crawleruseragents import CRAWLER_USER_AGENTS_DATA, is_crawler
from ua_parser import parse

SHORTEST = 20  # characters; browsers tell far more about themselves
# Programs that name themselves after a product people use.
OWN_PROGRAMS = re.compile(r"ZaloBot|ZaloPC-?Bot", re.IGNORECASE)
# The portal's own: newsportal-go-live-bot, newsportal-verify-bot, newsportal-serve-bot.
OWN_BOTS = "newsportal-"
# Browsers inside other programs, which the parser takes for the system's own.
IN_APPS = {
    "Zalo": re.compile(r"\bZalo\b"),
    "TikTok": re.compile(r"musical_ly|BytedanceWebview|TikTok"),
    "Google App": re.compile(r"\bGSA/"),
}
BROWSERS = {
    "Chrome Mobile": "Chrome", "Chrome Mobile WebView": "Chrome", "Chrome Mobile iOS": "Chrome", "Chromium": "Chrome",
    "Edge Mobile": "Edge", "Firefox Mobile": "Firefox", "Firefox iOS": "Firefox", "Mobile Safari": "Safari",
    "Mobile Safari UI/WKWebView": "Safari", "Coc Coc": "Cốc Cốc", "Opera Mobile": "Opera", "Opera Mini": "Opera",
}  # fmt: skip
SYSTEMS = {"Mac OS X": "macOS", "Ubuntu": "Linux", "Fedora": "Linux", "Debian": "Linux", "iPadOS": "iOS"}
TABLET = re.compile(r"iPad|Tablet|Android(?!.*Mobile)")
TELEVISION = re.compile(r"SMART-TV|SmartTV|\bTV\b|GoogleTV|AppleTV|HbbTV|BRAVIA")


@dataclass(frozen=True)
class Agent:
    """`program` is the family of a program, empty for a person; the rest are words for tables, "" if unknown."""

    program: str = ""
    device: str = ""
    browser: str = ""
    system: str = ""


@lru_cache(maxsize=8192)
def identify(user_agent: str) -> Agent:
    """Empty, very short and address-carrying agents are programs too."""
    if program := _program(user_agent):
        return Agent(program=program)
    found = parse(user_agent)
    browser = found.user_agent.family if found.user_agent else ""
    in_app = next((name for name, mark in IN_APPS.items() if mark.search(user_agent)), "")
    system = found.os.family if found.os else ""
    return Agent(
        device=_device(user_agent),
        browser=in_app or BROWSERS.get(browser, browser),
        system=SYSTEMS.get(system, system),
    )


def _program(user_agent: str) -> str:
    if is_crawler(user_agent):
        pattern = next(
            row["pattern"] for row in CRAWLER_USER_AGENTS_DATA if re.search(row["pattern"], user_agent)
        )
        return _readable(pattern) or "?"
    if OWN_PROGRAMS.search(user_agent):
        return "ZaloBot"
    if user_agent.startswith(OWN_BOTS):
        return "newsportal"
    if len(user_agent) < SHORTEST or "http://" in user_agent or "https://" in user_agent:
        return "?"
    return ""


def _readable(pattern: str) -> str:
    """The name within a pattern of the list, such as Googlebot for Googlebot\\/."""
    plain = re.sub(r"\\[a-z][+*]?|\(\^\| \)", "", re.sub(r"\[(\w)[^\]]*\]", r"\1", pattern))
    names = re.findall(r"[A-Za-z0-9][\w .!:@'+-]*", plain.replace("\\", ""))
    return max(names, key=len, default="").strip(" .:-")[:60]


def _device(user_agent: str) -> str:
    if TELEVISION.search(user_agent):
        return "television"
    if TABLET.search(user_agent):
        return "tablet"
    return "phone" if "Mobi" in user_agent or "iPhone" in user_agent else "computer"
