"""Three-page PDF files of which the middle page, the page tree, the file or its lock is odd.

Every file is written byte by byte, as no library would write it. Honest pages stand before and
after, so that a test can tell whether the rest of the book was read.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Mapping

import pikepdf

FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
HOSTILE = b"BT /F 12 Tf 72 700 Td (hostile page) Tj ET\n"
A4 = b"/MediaBox[0 0 595 842]"
Objects = Mapping[int, bytes]


def stream(entries: bytes, data: bytes) -> bytes:
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (entries, len(data), data)


def honest(number: int) -> bytes:
    return stream(b"", b"BT /F 12 Tf 72 700 Td (honest page %d) Tj ET" % number)


def page(content: int, entries: bytes = b"", box: bytes = A4, resources: bytes = b"") -> bytes:
    fonts = b"/Resources<</Font<</F 3 0 R>>%s>>" % resources
    return b"<</Type/Page/Parent 2 0 R/Contents %d 0 R%s%s%s>>" % (content, fonts, box, entries)


def file_of(objects: Objects, trailer: bytes = b"", root: bytes = b"1 0 R") -> bytes:
    out, places = bytearray(b"%PDF-1.7\n"), {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start, size = len(out), max(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for number in range(1, size):
        kind = b"n" if number in places else b"f"
        out += b"%010d 00000 %s \n" % (places.get(number, 0), kind)
    out += b"trailer\n<</Size %d/Root %s%s>>\n" % (size, root, trailer)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def book(
    middle: bytes = page(7),
    more: Objects | None = None,
    catalog: bytes = b"",
    trailer: bytes = b"",
    root: bytes = b"1 0 R",
) -> bytes:
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R%s>>" % catalog,
        2: b"<</Type/Pages/Kids[4 0 R 6 0 R 8 0 R]/Count 3>>",
        3: FONT,
        4: page(5),
        5: honest(1),
        6: middle,
        7: stream(b"", HOSTILE),
        8: page(9),
        9: honest(3),
    }
    return file_of({**objects, **(more or {})}, trailer, root)


def drawn(content: bytes, resources: bytes = b"", more: Objects | None = None) -> bytes:
    """A book whose middle page draws this."""
    own = {7: stream(b"", HOSTILE + content), **(more or {})}
    return book(page(7, resources=resources), own)


def kids(entries: bytes) -> bytes:
    return book(more={2: b"<</Type/Pages%s>>" % entries})


def typed(font: bytes, more: Objects | None = None) -> bytes:
    """A book whose middle page sets three letters in this font."""
    middle = page(7).replace(b"/F 3 0 R", b"/F 3 0 R/O 20 0 R")
    own = {7: stream(b"", HOSTILE + b"BT /O 12 Tf 72 500 Td (abc) Tj ET"), 20: font}
    return book(middle, {**own, **(more or {})})


def pictured(entries: bytes, data: bytes) -> bytes:
    """A book whose middle page shows this picture."""
    picture = stream(b"/Type/XObject/Subtype/Image" + entries, data)
    return drawn(b"q 300 0 0 300 50 50 cm /I Do Q", b"/XObject<</I 20 0 R>>", {20: picture})


def recursive(kind: bytes, content: bytes, entry: bytes, more: Objects) -> bytes:
    return drawn(content, b"/%s<<%s>>" % (kind, entry), more)


def locked(entries: bytes) -> bytes:
    return book(trailer=b"/Encrypt 20 0 R/ID[<00><00>]", more={20: b"<<%s>>" % entries})


def with_password(revision: int) -> bytes:
    out = io.BytesIO()
    lock = pikepdf.Encryption(
        owner="o", user="u", R=revision, aes=revision > 3, metadata=revision > 3
    )
    with pikepdf.open(io.BytesIO(book())) as pdf:
        pdf.save(out, encryption=lock)
    return out.getvalue()


def form(content: bytes, resources: bytes, more: bytes = b"") -> bytes:
    entries = b"/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<<%s>>%s"
    return stream(entries % (resources, more), content)


def cmap(body: bytes) -> bytes:
    space = b"begincmap 1 begincodespacerange <00> <ff> endcodespacerange "
    return stream(b"", space + body + b" endcmap")


WHOLE = book()
BOXES = {
    b"[0 0 -595 -842]", b"[595 842 0 0]", b"[0 0 nan nan]", b"[0 0 1e400 1e400]", b"[0 0 612]",
    b"[(a)(b)(c)(d)]", b"[0 0 0 0]", b"[0 0 1 1]", b"[0 0 14401 14401]", b"null", b"99 0 R",
    b"[1e9 1e9 1000000612 1000000792]", b"[0 0 14400 1]", b"[0 0 .01 .01]",
}  # fmt: skip
TURNS = (b"45", b"-90", b"1000000000", b"2147483648", b"90.5", b"(ninety)", b"99 0 R", b"nan")
UNITS = (b"100", b"0", b"-1", b"nan", b"1e-30")
CROPS = (b"[1000 1000 1200 1200]", b"[9 9 9 9]", b"[400 400 1 1]", b"[nan 0 inf 3]")
SIZES = (b"-600", b"0", b"(w)", b"2147483647", b"1 0 R")


def geometry() -> dict[str, bytes]:
    found = {}
    for number, box in enumerate(sorted(BOXES)):
        found[f"box-{number}"] = book(page(7, box=b"/MediaBox " + box))
    for key, values in ((b"Rotate", TURNS), (b"UserUnit", UNITS), (b"CropBox", CROPS)):
        for number, value in enumerate(values):
            name = f"{key.decode().lower()}-{number}"
            found[name] = book(page(7, b"/%s %s" % (key, value)))
    return found


def trees() -> dict[str, bytes]:
    pages = b"/Kids[4 0 R 6 0 R 8 0 R]"
    return {
        "count-negative": kids(pages + b"/Count -3"),
        "count-huge": kids(pages + b"/Count 2147483647"),
        "count-text": kids(pages + b"/Count(three)"),
        "kids-odd": kids(b"/Kids[4 0 R null 99 0 R (x) 6 0 R 8 0 R]/Count 6"),
        "no-types": book(more={1: b"<</Pages 2 0 R>>", 2: b"<<%s/Count 3>>" % pages}),
        "pages-is-a-page": book(more={1: b"<</Type/Catalog/Pages 4 0 R>>"}),
    }


def recursions() -> dict[str, bytes]:
    loop = b"/XObject<</X 20 0 R>>"
    self_drawn = form(b"/X Do", loop)
    pattern = b"/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 9 9]/XStep %s/YStep 1e-9"
    tile = stream(pattern % b"0" + b"/Resources<<>>", b"0 0 9 9 re f")
    glyph = b"<</Type/Font/Subtype/Type3/FontBBox[0 0 1 1]/FontMatrix[1 0 0 1 0 0]/CharProcs"
    glyph += b"<</a 21 0 R>>/Encoding<</Differences[97/a]>>/FirstChar 97/LastChar 97/Widths[1]"
    glyph += b"/Resources<</Font<</T 20 0 R>>>>>>"
    mask = form(b"/G gs 0 0 9 9 re f", b"/ExtGState<</G 20 0 R>>", b"/Group<</S/Transparency>>")
    space = b"/C 20 0 R"
    function = b"<</FunctionType 3/Domain[0 1]/Functions[21 0 R]/Bounds[]/Encode[0 1]>>"
    return {
        "form": recursive(b"XObject", b"/X Do", b"/X 20 0 R", {20: self_drawn}),
        "tiles": recursive(
            b"Pattern", b"/Pattern cs /P scn 0 0 9 9 re f", b"/P 20 0 R", {20: tile}
        ),
        "glyphs": typed(glyph, {21: stream(b"", b"1 0 d0 BT /T 1 Tf (aaaa) Tj ET")}),
        "indexed": recursive(
            b"ColorSpace", b"/C cs 0 sc", space, {20: b"[/Indexed 20 0 R 1 <00>]"}
        ),
        "tints": recursive(
            b"ColorSpace",
            b"/C cs 0 scn",
            space,
            {20: b"[/Separation/All 20 0 R 21 0 R]", 21: function},
        ),
        "mask": recursive(
            b"ExtGState",
            b"/G gs 0 0 9 9 re f",
            b"/G 20 0 R",
            {20: b"<</SMask<</S/Luminosity/G 21 0 R>>>>", 21: mask},
        ),
    }


def pictures() -> dict[str, bytes]:
    grey = b"/ColorSpace/DeviceGray/BitsPerComponent 8"
    found = {
        f"picture-size-{n}": pictured(b"/Width %s/Height %s%s" % (size, size, grey), bytes(100))
        for n, size in enumerate(SIZES)
    }
    fax = b"/DecodeParms<</K -1/Columns -600/Rows 2147483647>>/Filter/CCITTFaxDecode"
    deep = b"/Width 9/Height 9/ColorSpace/DeviceGray/BitsPerComponent 77"
    found["picture-bits"] = pictured(deep, bytes(99))
    found["picture-short"] = pictured(b"/Width 600/Height 600" + grey, bytes(9))
    found["picture-thin"] = pictured(b"/Width 65000/Height 1" + grey, bytes(65_000))
    found["picture-fax"] = pictured(b"/Width 9/Height 9/BitsPerComponent 1" + fax, b"\x26\xa0" * 9)
    found["picture-of-another-file"] = pictured(b"/Width 9/Height 9/F(/etc/passwd)" + grey, b"")
    found["picture-in-line"] = drawn(b"BI /W 65000 /H 65000 /BPC 8 /CS /RGB ID abc EI")
    found["picture-in-line-without-end"] = drawn(b"BI /W 9 /H 9 /BPC 8 /CS /G ID abc")
    found["picture-far-away"] = pictured(b"/Width 9/Height 9" + grey, bytes(81)).replace(
        b"300 0 0 300 50 50 cm", b"1e9 0 0 1e9 nan inf cm"
    )
    return found


def type_and_marks() -> dict[str, bytes]:
    plain = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 21 0 R>>"
    surrogates = b"3 beginbfchar <61> <d800> <62> <dc00> <63> <0000> endbfchar"
    twice = b"<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[20 0 R]>>"
    wide = FONT.replace(b">>", b"/FirstChar -5/LastChar 2000000000/Widths[9]>>")
    comment = b"<</Type/Annot/Subtype/Widget/FT/Tx/T(x)/Rect[0 0 9 9]/Parent 20 0 R/Kids[20 0 R]>>"
    element = b"<</Type/StructElem/S/P/P 20 0 R/K[20 0 R]/Pg 6 0 R>>"
    return {
        "half-letters": typed(plain, {21: cmap(surrogates)}),
        "long-letter": typed(
            plain, {21: cmap(b"1 beginbfchar <61> <%s> endbfchar" % (b"0041" * 9999))}
        ),
        "many-letters": typed(
            plain, {21: cmap(b"1 beginbfrange <00> <ffffffff> <0041> endbfrange")}
        ),
        "font-in-itself": typed(twice),
        "font-widths": typed(wide),
        "font-null": typed(b"null"),
        "script": book(
            page(7, b"/AA<</O<</S/Launch/F(sh)>>>>"), catalog=b"/OpenAction<</S/JavaScript>>"
        ),
        "comments": book(page(7, b"/Annots[%s]" % (b"20 0 R " * 50_000)), {20: comment}),
        "outline": book(catalog=b"/Outlines 20 0 R", more={20: b"<</First 20 0 R/Next 20 0 R>>"}),
        "names": book(catalog=b"/Names<</Dests 20 0 R>>", more={20: b"<</Kids[20 0 R]>>"}),
        "labels": book(catalog=b"/PageLabels<</Nums[0(x)-5<</S/Q/P<fffe00d8>>>null]>>"),
        "structure": book(catalog=b"/StructTreeRoot 20 0 R", more={20: element}),
        "title": book(trailer=b"/Info 20 0 R", more={20: b"<</Title<feffd800>/Author 20 0 R>>"}),
        "parts-of-a-page": book(page(7).replace(b"7 0 R", b"[7 0 R null 99 0 R]")),
    }


def bytes_of_the_file() -> dict[str, bytes]:
    start = WHOLE.rindex(b"xref\n0 ")
    trailer = b"trailer\n<<"
    return {
        "junk-before": b"\0junk\xff" * 80 + WHOLE,
        "junk-after": WHOLE + bytes(range(256)) * 2000,
        "no-mark": WHOLE.partition(b"\n")[2],
        "printer-mark": WHOLE.replace(b"%PDF-1.7", b"%!PS-Adobe-3.0 PDF-1.7"),
        "version": WHOLE.replace(b"%PDF-1.7", b"%PDF-9.9"),
        "mac-lines": WHOLE.replace(b"\n", b"\r"),
        "cut-end": WHOLE[:-60],
        "start-0": WHOLE.replace(b"startxref\n", b"startxref\n0"),
        "previous-itself": WHOLE.replace(trailer, trailer + b"/Prev %d" % start),
        "hybrid-itself": WHOLE.replace(trailer, trailer + b"/XRefStm %d" % start),
        "size-0": WHOLE.replace(b"/Size 10", b"/Size 0"),
        "size-huge": WHOLE.replace(b"/Size 10", b"/Size 2000000000"),
        "all-free": WHOLE.replace(b" 00000 n ", b" 00000 f "),
        "length-itself": book(more={7: b"<</Length 7 0 R>>\nstream\n%s\nendstream" % HOSTILE}),
        "length-negative": book(more={7: b"<</Length -9>>\nstream\n%s\nendstream" % HOSTILE}),
        "objects-in-themselves": book(
            more={20: stream(b"/Type/ObjStm/N 1/First 5/Extends 20 0 R", b"20 0 null")}
        ),
        "deep-array": book(page(7, b"/X 20 0 R"), {20: b"[" * 20_000 + b"]" * 20_000}),
    }


def too_much() -> dict[str, bytes]:
    """Books of which the middle page alone is given up."""
    chain = {n: form(b"/X Do", b"/XObject<</X %d 0 R>>" % (n + 1)) for n in range(20, 3020)}
    blanks = zlib.compress(b"\x81 " * 3_000_000, 9)
    run_lengths = stream(b"/Filter[/FlateDecode/RunLengthDecode]", blanks)
    return {
        "forms-in-forms": drawn(
            b"/X Do", b"/XObject<</X 20 0 R>>", {**chain, 3020: form(b"", b"")}
        ),
        "packed-otherwise": book(more={7: run_lengths}),
        "packed-elsewhere": book(
            more={
                7: stream(b"/Filter 20 0 R", zlib.compress(b" " * 120_000_000, 9)),
                20: b"[/FlateDecode]",
            }
        ),
        "states": drawn(b"q " * 200_000),
        "arrays": drawn(b"[" * 200_000),
    }


def locks() -> dict[str, bytes]:
    return {
        "certificate": locked(b"/Filter/Adobe.PubSec/SubFilter/adbe.pkcs7.s5/V 4/Length 128"),
        "unknown-lock": locked(b"/Filter/Nobodys/V 4/R 4/Length 128/P -1"),
        "future-lock": locked(b"/Filter/Standard/V 99/R 99/Length 4096/P -1/O<00>/U<00>"),
        **{f"password-{revision}": with_password(revision) for revision in (2, 3, 4, 6)},
    }


def not_pdfs() -> dict[str, bytes]:
    tiff = b"II*\0" + struct.pack("<I", 8) + bytes(99)
    starts = (b"", b"\n", b"%", b"%PDF-1.7\n", b"<html>%PDF-1.4</html>", b"{\\rtf1 hello}", tiff)
    starts += (
        b"PK\3\4 word/document.xml",
        b"\x1f\x8b\x08" + bytes(99),
        b"%!PS-Adobe-3.0\nshowpage",
    )
    starts += (b"AT&TFORM\0\0\1\0DJVM", b"MIME-Version: 1.0\n\n<html>", bytes(9999), WHOLE[:99])
    return {f"no-pdf-{n}": start for n, start in enumerate(starts)}
