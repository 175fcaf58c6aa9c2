"""Makes tests/fixtures/rare out of nothing. Run by a developer, not by the tests: the files are committed.

    python3 scripts/rare_fixtures.py

Made with Pillow 13.0, and by the small writers below for what Pillow does not write. `pixels.txt` has, for each file, its size,
channels, bits and the SHA-256 of its samples (16 bits in big-endian order); what Pillow reads is compared with it.
"""

import base64
import hashlib
import io
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

OUT = Path(__file__).parent.parent / "tests" / "fixtures" / "rare"
WIDTH, HEIGHT = 40, 30
PIXELS = {}


def samples(channels, full):
    """Waves with another period for each channel; alpha is zero, full and between."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    waves = [(np.sin(x / (3 + c) + y / (7 - c)) + 1) / 2 for c in range(channels)]
    if channels in (2, 4):
        waves[-1] = np.clip((x - 8) / 24, 0, 1)
    return np.round(np.stack(waves, 2) * full).astype(int)


GRAY, RGB, RGBA = samples(1, 255), samples(3, 255), samples(4, 255)
GRAY16, RGB16 = samples(1, 65535), samples(3, 65535)
BITS = (samples(1, 255) > 127) * 255
PALETTE = [(i * 7 % 256, i * 3 % 256, 255 - i) for i in range(256)]
MAPPED = np.array(PALETTE)[GRAY[:, :, 0]]


def digest(data):
    """As in receipts."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(data).digest()).decode()}:"


def save(name, data, pixels, bits=8, like=None):
    """Writes a file; `like`: the mode in which Pillow must read the same pixels."""
    (OUT / name).write_bytes(data)
    kind = ">u2" if bits == 16 else "u1"
    PIXELS[name] = (pixels.shape[1], pixels.shape[0], pixels.shape[2], bits, digest(pixels.astype(kind).tobytes()))
    if like:
        read = np.asarray(Image.open(io.BytesIO(data)).convert(like)).reshape(pixels.shape)
        assert (read == pixels).all(), name


def pillow(pixels, kind, **options):
    image = Image.fromarray(pixels.astype("u1").squeeze())
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def tiff(pixels, bits=8, order="<", tile=None, planar=False, packed=zlib.compress, code=8, predictor=1, extra=None,
         photometric=None, tags=(), big=False, rows=7):
    """A TIFF of one page in strips or tiles."""
    height, width, channels = pixels.shape
    kind = order + ("u2" if bits == 16 else "u1")
    planes = [pixels[:, :, c : c + 1] for c in range(channels)] if planar else [pixels]
    parts = []
    for plane in planes:
        across, down = tile or (width, rows)
        for y in range(0, height, down):
            for x in range(0, width, across):
                part = plane[y : y + down, x : x + across]
                if tile:
                    part = np.pad(part, ((0, down - part.shape[0]), (0, across - part.shape[1]), (0, 0)))
                if predictor == 2:
                    part = np.diff(part, axis=1, prepend=0) % (1 << bits)
                parts.append(packed(part.astype(kind).tobytes()))
    offset = 16 if big else 8
    offsets = []
    body = b""
    for part in parts:
        offsets.append(offset + len(body))
        body += part + b"\0" * (len(part) % 2)
    word, long = ("Q", 16) if big else ("I", 4)
    if photometric is None:
        photometric = 2 if channels > 2 else 1
    chunk = [(322, 4, [tile[0]]), (323, 4, [tile[1]])] if tile else [(278, 4, [rows])]
    entries = [(256, 4, [width]), (257, 4, [height]), (258, 3, [bits] * channels), (259, 3, [code]), (262, 3, [photometric]),
               (277, 3, [channels]), (284, 3, [2 if planar else 1]), (317, 3, [predictor]),
               (324 if tile else 273, long, offsets), (325 if tile else 279, long, [len(p) for p in parts])]
    entries += chunk + list(tags) + ([(338, 3, [extra])] if extra is not None else [])
    entries.sort()
    field = 8 if big else 4
    at = offset + len(body)
    size = (8 + 20 * len(entries) + 8) if big else (2 + 12 * len(entries) + 4)
    directory, values = struct.pack(order + ("Q" if big else "H"), len(entries)), b""
    for tag, kind, numbers in entries:
        data = numbers if kind == 7 else struct.pack(order + {3: "H", 4: "I", 16: "Q"}[kind] * len(numbers), *numbers)
        directory += struct.pack(order + "HH" + word, tag, kind, len(numbers))
        if len(data) <= field:
            directory += data.ljust(field, b"\0")
        else:
            directory += struct.pack(order + word, at + size + len(values))
            values += data + b"\0" * (len(data) % 2)
    directory += struct.pack(order + word, 0)
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "H", 43 if big else 42)
    head += struct.pack(order + "HHQ", 8, 0, at) if big else struct.pack(order + "I", at)
    return head + body + directory + values


