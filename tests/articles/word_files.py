"""Word documents as people make them, and what is in them."""

import unicodedata
from dataclasses import dataclass, field

from .word_markup import EMF, NAMESPACES, WMF, blip, document, p, picture, r, table, text_box


@dataclass(frozen=True)
class Case:
    """A document and what a person reads out of it; captions are (caption, credit) for each picture."""

    name: str
    content: bytes
    headline: str
    lead: str
    captions: list[tuple[str, str]] = field(default_factory=list)
    byline: list[tuple[str, str]] = field(default_factory=list)
    kicker: str = ""
    holds: list[str] = field(default_factory=list)
    lacks: list[str] = field(default_factory=list)
    warns: list[str] = field(default_factory=list)


HEADLINE = "Xã Bãi Bồi khánh thành bến đò mới sau tám tháng thi công"
LEAD = (
    "Sáng 20/11, bến đò ngang nối hai bờ sông Lăng đón chuyến khách đầu tiên, rút ngắn đường đến trường của gần "
    "ba trăm học sinh."
)
TEXT = [
    "Từ tinh mơ, bà con ấp Cồn Giữa đã kéo nhau ra đầu bến. Người xách giỏ cá, người dắt xe đạp, ai cũng muốn là khách đi chuyến đò thứ nhất trong đời bến mới.",
    "Bến cũ chỉ là mấy tấm ván kê trên cọc tre, mùa nước nổi phải dời lên dời xuống ba lần. Năm ngoái, một chuyến đò chở quá khách đã suýt lật ngay chỗ nước xoáy.",
    "Công trình có hai cầu dẫn bê tông, nhà chờ lợp tôn, đèn chiếu sáng và mười hai chiếc phao tròn treo sẵn. Kinh phí hơn một tỷ đồng do xã và bà con cùng góp.",
    "Chủ đò Ba Lành cho biết từ nay ông chỉ nhận mười lăm khách mỗi lượt. Ai không mặc áo phao thì đò không nổ máy, kể cả khách quen hay người nhà.",
    "Công an xã cử hai cán bộ trực bến vào giờ tan trường. Trong tuần đầu, các anh đã nhắc nhở bảy trường hợp chở hàng cồng kềnh và hướng dẫn chủ đò ghi sổ.",
]
LAST = "Chiều cùng ngày, chuyến đò thứ ba mươi cập bờ an toàn, khép lại ngày hội nhỏ của hai bên sông./."
CAPTIONS = [
    ("Bà con chờ chuyến đò đầu tiên ở bến Bãi Bồi.", "Minh Hà"),
    ("Học sinh mặc áo phao trước khi xuống đò.", "Đức Thắng"),
    ("Chủ đò Ba Lành kiểm tra phao tròn.", "Minh Hà"),
]
BYLINE = [("Minh Hà", "text_and_photo")]


def headline_by_hand(text=HEADLINE, size=32):
    return p(text, b=True, align="center", size=size)


