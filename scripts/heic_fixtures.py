#!/usr/bin/env python3
"""Makes tests/fixtures/heic. Run by a developer, not by the tests: the files are committed.

    python3 scripts/heic_fixtures.py            makes the files
    python3 scripts/heic_fixtures.py compare    prints how far libheif's own RGB is from ours

Needs Debian's `libheif-examples` (heif-enc 1.15.1 with x265 3.5) and PyPI's `numpy`, `pillow` and `pillow-heif` 1.8.1 (libheif 1.23.6). The coded pictures are heif-enc's; grids, turns, mirrors
and cuts are written here, because heif-enc does not write them. The pictures are parts of tests/fixtures/cat*.png.

`pixels.txt` has, for each file, its stored size, orientation, channels, bits, and the SHA-256 of its samples (16 bits in big-endian order): what the
formulas of docs/FORMATS.md make of the planes that libheif decodes.
"""

import base64
import ctypes
import hashlib
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image

HERE = Path(__file__).parent.parent / "tests/fixtures/heic"


def box(kind, *content):
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def full(kind, version, flags, *content):
    return box(kind, struct.pack(">I", version << 24 | flags), *content)


def boxes(data):
    at = 0
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        yield kind, data[at + 8:at + size]
        at += size


def find(data, *path):
    for kind in path:
        data = next(content for found, content in boxes(data) if found == kind)
        if kind == b"meta":
            data = data[4:]
    return data


class Coded:
    """A coded picture of heif-enc: its configuration and its bytes."""

    def __init__(self, image, *options, item=0, file=None):
        self.file = file or self.encode(image, options)
        configs = [c for kind, c in boxes(find(self.file, b"meta", b"iprp", b"ipco")) if kind == b"hvcC"]
        self.config = configs[item]
        sizes = [c for kind, c in boxes(find(self.file, b"meta", b"iprp", b"ipco")) if kind == b"ispe"]
        self.size = struct.unpack_from(">II", sizes[0], 4)
        iloc = find(self.file, b"meta", b"iloc")
        # version 0 with numbers of 4 bytes each, one extent each; or version 1 with the method
        version, sizes = iloc[0], iloc[4]
        base = iloc[5] >> 4
        at, items = 8, []
        for _ in range(struct.unpack_from(">H", iloc, 6)[0]):
            at += 2 + (2 if version else 0) + 2
            offset = int.from_bytes(iloc[at:at + base], "big")
            at += base
            assert iloc[at:at + 2] == b"\0\1"
            at += 2
            offset += int.from_bytes(iloc[at:at + (sizes >> 4)], "big")
            at += sizes >> 4
            length = int.from_bytes(iloc[at:at + (sizes & 15)], "big")
            at += sizes & 15
            items.append(self.file[offset:offset + length])
        self.data = items[item]

    @staticmethod
    def encode(image, options):
        with tempfile.TemporaryDirectory() as folder:
            png, heic = f"{folder}/a.png", f"{folder}/a.heic"
            image.save(png) if isinstance(image, Image.Image) else Path(png).write_bytes(image)
            subprocess.run(["heif-enc", png, "-o", heic, *options], check=True, capture_output=True)
            return Path(heic).read_bytes()


def ispe(width, height):
    return full(b"ispe", 0, 0, struct.pack(">II", width, height))


def irot(quarters):
    return box(b"irot", bytes([quarters]))


def imir(axis):
    return box(b"imir", bytes([axis]))


def clap(*fractions):
    return box(b"clap", struct.pack(">IIIIiIiI", *fractions))


def nclx(primaries, transfer, matrix, full_range):
    return box(b"colr", b"nclx", struct.pack(">HHHB", primaries, transfer, matrix, full_range << 7))


def icc(profile):
    return box(b"colr", b"prof", profile)


