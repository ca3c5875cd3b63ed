"""`make attack`: starts the site as on a server, attacks it in every way of this folder and prints one report.

ATTACK_ONLY=odd,slow names some of the ways; ATTACK_EXAMPLES the made-up requests to each address.
"""

import os
import re
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsportal.settings")

from tests.attack import broken, odd, slow, target, wapiti, words

EXAMPLES = int(os.environ.get("ATTACK_EXAMPLES", 2000))


def made_up_requests(site) -> tuple[str, list[str]]:
    """By as many at once as there are processors: who answers is what takes the time."""

    def asked(address: tuple[str, str]) -> list[str]:
        name, path = address
        send, staff = site.sender(), site.staff("S")  # anew, since a request may end a session

        def send_and_count(request):
            answer = send(request)
            if request.headers.get("Cookie") == staff.headers["Cookie"]:
                to_staff[answer.status] += 1
            return answer

        fields = odd.fields_of(send(odd.Request("GET", path, staff.headers, b"")).body)
        faults = odd.attack(
            [path], send_and_count, examples=EXAMPLES, fields=fields, staff=staff, own_hosts={target.HOST}
        )
        return [f"{name}: {fault}" for fault in faults]

    found, to_staff = [], Counter()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            for number, faults in enumerate(pool.map(asked, site.addresses.items()), 1):
                found += faults
                for fault in faults:  # at once: an attack of hours may be broken off
                    print(f"  ! {fault}")
                print(f"  {number} of {len(site.addresses)} addresses", flush=True)
        finally:
            pool.shutdown(cancel_futures=True)
    found += [f"the log: {line}" for line in site.failures_logged()]
    answers = ", ".join(f"{status} × {count}" for status, count in to_staff.most_common())
    return (
        f"{EXAMPLES * len(site.addresses)} requests to {len(site.addresses)} addresses; to whom was signed in {answers}",
        found,
    )


def forged(site) -> tuple[str, list[str]]:
    """In the process of the tests, where it is seen what each request writes to the database."""
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "0", "-q", "--show-capture=no", "--tb=short",
         "tests/attack/test_forged_requests.py", "tests/newsportal/test_access.py"],
        env=os.environ | {"ATTACK": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = re.findall(r"^E +(?:AssertionError: )?(\S.*: .*)$", run.stdout, re.MULTILINE)
    return run.stdout.strip().splitlines()[-1], found or ([run.stdout[-500:]] if run.returncode else [])


WAYS = {
    "odd": ("Made-up requests", made_up_requests),
    "broken": ("What is no HTTP", broken.attack),
    "forged": ("Forged requests and foreign ids", forged),
    "words": ("Words that are code, in every field", words.attack),
    "slow": ("Slow clients", slow.attack),
    "wapiti": ("wapiti", wapiti.attack),
}


def main() -> int:
    chosen = os.environ.get("ATTACK_ONLY", ",".join(WAYS)).split(",")
    lines, findings = [], 0
    with target.running() as site:
        for key in chosen:
            title, attack = WAYS[key]
            print(f"{title}…", flush=True)
            began = time.monotonic()
            told, found = attack(site)
            findings += len(found)
            lines += [
                "",
                f"{title}: {len(found)} findings, {(time.monotonic() - began) / 60:.1f} min",
                f"  {told}",
            ]
            lines += [f"  ! {each}" for each in found]
    print("\n".join(lines))
    print(f"\nFINDINGS: {findings}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
