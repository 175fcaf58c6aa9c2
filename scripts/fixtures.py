"""Makes tests/fixtures from a few real photographs. Run by a developer, not by the tests: the files are committed.

    python3 scripts/fixtures.py FOLDER-WITH-THE-PHOTOGRAPHS

The photographs are named in tests/fixtures/SOURCES.md. Made with Pillow 13.0, cjpeg and jpegtran of libjpeg-turbo 2.1.5
and cwebp 1.2.4.
"""

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

from PIL import Image

SOURCE = Path(sys.argv[1])
OUT = Path(__file__).parent.parent / "tests" / "fixtures"


def save(name, data):
    (OUT / name).write_bytes(data)


def tool(*args, data):
    return subprocess.run(args, input=data, stdout=subprocess.PIPE, check=True).stdout


def ppm(image):
    buffer = io.BytesIO()
    image.save(buffer, "PPM")
    return buffer.getvalue()


def jpeg(image, *args):
    return tool("cjpeg", "-quality", "85", *args, data=ppm(image))


def segment(marker, content):
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def after_soi(data, *segments):
    return data[:2] + b"".join(segments) + data[2:]


def exif(orientation, order=b"II"):
    pack = "<" if order == b"II" else ">"
    head = order + struct.pack(pack + "HI", 42, 8)
    return head + struct.pack(pack + "HHHIHHI", 1, 0x0112, 3, 1, orientation, 0, 0)


def app1(orientation, order=b"II"):
    return segment(0xE1, b"Exif\0\0" + exif(orientation, order))


TRANSPOSE = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def stored(image, orientation):
    """The pixels that, with this orientation, are seen as `image`."""
    return image.transpose(TRANSPOSE[orientation]) if orientation > 1 else image


def s15(value):
    return struct.pack(">i", round(value * 65536))


def icc(primaries, gamma):
    """A matrix profile (ICC.1:2001-04): colorants adapted to D50, one gamma for all channels."""
    xyz = [b"XYZ \0\0\0\0" + b"".join(map(s15, column)) for column in primaries]
    white = b"XYZ \0\0\0\0" + b"".join(map(s15, (0.9642, 1.0, 0.8249)))
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    text = b"desc\0\0\0\0" + struct.pack(">I", 9) + b"truecrop\0" + b"\0" * 78
    rights = b"text\0\0\0\0CC0\0"
    tags = [(b"desc", text), (b"cprt", rights), (b"wtpt", white), (b"rXYZ", xyz[0]), (b"gXYZ", xyz[1]), (b"bXYZ", xyz[2])]
    tags += [(name, curve) for name in (b"rTRC", b"gTRC", b"bTRC")]
    offset, table, body = 128 + 4 + 12 * len(tags), b"", b""
    for name, data in tags:
        data += b"\0" * (-len(data) % 4)
        table += name + struct.pack(">II", offset + len(body), len(data))
        body += data
    head = struct.pack(">I4sI4s4s4s", 0, b"\0\0\0\0", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28 + b"".join(map(s15, (0.9642, 1.0, 0.8249)))
    head += b"\0" * (128 - len(head))
    whole = head + struct.pack(">I", len(tags)) + table + body
    return struct.pack(">I", len(whole)) + whole[4:]


P3 = icc([(0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)], 2.2)
ADOBE = icc([(0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)], 563 / 256)


def app2(profile):
    return segment(0xE2, b"ICC_PROFILE\0\x01\x01" + profile)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(image, *extra, **options):
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True, **options)
    data = buffer.getvalue()
    return data[:33] + b"".join(chunk(*c) for c in extra) + data[33:]


def png_raw(width, height, depth, color, interlace, rows, *extra):
    head = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlace)
    body = chunk(b"IDAT", zlib.compress(rows, 9))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(chunk(*c) for c in extra) + body + chunk(b"IEND", b"")


def adam7(image):
    width, height = image.size
    pixels, rows = image.load(), b""
    for x0, y0, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
        for y in range(y0, height, dy):
            line = b"".join(bytes(pixels[x, y]) for x in range(x0, width, dx))
            rows += b"\0" + line if line else b""
    return png_raw(width, height, 8, 2, 1, rows)


