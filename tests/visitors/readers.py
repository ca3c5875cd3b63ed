"""What readers do, and what becomes of it."""

import re

from visitors.counter import counter

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
PHONE = (
    "Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/141.0.0.0 Mobile Safari/537.36"
)
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def read(client, path="/", agent=CHROME, address="203.0.113.7", **headers):
    """Opens a page as a reader does."""
    return client.get(path, headers={"user-agent": agent, **headers}, REMOTE_ADDR=address)


def ship() -> int:
    """Stores all that was read."""
    return counter().ship()


def shown_figures(client) -> dict[str, str]:
    """The public block, as a program sees it."""
    html = client.get("/thong-ke/cach-tinh/", headers={"user-agent": "curl/8.0"}).content.decode()
    return dict(re.findall(r"<dt>(Tổng số|Trực tuyến|Hôm nay)</dt>\s*<dd[^>]*>([^<]*)</dd>", html))
