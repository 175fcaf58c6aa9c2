#!/usr/bin/env python3
"""Makes tests/fixtures/platform: AVIFs. Run by a developer, not by the tests: the files are committed.

Needs PyPI's `pillow` 12 with AVIF (libavif). The pictures are parts of tests/fixtures/cat*.png.
"""

from pathlib import Path

from PIL import Image

HERE = Path(__file__).parent.parent / "tests/fixtures/platform"


def save(name, image, orientation=1):
    image.info.clear()
    exif = Image.Exif()
    exif[0x0112] = orientation
    # libavif writes the orientation as irot
    image.save(HERE / f"{name}.avif", quality=90, subsampling="4:4:4", **({"exif": exif} if orientation > 1 else {}))


HERE.mkdir(exist_ok=True)
cat = Image.open(HERE / "../cat.png").convert("RGB").crop((40, 20, 109, 63))
save("cat", cat)
save("turned", cat, 6)
save("cat-alpha", Image.open(HERE / "../cat-alpha.png").convert("RGBA").crop((40, 20, 104, 68)))