def packbits(data):
    return b"".join(bytes([len(data[i : i + 128]) - 1]) + data[i : i + 128] for i in range(0, len(data), 128))


def make_tiff():
    save("rgb-lzw.tif", pillow(RGB, "TIFF", compression="tiff_lzw"), RGB, like="RGB")
    save("gray-16-predictor.tif", tiff(GRAY16, 16, ">", predictor=2), GRAY16, 16)
    save("rgb-16.tif", tiff(RGB16, 16, packed=bytes, code=1), RGB16, 16)
    save("planar.tif", tiff(RGB, planar=True), RGB)
    save("tiles-predictor.tif", tiff(RGBA, order=">", tile=(32, 16), predictor=2, extra=2), RGBA, like="RGBA")
    save("packbits.tif", tiff(GRAY, packed=packbits, code=32773), GRAY, like="L")
    save("white-is-zero.tif", tiff(255 - GRAY, photometric=0), GRAY, like="L")
    save("big.tif", tiff(RGB, big=True), RGB, like="RGB")
    alpha = RGBA[:, :, 3:]
    premultiplied = np.concatenate([(RGBA[:, :, :3] * alpha + 127) // 255, alpha], 2)
    straight = np.where(alpha > 0, (premultiplied * 255 + alpha // 2) // np.maximum(alpha, 1), 0)
    straight[:, :, 3:] = alpha
    save("associated-alpha.tif", tiff(premultiplied, extra=1), straight)
    for name, code in [("fax-4.tif", "group4"), ("one-bit.tif", "packbits")]:
        buffer = io.BytesIO()
        Image.fromarray(BITS.astype("u1").squeeze()).convert("1", dither=0).save(buffer, "TIFF", compression=code)
        save(name, buffer.getvalue(), BITS, like="L")
    profile = (OUT.parent / "cat-p3.jpg").read_bytes()
    profile = Image.open(io.BytesIO(profile)).info["icc_profile"]
    turned = tiff(RGB, tags=[(274, 3, [6]), (34675, 7, profile)])
    save("orientation-6-p3.tif", turned, RGB, like=None)
    buffer = io.BytesIO()
    first, second = (Image.fromarray(p.astype("u1")) for p in (RGB, 255 - RGB))
    first.save(buffer, "TIFF", save_all=True, append_images=[second], compression="tiff_deflate")
    save("two-pages.tif", buffer.getvalue(), RGB, like="RGB")


def bmp(width, height, bits, body, compression=0, palette=b"", masks=None):
    """The header of the first version, or with masks that of the fourth."""
    info = struct.pack("<IiiHHIIiiII", 108 if masks else 40, width, height, 1, bits, compression, len(body), 0, 0, len(palette) // 4, 0)
    if masks:
        info += struct.pack("<4I", *masks) + bytes(52)
    at = 14 + len(info) + len(palette)
    return b"BM" + struct.pack("<IHHI", at + len(body), 0, 0, at) + info + palette + body


def rows(pixels, kind="u1"):
    """Rows from the bottom up, each filled to four bytes."""
    lines = [row.astype(kind).tobytes() for row in pixels[::-1]]
    return b"".join(line + bytes(-len(line) % 4) for line in lines)


BLUE_FIRST = b"".join(bytes([b, g, r, 0]) for r, g, b in PALETTE)


def make_bmp():
    save("rgb.bmp", pillow(RGB, "BMP"), RGB, like="RGB")
    save("palette.bmp", bmp(WIDTH, HEIGHT, 8, rows(GRAY), palette=BLUE_FIRST), MAPPED, like="RGB")
    runs = b"".join(b"".join(bytes([1, v]) for v in row[:, 0]) + b"\0\0" for row in GRAY[::-1]) + b"\0\1"
    save("rle.bmp", bmp(WIDTH, HEIGHT, 8, runs, 1, BLUE_FIRST), MAPPED, like="RGB")
    five = RGB >> 3
    words = five[:, :, 0] << 10 | five[:, :, 1] << 5 | five[:, :, 2]
    save("555.bmp", bmp(WIDTH, HEIGHT, 16, rows(words, "<u2")), (five * 255 + 15) // 31)
    blue_first = RGBA[:, :, [2, 1, 0, 3]]
    masks = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    save("alpha.bmp", bmp(WIDTH, HEIGHT, 32, rows(blue_first), 3, masks=masks), RGBA, like="RGBA")
    blank = blue_first.copy()
    blank[:, :, 3] = 0
    opaque = RGBA.copy()
    opaque[:, :, 3] = 255
    save("alpha-zero.bmp", bmp(WIDTH, HEIGHT, 32, rows(blank), 3, masks=masks), opaque)
    save("top-down.bmp", bmp(WIDTH, -HEIGHT, 32, rows(blank[::-1])), RGBA[:, :, :3], like="RGB")
    bits = np.packbits(BITS[:, :, 0] > 0, 1)
    save("one-bit.bmp", bmp(WIDTH, HEIGHT, 1, rows(bits[:, :, None]), palette=bytes(4) + b"\xff\xff\xff\0"), np.repeat(BITS, 3, 2), like="RGB")


def icon(pictures, kind=1):
    head, body = struct.pack("<HHH", 0, kind, len(pictures)), b""
    for width, height, bits, data in pictures:
        head += struct.pack("<BBBBHHII", width % 256, height % 256, 0, 0, 1, bits, len(data), 6 + 16 * len(pictures) + len(body))
        body += data
    return head + body


def dib(width, height, bits, body, mask, palette=b""):
    info = struct.pack("<IiiHHIIiiII", 40, width, 2 * height, 1, bits, 0, len(body), 0, 0, len(palette) // 4, 0)
    return info + palette + body + mask


def make_ico():
    small = dib(16, 16, 24, rows(RGB[:16, :16, ::-1]), bytes(4 * 16))
    png = pillow(RGBA, "PNG")
    save("png.ico", icon([(16, 16, 24, small), (WIDTH, HEIGHT, 32, png)]), RGBA, like="RGBA")
    visible = BITS[:, :, 0] > 0
    mask = rows(np.packbits(~visible, 1)[:, :, None])
    masked = np.concatenate([MAPPED, np.where(visible, 255, 0)[:, :, None]], 2)
    save("mask.ico", icon([(WIDTH, HEIGHT, 8, dib(WIDTH, HEIGHT, 8, rows(GRAY), mask, BLUE_FIRST))]), masked, like="RGBA")
    blue_first = RGBA[:, :, [2, 1, 0, 3]]
    save("alpha.ico", icon([(WIDTH, HEIGHT, 32, dib(WIDTH, HEIGHT, 32, rows(blue_first), bytes(8 * HEIGHT)))]), RGBA, like="RGBA")
    blank = blue_first.copy()
    blank[:, :, 3] = 0
    shown = np.concatenate([RGBA[:, :, :3], masked[:, :, 3:]], 2)
    save("alpha-zero.ico", icon([(WIDTH, HEIGHT, 32, dib(WIDTH, HEIGHT, 32, rows(blank), mask))]), shown)
    save("pointer.cur", icon([(16, 16, 500, small), (WIDTH, HEIGHT, 3, dib(WIDTH, HEIGHT, 24, rows(RGB[:, :, ::-1]), mask))], 2),
         np.concatenate([RGB, masked[:, :, 3:]], 2))


def tga(kind, pixels, bits, descriptor=0x20, map=b"", map_bits=0):
    head = struct.pack("<BBBHHBHHHHBB", 0, bool(map), kind, 0, len(map) * 8 // map_bits if map else 0, map_bits, 0, 0, WIDTH, HEIGHT, bits, descriptor)
    return head + map + pixels


def make_tga():
    save("rgb.tga", pillow(RGB, "TGA"), RGB, like="RGB")
    save("rle-alpha.tga", pillow(RGBA, "TGA", compression="tga_rle"), RGBA, like="RGBA")
    save("gray.tga", tga(3, GRAY.astype("u1").tobytes(), 8), GRAY, like="L")
    save("bottom-up.tga", tga(2, RGB[::-1, :, ::-1].astype("u1").tobytes(), 24, 0), RGB, like="RGB")
    save("right-to-left.tga", tga(2, RGB[:, ::-1, ::-1].astype("u1").tobytes(), 24, 0x30), RGB)
    colors = b"".join(bytes([b, g, r]) for r, g, b in PALETTE)
    save("palette.tga", tga(1, GRAY.astype("u1").tobytes(), 8, map=colors, map_bits=24), MAPPED, like="RGB")
    five = RGB >> 3
    words = five[:, :, 0] << 10 | five[:, :, 1] << 5 | five[:, :, 2]
    save("555.tga", tga(2, words.astype("<u2").tobytes(), 16, 0x21), (five * 255 + 15) // 31)


def make_pnm():
    text = lambda pixels: b"\n".join(b" ".join(b"%d" % v for v in row.reshape(-1)) for row in pixels)
    size = b"# a comment\n%d %d\n" % (WIDTH, HEIGHT)
    exact = lambda pixels, top, full: (pixels * full + top // 2) // top
    save("p1.pbm", b"P1\n" + size + text((BITS == 0).astype(int)), BITS, like="L")
    save("p2.pgm", b"P2\n" + size + b"255\n" + text(GRAY), GRAY, like="L")
    save("p3.ppm", b"P3\n" + size + b"100\n" + text(samples(3, 100)), exact(samples(3, 100), 100, 255))
    save("p4.pbm", b"P4\n" + size + np.packbits(BITS[:, :, 0] == 0, 1).tobytes(), BITS, like="L")
    save("p5.pgm", b"P5\n" + size + b"1023\n" + samples(1, 1023).astype(">u2").tobytes(), exact(samples(1, 1023), 1023, 65535), 16)
    save("p6.ppm", pillow(RGB, "PPM"), RGB, like="RGB")
    pam = lambda depth, top, kind: b"P7\nWIDTH %d\nHEIGHT %d\nDEPTH %d\nMAXVAL %d\nTUPLTYPE %s\nENDHDR\n" % (WIDTH, HEIGHT, depth, top, kind)
    save("rgba.pam", pam(4, 255, b"RGB_ALPHA") + RGBA.astype("u1").tobytes(), RGBA)
    bits = (samples(2, 255) > 127).astype(int)
    save("bits.pam", pam(2, 1, b"BLACKANDWHITE_ALPHA") + bits.astype("u1").tobytes(), bits * 255)


def qoi(pixels):
    """Runs, and whole pixels."""
    channels = pixels.shape[2]
    out = b"qoif" + struct.pack(">IIBB", WIDTH, HEIGHT, channels, 0)
    last, run = (0, 0, 0, 255), 0
    for pixel in pixels.reshape(-1, channels).tolist():
        pixel = tuple(pixel) + (255,) * (4 - channels)
        if pixel == last and run < 62:
            run += 1
            continue
        out += bytes([0xBF + run]) if run else b""
        run = 1 if pixel == last else 0
        if not run:
            out += bytes([0xFE, *pixel[:3]]) if pixel[3] == last[3] else bytes([0xFF, *pixel])
        last = pixel
    return out + (bytes([0xBF + run]) if run else b"") + bytes(7) + b"\1"


def make_qoi():
    save("rgb.qoi", qoi(RGB), RGB, like="RGB")
    save("alpha.qoi", qoi(RGBA), RGBA, like="RGBA")


make_tiff(), make_bmp(), make_ico(), make_tga(), make_pnm(), make_qoi()
(OUT / "pixels.txt").write_text("".join(f"{name} {' '.join(map(str, facts))}\n" for name, facts in sorted(PIXELS.items())))
