"""Where readers come from: the host that led here, as the name and the channel that a table shows. Pure."""

import re
from dataclasses import dataclass

# Name and channel by the end of the host; the first that fits wins.
KNOWN = [
    (r"(^|\.)(chatgpt\.com|chat\.openai\.com)$", "ChatGPT", "assistant"),
    (r"(^|\.)gemini\.google\.com$|^bard\.google\.com$", "Gemini", "assistant"),
    (r"(^|\.)perplexity\.ai$", "Perplexity", "assistant"),
    (r"(^|\.)copilot\.microsoft\.com$", "Copilot", "assistant"),
    (r"(^|\.)claude\.ai$", "Claude", "assistant"),
    (r"(^|\.)(deepseek\.com|grok\.com|meta\.ai)$", "", "assistant"),
    (r"^(news|mail)\.google\.[a-z.]+$", "", "website"),
    (r"(^|\.)google\.[a-z]{2,3}(\.[a-z]{2})?$|^com\.google\.android\.googlequicksearchbox$", "Google", "search"),
    (r"(^|\.)coccoc\.com$", "Cốc Cốc", "search"),
    (r"(^|\.)bing\.com$", "Bing", "search"),
    (r"(^|\.)yahoo\.[a-z.]+$", "Yahoo", "search"),
    (r"(^|\.)duckduckgo\.com$", "DuckDuckGo", "search"),
    (r"(^|\.)(baidu\.com|yandex\.[a-z]+|ecosia\.org|brave\.com)$", "", "search"),
    (r"(^|\.)(facebook\.com|fb\.com|fb\.me)$|^com\.facebook\.katana$", "Facebook", "social"),
    (r"(^|\.)messenger\.com$", "Messenger", "social"),
    (r"(^|\.)(zalo\.me|zaloapp\.com|zalo\.vn)$|^com\.zing\.zalo$", "Zalo", "social"),
    (r"(^|\.)tiktok\.com$", "TikTok", "social"),
    (r"(^|\.)(youtube\.com|youtu\.be)$", "YouTube", "social"),
    (r"(^|\.)(t\.co|twitter\.com|x\.com)$", "X", "social"),
    (r"(^|\.)instagram\.com$", "Instagram", "social"),
    (r"(^|\.)threads\.(net|com)$", "Threads", "social"),
    (r"(^|\.)linkedin\.com$|^lnkd\.in$", "LinkedIn", "social"),
    (r"(^|\.)t\.me$|^org\.telegram\.messenger$", "Telegram", "social"),
    (r"(^|\.)pinterest\.[a-z.]+$", "Pinterest", "social"),
]  # fmt: skip
PATTERNS = [(re.compile(pattern), name, channel) for pattern, name, channel in KNOWN]
# Hosts that send made-up referrers to be found in statistics.
SPAM = re.compile(
    r"semalt|buttons-for-website|darodar|ilovevitaly|priceg\.com|trafficmonetize|-seo\.|free-share-buttons"
    r"|social-buttons|traffic2cash|best-seo|event-tracking|simple-share"
)
HOST = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}\.)*[a-z0-9-]{1,63}")


@dataclass(frozen=True)
class Referrer:
    """`name` is for people: a service's name or the host; "" where there is none to name."""

    channel: str  # direct, inside, search, social, assistant or website
    name: str = ""


def classify(host: str) -> Referrer:
    """`host` as in spool.View: "" for none, "." for the portal itself."""
    if host == ".":
        return Referrer("inside")
    host = host.removeprefix("www.").rstrip(".")
    if not host or not HOST.fullmatch(host) or SPAM.search(host):
        return Referrer("direct")
    for pattern, name, channel in PATTERNS:
        if pattern.search(host):
            return Referrer(channel, name or host)
    return Referrer("website", host)
