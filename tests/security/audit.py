"""Asks pip-audit for known holes, by the Python of the scanners. What was not looked up is no success: pip-audit itself
says "no known vulnerabilities" of packages that its feed does not answer for."""

import json
import subprocess
import sys


def audit(path: str, feed: str) -> tuple[list[str], list[str], list[str]]:
    """Names that were looked up, holes, and what was not looked up with the reason."""
    program = [sys.executable, "-m", "pip_audit", "--requirement", path, "--require-hashes", "--disable-pip"]
    result = subprocess.run(
        [*program, "--vulnerability-service", feed, "--format", "json", "--progress-spinner", "off"],
        capture_output=True, text=True,
    )  # fmt: skip
    try:
        packages = json.loads(result.stdout)["dependencies"]
    except (ValueError, KeyError):
        return [], [], [(result.stderr.strip().splitlines() or ["no answer"])[-1]]
    return (
        [package["name"] for package in packages if "skip_reason" not in package],
        [f"{package['name']}: {hole['id']}" for package in packages for hole in package.get("vulns", [])],
        [package["skip_reason"] for package in packages if "skip_reason" in package],
    )


def main(paths: list[str]) -> int:
    is_fine = True
    for path in paths:
        for feed in ("pypi", "osv"):
            asked, holes, not_asked = audit(path, feed)
            if not not_asked:
                break
        print(f"{path}: {len(asked)} packages looked up, {len(holes)} holes")
        print(*holes, sep="\n", end="\n" if holes else "")
        if not_asked:
            print(
                f"*** NOT CHECKED: {path}, {len(not_asked)} packages. THE FEED DOES NOT ANSWER. ***\n{not_asked[0]}"
            )
        is_fine = is_fine and not holes and not not_asked
    print("Nothing known." if is_fine else "*** THIS AUDIT HAS NOT PASSED / CHƯA ĐẠT ***")
    return not is_fine


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