ALPHA = full(b"auxC", 0, 0, b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0")


def heic(items, references=(), brand=b"heic"):
    """items: (kind, bytes, properties); the first is the primary one. Numbers begin at 1. references: (kind, from, [to])."""
    properties, ipma, infe = [], b"", b""
    for number, (kind, _, own) in enumerate(items, 1):
        infe += full(b"infe", 2, 0 if number == 1 else 1, struct.pack(">HH4s", number, 0, kind), b"\0")
        ipma += struct.pack(">HB", number, len(own))
        for one in own:
            if one not in properties:
                properties.append(one)
            essential = one[4:8] in (b"hvcC", b"irot", b"imir", b"clap")
            ipma += bytes([properties.index(one) + 1 | essential << 7])
    iref = b"".join(box(kind, struct.pack(f">HH{len(to)}H", source, len(to), *to)) for kind, source, to in references)

    def meta(start):
        iloc, at = b"", start
        for number, (_, data, _) in enumerate(items, 1):
            iloc += struct.pack(">HHHII", number, 0, 1, at, len(data))
            at += len(data)
        return full(
            b"meta", 0, 0,
            full(b"hdlr", 0, 0, struct.pack(">I4s12x", 0, b"pict"), b"\0"),
            full(b"pitm", 0, 0, struct.pack(">H", 1)),
            full(b"iinf", 0, 0, struct.pack(">H", len(items)), infe),
            full(b"iloc", 0, 0, b"\x44\0", struct.pack(">H", len(items)), iloc),
            *([full(b"iref", 0, 0, iref)] if references else []),
            box(b"iprp", box(b"ipco", *properties), full(b"ipma", 0, 0, struct.pack(">I", len(items)), ipma)),
        )

    ftyp = box(b"ftyp", brand, b"\0\0\0\0", b"mif1", brand)
    head = len(ftyp) + len(meta(0)) + 8
    return ftyp + meta(head) + box(b"mdat", *[data for _, data, _ in items])


def config(coded):
    return box(b"hvcC", coded.config)


def cut(coded, x, y, width, height):
    """Shows this part of a picture."""
    (w, h) = coded.size
    return clap(width, 1, height, 1, 2 * x - (w - width), 2, 2 * y - (h - height), 2)


def single(coded, size, *properties):
    """The first pixels of a coded picture, which is larger where an encoder filled it up."""
    shown = [] if size == coded.size else [cut(coded, 0, 0, *size)]
    return heic([(b"hvc1", coded.data, [config(coded), ispe(*coded.size), *shown, *properties])])


def identity(coded, size, *properties):
    """The first pixels of a coded picture, shown by a picture that is derived from it (`iden`), with these properties."""
    picture = (b"hvc1", coded.data, [config(coded), ispe(*coded.size), cut(coded, 0, 0, *size)])
    return heic([(b"iden", b"", [ispe(*size), *properties]), picture], [(b"dimg", 1, [2])])


def grid(image, tile, options, *properties, alpha=None):
    """A grid of the picture's tiles; the last ones are filled up with gray."""
    (width, height), (tw, th) = image.size, tile
    columns, rows = -(-width // tw), -(-height // th)

    def tiles(image, gray, *options):
        result = []
        for row in range(rows):
            for column in range(columns):
                part = Image.new(image.mode, tile, gray)
                part.paste(image.crop((column * tw, row * th, min(width, column * tw + tw), min(height, row * th + th))))
                coded = Coded(part, *options)
                assert coded.size == tile, coded.size
                result.append((b"hvc1", coded.data, [config(coded), ispe(tw, th)]))
        return result

    shape = struct.pack(">BBBBHH", 0, 0, rows - 1, columns - 1, width, height)
    items = [(b"grid", shape, [ispe(width, height), *properties])]
    items += tiles(image, "gray", *options)
    references = [(b"dimg", 1, list(range(2, len(items) + 1)))]
    if alpha:
        number = len(items) + 1
        items.append((b"grid", shape, [ispe(width, height), ALPHA]))
        items += tiles(alpha, 128, "-q", "60", "--full_range_flag=1")
        references.append((b"dimg", number, list(range(number + 1, len(items) + 1))))
        references.append((b"auxl", number, [1]))
    return heic(items, references)


def main():
    cat = Image.open(HERE / "../cat.png").convert("RGB")
    profile = Image.open(HERE / "../cat-p3.png").info["icc_profile"]
    small = cat.crop((40, 20, 104, 68))
    odd = cat.crop((40, 20, 109, 63))
    deep = (HERE / "../cat-16-bit.png").read_bytes()
    alpha_cat = Image.open(HERE / "../cat-alpha.png")
    seen = alpha_cat.crop((40, 20, 104, 68))
    wide = alpha_cat.crop((40, 20, 160, 110))
    q = ("-q", "50")
    coded = Coded(small, *q)
    size = small.size
    files = {
        "single": single(coded, size),
        "uncut": single(coded, coded.size),
        "odd-sides": single(Coded(odd, *q), odd.size),
        "irot-1": single(coded, size, irot(1)),
        "irot-2": single(coded, size, irot(2)),
        "irot-3": single(coded, size, irot(3)),
        "iden-irot-1": identity(coded, size, irot(1)),
        "imir-0": single(coded, size, imir(0)),
        "imir-1": single(coded, size, imir(1)),
        "irot-1-imir-0": single(coded, size, irot(1), imir(0)),
        "imir-0-irot-1": single(coded, size, imir(0), irot(1)),
        "irot-3-imir-1": single(coded, size, irot(3), imir(1)),
        "clap": single(coded, coded.size, cut(coded, 14, 14, 31, 21)),
        "clap-irot-1": single(coded, coded.size, cut(coded, 19, 12, 32, 20), irot(1)),
        "grid": grid(cat.crop((20, 10, 170, 111)), (64, 64), q),
        "grid-irot-3": grid(cat.crop((20, 10, 170, 111)), (64, 64), q, irot(3)),
        "grid-alpha": grid(wide.convert("RGB"), (64, 64), q, alpha=wide.getchannel("A")),
        "422": single(Coded(odd, *q, "-p", "chroma=422"), odd.size),
        "444": single(Coded(odd, *q, "-p", "chroma=444"), odd.size),
        "gray": single(Coded(odd.convert("L"), *q), odd.size),
        "ten-bits": single(Coded(deep, *q, "-b", "10"), (160, 107)),
        "ten-bits-444": single(Coded(deep, *q, "-b", "10", "-p", "chroma=444"), (160, 107)),
        "twelve-bits": single(Coded(deep, *q, "-b", "12"), (160, 107)),
        "p3": single(coded, size, icc(profile), nclx(12, 13, 6, 1)),
        "p3-by-code": single(coded, size, nclx(12, 13, 6, 1)),
        "limited-601": single(coded, size, nclx(1, 13, 6, 0)),
        "limited-709": single(coded, size, nclx(1, 13, 1, 0)),
        "full-709": single(coded, size, nclx(1, 13, 1, 1)),
        "full-2020": single(coded, size, nclx(9, 13, 9, 1)),
        "identity": single(Coded(odd, "-L", "-p", "chroma=444", "--matrix_coefficients=0"), odd.size, nclx(1, 13, 0, 1)),
        "pq": single(Coded(deep, *q, "-b", "10"), (160, 107), nclx(9, 16, 9, 1)),
        "no-brand": heic([(b"hvc1", coded.data, [config(coded), ispe(*coded.size), cut(coded, 0, 0, *size)])], brand=b"mif1"),
    }
    alpha = Coded(seen.getchannel("A"), "-q", "60")
    color = Coded(seen.convert("RGB"), *q)
    opacity = (b"hvc1", alpha.data, [config(alpha), ispe(*alpha.size), ALPHA, cut(alpha, 0, 0, *size)])
    picture = (b"hvc1", color.data, [config(color), ispe(*color.size), cut(color, 0, 0, *size)])
    files["alpha"] = heic([picture, opacity], [(b"auxl", 2, [1])])
    files["alpha-premultiplied"] = heic([picture, opacity], [(b"auxl", 2, [1]), (b"prem", 1, [2])])
    for name, data in files.items():
        (HERE / f"{name}.heic").write_bytes(data)
    # as heif-enc writes them
    (HERE / "as-written.heic").write_bytes(Coded(seen, *q, "-t", "32").file)
    (HERE / "as-written-two-profiles.heic").write_bytes(
        Coded(HERE.joinpath("../cat-p3.png").read_bytes(), *q, "--enable-two-colr-boxes", "-p", "x265:ctu=16").file)


class HeifError(ctypes.Structure):
    _fields_ = [("code", ctypes.c_int), ("subcode", ctypes.c_int), ("message", ctypes.c_char_p)]


def planes(name):
    """The planes of a file of this folder."""
    return planes_of(HERE / f"{name}.heic", identity=name == "identity")


def planes_of(path, identity=False, turned=True, as_coded=False):
    """A file's planes by libheif: Y, Cb, Cr and A, each as an array, and its bits. Not `turned`: as they are coded, uncut too.

    `as_coded`: libheif is asked for no kind of planes."""
    file = Path(path).read_bytes()
    chroma = file[file.index(b"hvcC") + 4 + 16] & 3
    # 0: as they are; 1: of an identity matrix, whose planes are colours; 2: gray
    space = (1 if identity else 0) if chroma else 2
    if as_coded:
        space = chroma = 99
    heif = ctypes.CDLL(next(Path(pillow_heif.__file__).parents[1].glob("pillow_heif.libs/libheif*")))
    for function in ("context_read_from_file", "context_get_primary_image_handle", "decode_image"):
        getattr(heif, f"heif_{function}").restype = HeifError
    heif.heif_context_alloc.restype = ctypes.c_void_p
    heif.heif_image_get_plane_readonly.restype = ctypes.c_void_p
    heif.heif_decoding_options_alloc.restype = ctypes.c_void_p
    options = ctypes.c_void_p(heif.heif_decoding_options_alloc())
    # the second member: ignore_transformations
    ctypes.c_uint8.from_address(options.value + 1).value = not turned
    context, handle, image = ctypes.c_void_p(heif.heif_context_alloc()), ctypes.c_void_p(), ctypes.c_void_p()
    for error in (
        heif.heif_context_read_from_file(context, str(path).encode(), None),
        heif.heif_context_get_primary_image_handle(context, ctypes.byref(handle)),
        heif.heif_decode_image(handle, ctypes.byref(image), space, chroma, options),
    ):
        assert error.code == 0, (path, error.message)
    result = {}
    for plane, channel in (("Y", 0), ("Cb", 1), ("Cr", 2), ("Cr", 3), ("Y", 4), ("Cb", 5), ("A", 6)):
        stride = ctypes.c_int()
        start = heif.heif_image_get_plane_readonly(image, channel, ctypes.byref(stride))
        if not start:
            continue
        width, height = (getattr(heif, f"heif_image_get_{side}")(image, channel) for side in ("width", "height"))
        bits = heif.heif_image_get_bits_per_pixel_range(image, channel)
        data = np.frombuffer((ctypes.c_uint8 * (stride.value * height)).from_address(start), np.uint8)
        data = data.reshape(height, stride.value)
        data = data.copy().view("<u2") if bits > 8 else data.copy()
        result[plane] = (data[:, :width].astype(np.int64), bits)
    heif.heif_image_release(image)
    heif.heif_image_handle_release(handle)
    heif.heif_context_free(context)
    heif.heif_decoding_options_free(options)
    return result


def denser(plane, ratio, axis, start, size):
    """Four times a plane that is as dense as luma along an axis: luma's samples from `start` on, of which nothing beyond counts."""
    plane = np.moveaxis(plane, axis, 0)
    place = np.arange(start, start + size)
    own = place // ratio
    other = own if ratio == 1 else np.clip(np.where(place % 2 == 0, own - 1, own + 1), own[0], own[-1])
    return np.moveaxis(3 * plane[own] + plane[other], 0, axis)


WEIGHTS = {1: (0.2126, 0.0722), 6: (0.299, 0.114), 9: (0.2627, 0.0593)}


def pixels(found, matrix, full_range, shown):
    """The samples of a file, as docs/FORMATS.md has it; `shown`: x, y, width and height of what is shown of its planes."""
    luma, bits = found["Y"]
    down, across = (round(luma.shape[axis] / found["Cb"][0].shape[axis]) if "Cb" in found else 1 for axis in (0, 1))
    x, y, width, height = shown or (0, 0, luma.shape[1], luma.shape[0])

    def part(plane):
        return plane[y:y + height, x:x + width]

    luma = part(luma)
    step, most = 1 << bits - 8, 255 if bits == 8 else 65535
    black, span, chroma_span = (0, (256 << bits - 8) - 1, (256 << bits - 8) - 1) if full_range else (16 * step, 219 * step, 224 * step)

    def factor(value):
        return int(value * (1 << 14) + 0.5)

    def finish(total):
        return np.clip((total + (16 << 13)) >> 18, 0, most)

    luma = (luma - black) * factor(most / span) * 16
    if "Cb" not in found:
        result = [finish(luma)]
    elif matrix == 0:
        blue, red = ((part(found[plane][0]) - black) * factor(most / span) * 16 for plane in ("Cb", "Cr"))
        result = [finish(red), finish(luma), finish(blue)]
    else:
        blue, red = (
            denser(denser(found[plane][0], down, 0, y, height), across, 1, x, width) - 128 * step * 16 for plane in ("Cb", "Cr"))
        of_red, of_blue = WEIGHTS[matrix]
        of_green, scale = 1.0 - of_red - of_blue, most / chroma_span
        r, b = scale * (2.0 * (1.0 - of_red)), scale * (2.0 * (1.0 - of_blue))
        green = luma - factor(b * of_blue / of_green) * blue - factor(r * of_red / of_green) * red
        result = [finish(luma + factor(r) * red), finish(green), finish(luma + factor(b) * blue)]
    if "A" in found:
        alpha, alpha_bits = part(found["A"][0]), found["A"][1]
        largest = (1 << alpha_bits) - 1
        result.append((alpha * most + largest // 2) // largest)
    return np.stack(result, axis=2), bits


def write_pixels():
    orientations = {"iden-irot-1": 8, "irot-1": 8, "irot-2": 3, "irot-3": 6, "imir-0": 4, "imir-1": 2, "irot-1-imir-0": 5, "irot-3-imir-1": 5, "imir-0-irot-1": 7}
    # name: whose planes it has, matrix, full range, orientation, what is shown
    table = {name: (name, 6, 1, 1, None) for name in ("odd-sides", "422", "444", "gray")}
    table |= {name: (name, 6, 1, 1, None) for name in ("ten-bits", "ten-bits-444", "twelve-bits")}
    table |= {name: (name, 6, 1, 1, None) for name in ("single", "uncut", "alpha")}
    table |= {name: (name, 6, 1, 1, None) for name in ("grid", "grid-alpha", "as-written", "as-written-two-profiles")}
    table |= {name: ("single", 6, 1, 1, None) for name in ("p3", "p3-by-code", "no-brand")}
    table |= {name: ("single", 6, 1, value, None) for name, value in orientations.items()}
    table |= {
        "grid-irot-3": ("grid", 6, 1, 6, None),
        "clap": ("uncut", 6, 1, 1, (14, 14, 31, 21)),
        "clap-irot-1": ("uncut", 6, 1, 8, (19, 12, 32, 20)),
        "limited-601": ("single", 6, 0, 1, None),
        "limited-709": ("single", 1, 0, 1, None),
        "full-709": ("single", 1, 1, 1, None),
        "full-2020": ("single", 9, 1, 1, None),
        "identity": ("identity", 0, 1, 1, None),
        "pq": ("ten-bits", 9, 1, 1, None),
    }
    lines = []
    for name, (source, matrix, full_range, orientation, shown) in sorted(table.items()):
        samples, bits = pixels(planes(source), matrix, full_range, shown)
        height, width, channels = samples.shape
        stored = samples.astype(np.uint8 if bits == 8 else ">u2")
        digest = hashlib.sha256(stored.tobytes()).digest()
        text = f"sha-256=:{base64.b64encode(digest).decode()}:"
        lines.append(f"{name} {width} {height} {orientation} {channels} {8 if bits == 8 else 16} {text}")
    (HERE / "pixels.txt").write_text("\n".join(lines) + "\n")


def compare():
    """Prints how far libheif's own RGB is from ours: the most of red, green and blue, and of luma."""
    for name in ("single", "odd-sides", "grid", "422", "444", "gray", "as-written-two-profiles"):
        ours = pixels(planes(name), 6, 1, None)[0]
        theirs = np.asarray(pillow_heif.open_heif(HERE / f"{name}.heic")).astype(np.int64)
        off = ours - theirs.reshape(*theirs.shape[:2], -1)
        weights = np.array([0.299, 0.587, 0.114]) if off.shape[2] == 3 else np.array([1.0])
        print(f"{name:24} {np.abs(off).max():3} {np.abs(off @ weights).max():.1f}")


if __name__ == "__main__":
    if sys.argv[1:] == ["compare"]:
        compare()
    else:
        main()
        write_pixels()
