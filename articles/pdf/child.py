"""The process that lays out a story: `python -m articles.pdf.child`, JSON on stdin, the PDF on stdout.

It holds no secret, reads photos and fonts alone and has little memory and time, at a low priority.
"""

import json
import os
import resource
import sys
from datetime import datetime
from functools import partial
from pathlib import Path

MEMORY_BYTES = 1536 * 1024**2
CPU_SECONDS = 20
HERE = Path(__file__).parent


def main() -> None:
    if sys.platform != "darwin":  # macOS refuses a limit of memory; sites run on Linux
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)
    os.environ["RAYON_NUM_THREADS"] = "1"
    import typst  # behind the limits

    asked = json.load(sys.stdin.buffer)
    lay_out = partial(
        typst.compile,
        (HERE / "story.typ").read_bytes(),
        root=asked["photos"],
        font_paths=[str(HERE / "fonts")],
        ignore_system_fonts=True,
        sys_inputs={"story": json.dumps(asked["story"], ensure_ascii=False)},
        timestamp=datetime.fromisoformat(asked["story"]["moment"]),
    )
    try:
        pdf = lay_out(pdf_standards="ua-1")  # PDF/UA: tagged, with title and language
    except typst.TypstError:
        pdf = lay_out()  # tagged as well; the rules allow no sign that the font lacks, such as an emoji
    sys.stdout.buffer.write(pdf)


if __name__ == "__main__":
    main()
