"""The faults and what is promised of each. Tests say which one they are about by @pytest.mark.fault(number)."""

PROMISES = {
    1: ("Database restarted", "0 failed reads of kept pages; fresh again ≤ 2 s"),
    2: (
        "Database down for 10 minutes",
        "0 failed reads of kept pages; other pages 503 with Retry-After < 100 ms; a note on the page; the admin 503"
        " without a trace; recovery without a restart; what was withdrawn stays gone",
    ),
    3: ("Database frozen", "p99 of kept pages ≤ 500 ms"),
    4: ("Connections exhausted", "reads of kept pages unaffected; too few connections are told at the start"),
    5: ("Workers killed", "lost ≤ requests under way; a new worker ≤ 2 s; publishing is whole or not at all"),
    6: ("Reloads under load", "10 reloads: 0 failed of 50,000"),
    7: ("Slow clients", "800 of them behind the shipped nginx: p99 ≤ 200 ms"),
    8: ("Huge and malformed bodies", "refused with 400 or 413, never 5xx; memory grows < 20 MB"),
    9: ("Stampede", "≤ 1 rendering for each address, change and worker at 200 clients"),
    10: ("Caches on disk lost, corrupt or full", "pages and files are served; what is cut off is ignored"),
    11: ("Disk full at an upload", "a clear message; no file and no row left over; reading goes on"),
    12: ("Publishing under load", "100 stories: 0 errors; visible ≤ 2 s, withdrawn ≤ 1 s"),
    13: ("Migration under load", "previous release to this one: 0 answers of 5xx"),
    14: ("Clocks and midnights", "scheduled stories out once, ≤ 60 s; an hour back publishes nothing twice"),
    15: (
        "Two editors, one story",
        "200 racing saves: 0 lost, versions whole; both texts shown to choose from",
    ),
    16: (
        "Browser killed, session expired",
        "≤ 5 s of typing lost in the browser; login in another tab, then saved",
    ),
    17: ("Backup and restore", "10,000 stories and 2 GB of photos back in ≤ 10 minutes; 0 broken pages"),
    18: ("Mail and writer of visits down", "publishing and reading unaffected; mails and views wait"),
    19: ("Soak", "2 h of steady load: memory of a worker +< 5 %, files open and p99 flat, 0 failed"),
    20: ("Whole machine lost", "a backup restored elsewhere: 0 broken pages, ≤ 10 minutes"),
}
