"""The markup of Word files, written by hand: python-docx makes only what is well-behaved."""

import io
import zipfile
from xml.sax.saxutils import escape

from tests.factory import picture_file

NAMESPACES = " ".join(
    f'xmlns:{prefix}="{address}"'
    for prefix, address in {
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "v": "urn:schemas-microsoft-com:vml",
        "o": "urn:schemas-microsoft-com:office:office",
        "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "wpg": "http://schemas.microsoft.com/office/word/2010/wordprocessingGroup",
        "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
    }.items()
)
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/><Default Extension="jpeg" ContentType="image/jpeg"/>
<Default Extension="png" ContentType="image/png"/><Default Extension="emf" ContentType="image/x-emf"/>
<Default Extension="wmf" ContentType="image/x-wmf"/>
<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>
<Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/>
</Types>"""
STYLES = f"""<w:styles {NAMESPACES}>
<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Times New Roman"/><w:sz w:val="28"/></w:rPr></w:rPrDefault></w:docDefaults>
<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="Tiu"><w:name w:val="Title"/><w:pPr><w:jc w:val="center"/></w:pPr><w:rPr><w:b/><w:sz w:val="36"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="u1"><w:name w:val="heading 1"/><w:rPr><w:b/><w:sz w:val="32"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="u2"><w:name w:val="heading 2"/><w:rPr><w:b/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="u3"><w:name w:val="heading 3"/><w:rPr><w:b/><w:i/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Chuthich"><w:name w:val="caption"/><w:pPr><w:jc w:val="center"/></w:pPr><w:rPr><w:i/><w:sz w:val="24"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Sapo"><w:name w:val="Sapo"/><w:rPr><w:b/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Tacgia"><w:name w:val="Tác giả"/><w:pPr><w:jc w:val="right"/></w:pPr><w:rPr><w:b/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Giua"><w:name w:val="Canh giữa"/><w:pPr><w:jc w:val="center"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Nghieng"><w:name w:val="Nghiêng giữa"/><w:basedOn w:val="Giua"/><w:rPr><w:i/></w:rPr></w:style>
<w:style w:type="character" w:styleId="Strong"><w:name w:val="Strong"/><w:rPr><w:b/></w:rPr></w:style>
</w:styles>"""
NUMBERING = f"""<w:numbering {NAMESPACES}>
<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>
<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num></w:numbering>"""
EMF = b"\x01\x00\x00\x00\x6c\x00\x00\x00" + b"\x00" * 32 + b" EMF" + b"\x00" * 200
WMF = b"\xd7\xcd\xc6\x9a" + b"\x00" * 200


def zipped(parts: dict[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def relations(rows: dict[str, tuple[str, str]]) -> str:
    """Id -> (last word of the type, target); an address lies outside."""
    inner = "".join(
        f'<Relationship Id="{id}" Type="{OFFICE}/{kind}" Target="{escape(target)}"'
        + (' TargetMode="External"/>' if ":" in target else "/>")
        for id, (kind, target) in rows.items()
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>'


def document(*blocks: str, pictures=0, media=None, links=None, parts=None) -> bytes:
    """A .docx with these blocks; pictures 1, 2 … are rId101, rId102 …, `media` adds (name, content) behind them."""
    files = [(f"anh{n}.jpeg", photo_bytes(n)) for n in range(1, pictures + 1)] + list(media or [])
    rows = {"rId1": ("styles", "styles.xml"), "rId2": ("numbering", "numbering.xml")}
    rows |= {f"rId{100 + n}": ("image", f"media/{name}") for n, (name, _content) in enumerate(files, 1)}
    rows |= links or {}
    return zipped(
        {
            "[Content_Types].xml": TYPES,
            "_rels/.rels": relations({"rId1": ("officeDocument", "word/document.xml")}),
            "word/document.xml": f"<w:document {NAMESPACES}><w:body>{''.join(blocks)}<w:sectPr/></w:body></w:document>",
            "word/_rels/document.xml.rels": relations(rows),
            "word/styles.xml": STYLES,
            "word/numbering.xml": NUMBERING,
            **{f"word/media/{name}": content for name, content in files},
            **(parts or {}),
        }
    )


def photo_bytes(number: int) -> bytes:
    return picture_file(
        size=(90, 60), colour=(number * 83 % 256, number * 47 % 256, number * 19 % 256)
    ).read()


def r(text="", *, b=False, i=False, size=None, font=None, inner="") -> str:
    """A run; line ends are soft line breaks."""
    properties = ("<w:b/>" if b else "") + ("<w:i/>" if i else "")
    properties = (f'<w:rFonts w:ascii="{font}"/>' if font else "") + properties
    properties += f'<w:sz w:val="{size}"/>' if size else ""
    lines = "<w:br/>".join(
        f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in text.split("\n") if line or "\n" in text
    )
    return f"<w:r><w:rPr>{properties}</w:rPr>{lines}{inner}</w:r>"


def p(*content: str, style=None, align=None, list=None, **look) -> str:
    """A paragraph; plain strings without markup become runs of one look."""
    runs = "".join(part if part.startswith("<") else r(part, **look) for part in content)
    properties = f'<w:pStyle w:val="{style}"/>' if style else ""
    properties += f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{list}"/></w:numPr>' if list else ""
    properties += f'<w:jc w:val="{align}"/>' if align else ""
    return f"<w:p><w:pPr>{properties}</w:pPr>{runs}</w:p>"


def picture(number: int, descr="", kind="inline") -> str:
    return (
        f'<w:r><w:drawing><wp:{kind}><wp:docPr id="{number}" name="Picture {number}" descr="{escape(descr)}"/><a:graphic><a:graphicData>'
        f"{blip(number)}</a:graphicData></a:graphic></wp:{kind}></w:drawing></w:r>"
    )


def blip(number: int) -> str:
    return f'<pic:pic><pic:blipFill><a:blip r:embed="rId{100 + number}"/></pic:blipFill></pic:pic>'


def table(*rows) -> str:
    """Each row a tuple of cells; a cell is blocks, or (blocks, columns it spans)."""
    html = ""
    for row in rows:
        html += "<w:tr>"
        for cell in row:
            blocks, span = cell if isinstance(cell, tuple) else (cell, 1)
            html += f'<w:tc><w:tcPr><w:gridSpan w:val="{span}"/></w:tcPr>{blocks}</w:tc>'
        html += "</w:tr>"
    return f"<w:tbl><w:tblPr/>{html}</w:tbl>"


def text_box(*blocks: str) -> str:
    """As Word writes it: the new form, and the old one for old programs."""
    content = f"<w:txbxContent>{''.join(blocks)}</w:txbxContent>"
    return (
        '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor><wp:docPr id="9" name="Text Box"/><a:graphic>'
        f"<a:graphicData><wps:wsp><wps:txbx>{content}</wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict><v:shape><v:textbox>{content}</v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