def sixteen_bit(image):
    """Smooth 16-bit values between the photograph's 8-bit ones."""
    small = image.resize((160, 107), Image.Resampling.LANCZOS)
    width, height = small.size
    channels = [c.convert("I;16").tobytes() for c in small.split()]
    rows = b""
    for y in range(height):
        rows += b"\0"
        for x in range(width):
            for channel in channels:
                value = channel[(y * width + x) * 2]
                rows += struct.pack(">H", (value * 257 + (x * 7 + y * 3) % 200) & 0xFFFF)
    return png_raw(width, height, 16, 2, 0, rows)


def with_hole(image):
    """A round hole with a soft edge."""
    width, height = image.size
    mask = Image.new("L", image.size)
    mask.putdata(
        [max(0, min(255, int(((x - width / 2) ** 2 + (y - height / 2) ** 2) ** 0.5 * 2 - 60))) for y in range(height) for x in range(width)]
    )
    image = image.convert("RGBA")
    image.putalpha(mask)
    return image


def photographs(name, size=None):
    image = Image.open(SOURCE / name).convert("RGB")
    return image.resize(size, Image.Resampling.LANCZOS) if size else image


def jpegs(coffee, cat):
    base = jpeg(coffee, "-sample", "2x2")
    save("coffee.jpg", base)
    for name, sample in [("422", "2x1"), ("444", "1x1"), ("440", "1x2"), ("411", "4x1")]:
        save(f"coffee-{name}.jpg", jpeg(cat, "-sample", sample))
    save("coffee-progressive.jpg", tool("jpegtran", "-progressive", data=base))
    save("cat-restart.jpg", jpeg(cat, "-restart", "3"))
    save("cat-gray.jpg", jpeg(cat, "-grayscale"))
    save("cat-p3.jpg", after_soi(jpeg(cat), app2(P3)))
    save("cat-adobe-rgb.jpg", after_soi(jpeg(cat), app2(ADOBE)))
    buffer = io.BytesIO()
    cat.convert("CMYK").save(buffer, "JPEG", quality=85)
    save("cat-cmyk.jpg", buffer.getvalue())
    save("coffee-truncated.jpg", base[: len(base) * 2 // 3])
    save("coffee-zip-behind.jpg", base + b"PK\x03\x04 and more")


def wildly_padded(image, width, height, mcu, *args):
    """The picture's top left in a JPEG of odd sides, whose last blocks are filled up with what must not be seen."""
    columns, rows = (-(-side // unit) * unit for side, unit in zip((width, height), mcu))
    seen = image.crop((0, 0, width, height))
    padded = Image.new("RGB", (columns, rows))
    padded.putdata([(255, 0, 255) if (x + y) % 5 else (0, 255, 0) for y in range(rows) for x in range(columns)])
    # samples of chroma that are seen in part are made of seen pixels
    padded.paste(seen, (width % 2, height % 2))
    padded.paste(seen, (0, 0))
    data = jpeg(padded, *args)
    frame = data.index(b"\xff\xc2" if "-progressive" in args else b"\xff\xc0")
    return data[: frame + 5] + struct.pack(">HH", height, width) + data[frame + 9 :]


def padding():
    hubble, coffee = (Image.open(OUT / name) for name in ("hubble.jpg", "coffee.jpg"))
    save("hubble-padding.jpg", wildly_padded(hubble, 997, 865, (16, 16), "-quality", "60", "-sample", "2x2"))
    save("coffee-padding-progressive.jpg", wildly_padded(coffee, 587, 391, (8, 16), "-sample", "1x2", "-progressive"))


def orientations(cat, phone):
    save("phone-orientation-6.jpg", after_soi(jpeg(stored(phone, 6)), app1(6)))
    small = cat.resize((150, 100), Image.Resampling.LANCZOS)
    for value in range(1, 9):
        order = b"II" if value % 2 else b"MM"
        save(f"orientation-{value}.jpg", after_soi(jpeg(stored(small, value), "-sample", "1x1"), app1(value, order)))
    save("orientation-8.png", png(stored(small, 8), (b"eXIf", exif(8))))
    buffer = io.BytesIO()
    stored(small, 6).save(buffer, "WEBP", lossless=True, exif=b"Exif\0\0" + exif(6))
    save("orientation-6.webp", buffer.getvalue())


def pngs(cat):
    small = cat.resize((200, 133), Image.Resampling.LANCZOS)
    save("cat.png", png(small))
    save("cat-adam7.png", adam7(small))
    save("cat-16-bit.png", sixteen_bit(cat))
    save("cat-alpha.png", png(with_hole(small)))
    save("cat-gray.png", png(small.convert("L")))
    save("cat-gray-alpha.png", png(with_hole(small).convert("LA")))
    palette = small.quantize(64)
    save("cat-palette.png", png(palette, transparency=bytes(range(0, 256, 4))))
    save("cat-1-bit.png", png(small.convert("1")))
    save("cat-p3.png", png(small, (b"iCCP", b"p3\0\0" + zlib.compress(P3))))


def others(cat):
    small = cat.resize((200, 133), Image.Resampling.LANCZOS)
    save("cat.webp", tool("cwebp", "-quiet", "-q", "85", "-o", "-", "--", "-", data=ppm(small)))
    for name, image, options in [
        ("cat-alpha.webp", with_hole(small), {"lossless": True}),
        ("cat-alpha-lossy.webp", with_hole(small), {"quality": 80}),
        ("animated.webp", small, {"quality": 70, "save_all": True, "append_images": [small.rotate(10), small.rotate(20)]}),
    ]:
        buffer = io.BytesIO()
        image.save(buffer, "WEBP", **options)
        save(name, buffer.getvalue())
    buffer = io.BytesIO()
    small.quantize(64).save(buffer, "GIF")
    save("cat.gif", buffer.getvalue())
    frames = [small.rotate(a).quantize(32) for a in (0, 8, 16)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=100, transparency=3, disposal=2)
    save("animated.gif", buffer.getvalue())


def tiny(cat):
    one = Image.new("RGB", (1, 1), (200, 100, 50))
    save("one-pixel.png", png(one))
    save("one-pixel.jpg", jpeg(one))
    for kind in ("GIF", "WEBP"):
        buffer = io.BytesIO()
        one.save(buffer, kind, **({"lossless": True} if kind == "WEBP" else {}))
        save(f"one-pixel.{kind.lower()}", buffer.getvalue())
    save("three-by-five.jpg", jpeg(cat.resize((3, 5))))
    save("seventeen-by-one.png", png(cat.resize((17, 1))))


def hostile():
    bomb = zlib.compress(b"\0" * (64 << 20), 9)
    save("iccp-bomb.png", png(Image.new("RGB", (4, 4)), (b"iCCP", b"x\0\0" + bomb)))
    one_colour = bytes.fromhex("2f") + struct.pack("<I", (12000 - 1) | (12000 - 1) << 14) + bytes.fromhex("0088888f")
    body = b"WEBPVP8L" + struct.pack("<I", len(one_colour)) + one_colour + b"\0" * (len(one_colour) % 2)
    save("huge-header.webp", b"RIFF" + struct.pack("<I", len(body)) + body)
    frame = segment(0xC0, struct.pack(">BHHB", 8, 65535, 65535, 1) + b"\x01\x11\0")
    save("huge-header.jpg", b"\xff\xd8" + frame + b"\xff\xd9")
    save("not-supported.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 64)
    save("not-supported.avif", b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + b"\0" * 64)
    save("not-a-picture.txt", b"This is not a picture.\n")
    save("empty.jpg", b"")


OUT.mkdir(parents=True, exist_ok=True)
COFFEE, CAT = photographs("coffee.png"), photographs("chelsea.png")
jpegs(COFFEE, CAT)
orientations(CAT, photographs("astronaut.png", (480, 480)).crop((60, 0, 420, 480)))
pngs(CAT)
others(CAT)
tiny(CAT)
hostile()
save("hubble.jpg", jpeg(photographs("hubble_deep_field.jpg"), "-quality", "75"))
save("rocket.jpg", jpeg(photographs("rocket.jpg")))
padding()