def cases() -> list[Case]:
    """Documents made in different ways."""
    made = [
        Case(
            "styles of Word",
            document(
                p(HEADLINE, style="Tiu"),
                p(LEAD, style="Sapo"),
                p(TEXT[0]),
                p("Bến cũ và nỗi lo mùa nước", style="u1"),
                p(TEXT[1]),
                p(picture(1), align="center"),
                p(f"{CAPTIONS[0][0]} Ảnh: Minh Hà", style="Chuthich"),
                p("Chuyện người chủ đò", style="u2"),
                p(TEXT[3]),
                p(LAST),
                p("Minh Hà", style="Tacgia"),
                pictures=1,
            ),
            HEADLINE, LEAD, CAPTIONS[:1], [("Minh Hà", "name_only")],
            holds=["<h2>Bến cũ và nỗi lo mùa nước</h2>", "<h3>Chuyện người chủ đò</h3>", "hai bên sông./.</p>"],
        ),
        Case(
            "no styles: bold, centre, italic",
            document(
                headline_by_hand(),
                p(LEAD, b=True),
                p(TEXT[0]),
                p(picture(1), align="center"),
                p(f"{CAPTIONS[0][0]} Ảnh: Minh Hà", i=True, align="center"),
                p("Mười lăm khách một lượt", b=True),
                p(TEXT[3]),
                p(picture(2), align="center"),
                p(CAPTIONS[1][0], i=True, align="center"),
                p("(Ảnh: Đức Thắng)", i=True, align="center"),
                p(LAST),
                p("Bài và ảnh: Minh Hà", b=True, align="right"),
                pictures=2,
            ),
            HEADLINE, LEAD, CAPTIONS[:2], BYLINE, holds=["<h2>Mười lăm khách một lượt</h2>"],
        ),
        Case(
            "headline on two lines, kicker above",
            document(
                p("An toàn đường thủy", i=True, align="center"),
                p("XÃ BÃI BỒI KHÁNH THÀNH BẾN ĐÒ MỚI", b=True, align="center", size=32),
                p("SAU TÁM THÁNG THI CÔNG", b=True, align="center", size=32),
                p(LEAD, b=True),
                *map(p, TEXT[:3]),
                p(LAST),
                p("Đức Thắng – Minh Hà", b=True, align="right"),
            ),
            "XÃ BÃI BỒI KHÁNH THÀNH BẾN ĐÒ MỚI SAU TÁM THÁNG THI CÔNG", LEAD,
            [], [("Đức Thắng", "name_only"), ("Minh Hà", "name_only")], kicker="An toàn đường thủy",
        ),
        Case(
            "pictures in the cells of a table",
            document(
                headline_by_hand(),
                p(LEAD, b=True),
                p(TEXT[0]),
                table(
                    (p(picture(1)), p(picture(2))),
                    (p(CAPTIONS[0][0] + " Ảnh: Minh Hà", i=True), p(CAPTIONS[1][0] + " Ảnh: Đức Thắng", i=True)),
                ),
                p(TEXT[2]),
                table((p(picture(3)) + p(CAPTIONS[2][0] + " (Ảnh: Minh Hà)"),)),
                p(LAST),
                p("Tin, ảnh: Minh Hà", b=True, align="right"),
                pictures=3,
            ),
            HEADLINE, LEAD, CAPTIONS, BYLINE, lacks=["<table"],
        ),
        Case(
            "one row of the table is the caption of both",
            document(
                headline_by_hand(),
                p(LEAD, b=True),
                p(TEXT[0]),
                table((p(picture(1)), p(picture(2))), ((p("Hai bờ bến đò sáng 20/11. Ảnh: Minh Hà", align="center"), 2),)),
                p(TEXT[1]),
                p(LAST),
                p("Bài và ảnh: Minh Hà", b=True, align="right"),
                pictures=2,
            ),
            HEADLINE, LEAD, [("Hai bờ bến đò sáng 20/11.", "Minh Hà")] * 2, BYLINE, warns=["nhiều ảnh"],
        ),
        Case(
            "two pictures one below the other, one caption",
            document(
                headline_by_hand(),
                p(LEAD, b=True),
                p(picture(1), align="center"),
                p(picture(2), align="center"),
                p("Bến đò trước và sau khi sửa.", i=True, align="center"),
                p(TEXT[1]),
                p(picture(3), align="center"),
                p(f"{CAPTIONS[2][0]} Ảnh: Minh Hà", i=True, align="center"),
                p(LAST),
                p("Bài và ảnh: Minh Hà", b=True, align="right"),
                pictures=3,
            ),
            HEADLINE, LEAD, [("Bến đò trước và sau khi sửa.", "")] * 2 + CAPTIONS[2:], BYLINE,
        ),
        Case(
            "text boxes with pictures and captions",
            document(
                headline_by_hand(),
                p(LEAD, b=True),
                p(TEXT[0], text_box(p(picture(1)), p(f"{CAPTIONS[0][0]} Ảnh: Minh Hà", i=True))),
                p(TEXT[1]),
                p(text_box(p("Đường dây nóng của Công an xã trực suốt ngày đêm."))),
                p(LAST),
                p("Bài và ảnh: Minh Hà", b=True, align="right"),
                pictures=1,
            ),
            HEADLINE, LEAD, CAPTIONS[:1], BYLINE, holds=["Đường dây nóng của Công an xã"],
        ),
        Case(
            "tracked changes",
            document(
                headline_by_hand(),
                p(LEAD, b=True),
                p(
                    r("Bến đò mới có "),
                    '<w:del w:id="1"><w:r><w:delText>một nhà chờ cũ</w:delText></w:r></w:del>',
                    f'<w:ins w:id="2">{r("hai nhà chờ lợp tôn")}</w:ins>',
                    r(", đủ chỗ cho bốn mươi người đứng tránh mưa trong lúc đợi đò."),
                ),
                '<w:p><w:pPr><w:jc w:val="center"/><w:pPrChange w:id="3"><w:pPr><w:jc w:val="left"/></w:pPr></w:pPrChange></w:pPr>'
                + picture(1)
                + "</w:p>",
                p(f"{CAPTIONS[0][0]} Ảnh: Minh Hà", i=True, align="center"),
                p(LAST),
                p("Bài và ảnh: Minh Hà", b=True, align="right"),
                pictures=1,
            ),
            HEADLINE, LEAD, CAPTIONS[:1], BYLINE,
            holds=["Bến đò mới có hai nhà chờ lợp tôn, đủ chỗ"], lacks=["nhà chờ cũ"], warns=["theo dõi thay đổi"],
        ),
        Case(
            "footnotes",
            document(
                headline_by_hand(),
                p(LEAD, b=True),
                p(TEXT[0]),
                p(r("Kinh phí hơn một tỷ đồng"), '<w:r><w:footnoteReference w:id="2"/></w:r>', r(" do xã và bà con cùng góp trong tám tháng.")),
                p(LAST),
                p("Đức Thắng", b=True, align="right"),
                links={"rId50": ("footnotes", "footnotes.xml")},
                parts={"word/footnotes.xml": f'<w:footnotes {NAMESPACES}><w:footnote w:id="2">{p("Theo báo cáo quyết toán của xã.")}</w:footnote></w:footnotes>'},
            ),
            HEADLINE, LEAD, [], [("Đức Thắng", "name_only")],
            holds=["<sup>[1]</sup>", "<li>Theo báo cáo quyết toán của xã.</li>"], lacks=["#footnote", "↑"],
        ),
        Case(
            "soft line breaks in captions, picture and words in one paragraph",
            document(
                headline_by_hand(),
                p(LEAD, b=True),
                p(TEXT[0]),
                p(picture(1), r("\nBà con chờ chuyến đò đầu tiên\nở bến Bãi Bồi. Ảnh: Minh Hà", i=True), align="center"),
                p(TEXT[1]),
                p(picture(2), align="center"),
                p("Học sinh mặc áo phao trước khi xuống đò.\nẢnh: Đức Thắng", i=True, align="center"),
                p(LAST + "\nMinh Hà"),
                pictures=2,
            ),
            HEADLINE, LEAD, CAPTIONS[:2], [("Minh Hà", "name_only")], holds=["hai bên sông./.</p>"],
        ),
        Case(
            "fields: numbered captions, date, link",
            document(
                p(HEADLINE, style="u1", align="center"),
                p(LEAD, b=True),
                p(r("Bến mở cửa từ ngày "), '<w:fldSimple w:instr=" DATE ">' + r("20/11/2026") + "</w:fldSimple>", r(", mỗi ngày hai mươi chuyến từ năm giờ sáng.")),
                p(
                    r("Lịch chạy đò có tại "),
                    '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> HYPERLINK "https://bai-boi.example.vn/lich" </w:instrText></w:r>'
                    '<w:r><w:fldChar w:fldCharType="separate"/></w:r>' + r("trang của xã") + '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
                    r(" và được dán ở nhà chờ hai bên bờ cho bà con tiện xem."),
                ),
                p(picture(1), align="center"),
                p(r("Ảnh "), '<w:fldSimple w:instr=" SEQ Ảnh ">' + r("1") + "</w:fldSimple>", r(f". {CAPTIONS[0][0]} Nguồn ảnh: Minh Hà"), style="Chuthich"),
                p(LAST),
                p("Theo Báo Bà Rịa - Vũng Tàu", i=True, align="right"),
                pictures=1,
            ),
            HEADLINE, LEAD, CAPTIONS[:1], [("Báo Bà Rịa - Vũng Tàu", "according_to")],
            holds=["từ ngày 20/11/2026, mỗi ngày", '<a href="https://bai-boi.example.vn/lich">trang của xã</a>'],
        ),
        Case(
            "decomposed letters",
            document(
                *(
                    unicodedata.normalize("NFD", block)
                    for block in (
                        headline_by_hand(),
                        p(LEAD, b=True),
                        p(TEXT[0]),
                        p(picture(1), align="center"),
                        p(f"{CAPTIONS[0][0]} Ảnh: Minh Hà", i=True, align="center"),
                        p(LAST),
                        p("Bài và ảnh: Minh Hà", b=True, align="right"),
                    )
                ),
                pictures=1,
            ),
            HEADLINE, LEAD, CAPTIONS[:1], BYLINE, holds=[TEXT[0]],
        ),
        Case(
            "names of old fonts",
            document(
                p(HEADLINE, b=True, align="center", font=".VnTimeH"),
                p(LEAD, b=True, font=".VnTime"),
                p(TEXT[0], font=".VnTime"),
                p(picture(1), align="center"),
                p(CAPTIONS[0][0], i=True, align="center", font="VNI-Times"),
                p("Ảnh: Minh Hà", i=True, align="center", font="VNI-Times"),
                p(LAST, font=".VnTime"),
                p("Minh Hà (Tổng hợp)", b=True, align="right", font=".VnTime"),
                pictures=1,
            ),
            HEADLINE, LEAD, CAPTIONS[:1], [("Minh Hà", "compiled")], lacks=["VnTime"],
        ),
        Case(
            "thirty pictures",
            document(
                headline_by_hand(),
                p(LEAD, b=True),
                *(
                    block
                    for number in range(1, 31)
                    for block in (
                        p(TEXT[number % 5]),
                        p(picture(number), align="center"),
                        p(f"Chuyến đò thứ {number} rời bến trong ngày đầu. Ảnh: Minh Hà", i=True, align="center"),
                    )
                ),
                p(LAST),
                p("Chùm ảnh: Minh Hà", b=True, align="right"),
                pictures=30,
            ),
            HEADLINE, LEAD, [(f"Chuyến đò thứ {n} rời bến trong ngày đầu.", "Minh Hà") for n in range(1, 31)],
            [("Minh Hà", "photo")],
        ),
        Case(
            "WMF and EMF drawings",
            document(
                headline_by_hand(),
                p(LEAD, b=True),
                p(TEXT[0]),
                p(picture(2), align="center"),
                p("Sơ đồ bến đò do phòng kỹ thuật vẽ.", i=True, align="center"),
                p(TEXT[1]),
                p(picture(1), align="center"),
                p(f"{CAPTIONS[0][0]} Ảnh: Minh Hà", i=True, align="center"),
                p(picture(3), align="center"),
                p(LAST),
                p("Bài và ảnh: Minh Hà", b=True, align="right"),
                pictures=1,
                media=[("sodo.emf", EMF), ("net.wmf", WMF)],
            ),
            HEADLINE, LEAD, CAPTIONS[:1], BYLINE, holds=["Sơ đồ bến đò do phòng kỹ thuật vẽ."], warns=["2 hình vẽ"],
        ),
        Case(
            "credits in brackets, behind a dash, on their own line",
            document(
                headline_by_hand(),
                p(LEAD, i=True),
                p(TEXT[0]),
                p(picture(1), align="center"),
                p(f"{CAPTIONS[0][0]} (Ảnh: Minh Hà)", align="center"),
                p(TEXT[1]),
                p(picture(2), align="center"),
                p(f"{CAPTIONS[1][0]} - Ảnh: Đức Thắng", i=True, align="center"),
                p(TEXT[2]),
                p(picture(3), align="center"),
                p(CAPTIONS[2][0], i=True, align="center"),
                p("Nguồn ảnh: Minh Hà", align="right", i=True),
                p(LAST),
                p("Bài: Đức Thắng - Ảnh: Minh Hà", b=True, align="right"),
                pictures=3,
            ),
            HEADLINE, LEAD, CAPTIONS, [("Đức Thắng", "text"), ("Minh Hà", "photo")],
        ),
        Case(
            "several people with roles on lines of their own",
            document(
                headline_by_hand(),
                p(LEAD, b=True),
                *map(p, TEXT[:3]),
                p(LAST),
                p("Bài: Minh Hà, Lê Văn Út", b=True, align="right"),
                p("Ảnh: Đức Thắng", b=True, align="right"),
            ),
            HEADLINE, LEAD, [], [("Minh Hà", "text"), ("Lê Văn Út", "text"), ("Đức Thắng", "photo")],
        ),
        Case(
            "labels before the parts",
            document(
                p(r("Tiêu đề: ", b=True), HEADLINE),
                p(r("Sapo: ", b=True), LEAD),
                p(TEXT[0]),
                p(picture(1)),
                p(f"Chú thích ảnh: {CAPTIONS[0][0]} Ảnh: Minh Hà", i=True),
                p(TEXT[1]),
                p(LAST),
                p("Tác giả: Minh Hà"),
                pictures=1,
            ),
            HEADLINE, LEAD, CAPTIONS[:1], [("Minh Hà", "text")],
        ),
        Case(
            "official letterhead, lists and a table",
            document(
                table((p("ỦY BAN NHÂN DÂN XÃ BÃI BỒI", b=True), p("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", b=True) + p("Độc lập – Tự do – Hạnh phúc", b=True))),
                p("Bãi Bồi, ngày 20 tháng 11 năm 2026", i=True, align="right"),
                headline_by_hand(),
                p(LEAD, b=True),
                p("Những điều cần nhớ khi qua đò", list=2, b=True),
                p("Khi qua đò, hành khách cần nhớ:"),
                p("Mặc áo phao suốt chuyến đi.", list=1),
                p("Không đứng ở mũi đò.", list=1),
                p("Giá vé mới như sau:"),
                table((p("Hành khách", b=True), p("Giá vé", b=True)), (p("Người lớn"), p("5.000 đồng")), (p("Học sinh"), p("Miễn phí"))),
                p(LAST),
                p("Minh Hà", b=True, align="right"),
            ),
            HEADLINE, LEAD, [], [("Minh Hà", "name_only")],
            holds=["<h2>Những điều cần nhớ khi qua đò</h2>", "<li>Mặc áo phao suốt chuyến đi.</li>", '<th scope="col">Giá vé</th>', "<td>5.000 đồng</td>"],
            lacks=["CỘNG HÒA"], warns=["Tiêu ngữ"],
        ),
        Case(
            "floating pictures fixed to a paragraph of text",
            document(
                headline_by_hand(),
                p(LEAD, b=True),
                p(picture(1, kind="anchor"), r(TEXT[0])),
                p(f"{CAPTIONS[0][0]} Ảnh: Minh Hà", i=True, align="center"),
                p(TEXT[1]),
                p(r(TEXT[2]), picture(2, kind="anchor")),
                p(f"{CAPTIONS[1][0]} Ảnh: Đức Thắng", i=True, align="center"),
                p(LAST),
                p("Bài và ảnh: Minh Hà", b=True, align="right"),
                pictures=2,
            ),
            HEADLINE, LEAD, CAPTIONS[:2], BYLINE, holds=[f"<p>{TEXT[0]}</p>"],
        ),
        Case(
            "centred and italic by styles of the house, pictures of an old Word",
            document(
                p(r(HEADLINE, b=True), style="Giua"),
                p('<w:r><w:rPr><w:rStyle w:val="Strong"/></w:rPr><w:t>' + LEAD + "</w:t></w:r>"),
                p(TEXT[0]),
                p('<w:r><w:pict><v:shape><v:imagedata r:id="rId101"/></v:shape></w:pict></w:r>', style="Giua"),
                p(f"{CAPTIONS[0][0]} Ảnh: Minh Hà", style="Nghieng"),
                p(LAST),
                p("(Theo TTXVN)", align="right"),
                pictures=1,
            ),
            HEADLINE, LEAD, CAPTIONS[:1], [("TTXVN", "according_to")],
        ),
        Case(
            "nothing is marked at all",
            document(
                p(HEADLINE),
                p(LEAD),
                p(TEXT[0]),
                p(picture(1)),
                p(CAPTIONS[0][0]),
                p(TEXT[1]),
                p(picture(2)),
                p(f"{CAPTIONS[1][0]} Ảnh: Đức Thắng"),
                p(TEXT[2]),
                p(LAST),
                p("Minh Hà"),
                pictures=2,
            ),
            HEADLINE, LEAD, [(CAPTIONS[0][0], ""), CAPTIONS[1]], [("Minh Hà", "name_only")],
            warns=["dòng đầu tiên", "đoạn đầu tiên", "dòng cuối cùng"],
        ),
        Case(
            "grouped pictures, caption above, empty paragraphs and spaces",
            document(
                p(""),
                headline_by_hand(),
                p(" "),
                p(LEAD, b=True),
                p(TEXT[0]),
                p(CAPTIONS[0][0] + " Ảnh: Minh Hà", style="Chuthich"),
                p(picture(1), align="center"),
                p(""),
                p(TEXT[1]),
                p(
                    '<w:r><mc:AlternateContent><mc:Choice Requires="wpg"><w:drawing><wp:inline><wp:docPr id="7" name="Group"/><a:graphic><a:graphicData><wpg:wgp>'
                    + blip(2) + blip(3)
                    + "</wpg:wgp></a:graphicData></a:graphic></wp:inline></w:drawing></mc:Choice><mc:Fallback/></mc:AlternateContent></w:r>",
                    align="center",
                ),
                p("\u00a0"),
                p("Phao tròn và áo phao treo ở nhà chờ.\u00a0Ảnh:\u00a0Đức Thắng", i=True, align="center"),
                p(LAST),
                p("Bài và ảnh: Minh Hà", b=True, align="right"),
                pictures=3,
            ),
            HEADLINE, LEAD, CAPTIONS[:1] + [("Phao tròn và áo phao treo ở nhà chờ.", "Đức Thắng")] * 2, BYLINE,
        ),
        Case(
            "picture beside its words in a table, subheading behind a picture",
            document(
                headline_by_hand(),
                p(LEAD, b=True),
                table((p(CAPTIONS[0][0] + " Ảnh: Minh Hà"), p(picture(1)))),
                p(TEXT[0]),
                p(picture(2), align="center"),
                p(f"{CAPTIONS[1][0]} Ảnh: Đức Thắng", i=True, align="center"),
                p("Người giữ bến", b=True),
                p(TEXT[4]),
                p(LAST),
                p("Nhóm PV: Minh Hà & Đức Thắng", b=True, align="right"),
                pictures=2,
            ),
            HEADLINE, LEAD, CAPTIONS[:2], [("Minh Hà", "name_only"), ("Đức Thắng", "name_only")],
            holds=["<h2>Người giữ bến</h2>"],
        ),
        Case(
            "names behind the end mark, unit below, telephone",
            document(
                p("Kính gửi: Ban biên tập Cổng thông tin"),
                headline_by_hand(),
                p(LEAD, b=True, i=True),
                *map(p, TEXT[:2]),
                p(LAST),
                p("Đại úy Lê Văn Út - ĐT: 0912 345 678", b=True, align="right"),
                p("(Công an xã Bãi Bồi)", i=True, align="right"),
            ),
            HEADLINE, LEAD, [], [("Đại úy Lê Văn Út", "name_only")], lacks=["0912", "Kính gửi", "Công an xã Bãi Bồi"],
            warns=["Số điện thoại"],
        ),
        Case(
            "name behind a tab in the last paragraph, unit as author",
            document(
                headline_by_hand(HEADLINE + "."),
                p(LEAD, b=True),
                p(picture(1), align="center"),
                p("Ảnh: Lãnh đạo xã cắt băng khánh thành bến đò.", i=True, align="center"),
                p(TEXT[1]),
                p(picture(2), align="center"),
                p("Nhà chờ lợp tôn ở bờ tây. (Ảnh minh họa: Internet)", i=True, align="center"),
                p(TEXT[2]),
                p(r(LAST), "<w:r><w:tab/></w:r>", r("Minh Hà", b=True)),
                pictures=2,
            ),
            HEADLINE + ".", LEAD,
            [("Lãnh đạo xã cắt băng khánh thành bến đò.", ""), ("Nhà chờ lợp tôn ở bờ tây.", "Internet")],
            [("Minh Hà", "name_only")], holds=["hai bên sông./.</p>"],
        ),
        Case(
            "a unit signs, cover photo before the headline",
            document(
                p(picture(1), align="center"),
                p(f"{CAPTIONS[0][0]} Ảnh: Minh Hà", i=True, align="center"),
                headline_by_hand(),
                p(LEAD, b=True),
                *map(p, TEXT[:3]),
                p(LAST),
                p("Công an xã Bãi Bồi", b=True, align="right"),
                pictures=1,
            ),
            HEADLINE, LEAD, CAPTIONS[:1], [("Công an xã Bãi Bồi", "name_only")],
        ),
    ]  # fmt: skip
    return made
