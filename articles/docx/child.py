"""The process that reads a document: `python -m articles.docx.child`, a zip on stdin, JSON on stdout.

It holds no secret, opens no file and has little memory and time: whatever a document makes of it, the site lives.
"""

import io
import json
import logging
import resource
import sys

MEMORY_BYTES = 768 * 1024**2
CPU_SECONDS = 20
BODY_CHARACTERS = 1_000_000  # some 300 pages; beyond that no story is meant


def limit() -> None:
    if sys.platform != "darwin":  # macOS refuses a limit of memory; sites run on Linux
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def read(document: bytes) -> dict:
    # Imported behind the limits.
    import mammoth

    from .markup import TooLong, plain
    from .recognise import recognise

    try:
        simple, looks, notes = plain(document)
    except TooLong:
        return {"error": "long"}
    result = mammoth.convert_to_html(
        io.BytesIO(simple),
        style_map="\n".join(f"p.{name} => p.{name}:fresh" for name in looks),
        include_embedded_style_map=False,
        external_file_access=False,
        ignore_empty_paragraphs=True,
        convert_image=mammoth.images.img_element(_name_of),
    )
    if len(result.value) > 3 * BODY_CHARACTERS:
        return {"error": "long"}
    found = recognise(result.value, looks, notes)
    if len(found["body"]) > BODY_CHARACTERS:
        return {"error": "long"}
    return found if found["body"] or found["headline"] else {"error": "empty"}


def _name_of(image) -> dict[str, str]:
    """archive.without_pictures() put the name in the place of the picture."""
    with image.open() as part:
        return {"src": part.read().decode()}


def main() -> None:
    limit()
    logging.disable()
    try:
        found = read(sys.stdin.buffer.read())
    except MemoryError:
        found = {"error": "memory"}
    # A document that was made by hand makes the readers stumble in any way: RecursionError, KeyError …
    except Exception as error:
        found = {"error": "damaged", "reason": repr(error)[:500]}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
