"""A photo as it may be kept: decoded, turned upright, encoded anew, so that nothing rides along.

Cameras write where and when a picture was taken, on which telephone, and a small copy of it, into
EXIF, XMP and IPTC; what is encoded anew from pixels alone has none of it.
"""

import io
from dataclasses import dataclass

from PIL import Image, ImageOps

from app.photo_errors import BadPhoto, PhotoTooLarge

MAX_BYTES = 12 << 20
MAX_PIXELS = 50_000_000
MAX_SIDE = 2048
"""Photos are for paper and screens: the longer side is cut down to this."""
_MEDIA = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_ACCEPTED = f"JPEG | PNG | WebP, <= {MAX_PIXELS // 10**6} MP"
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture without metadata."""

    body: bytes
    media_type: str
    width: int
    height: int


def clean(raw: bytes) -> Picture:
    """Encode a photo anew, in its own format and at most ``MAX_SIDE`` pixels long.

    Its size is read from the header before a pixel is decoded, so that a small file that unpacks to
    gigabytes is refused unopened.

    Raises
    ------
    PhotoTooLarge
        When it has more than ``MAX_BYTES``.
    BadPhoto
        When it is no JPEG, PNG or WebP, is damaged or animated, or has more than ``MAX_PIXELS``.
    """
    if len(raw) > MAX_BYTES:
        raise PhotoTooLarge(limit_mb=MAX_BYTES >> 20)
    try:
        with Image.open(io.BytesIO(raw), formats=tuple(_MEDIA)) as opened:
            _require_fine(opened)
            # Some telephones append a second picture to a JPEG: the first is the photo.
            kind = opened.format if opened.format in _MEDIA else "JPEG"
            pixels = _opaque(ImageOps.exif_transpose(opened))
    except (OSError, SyntaxError, ValueError, *_BOMBS) as error:
        if isinstance(error, BadPhoto):
            raise
        raise BadPhoto(reason=type(error).__name__, accepted=_ACCEPTED) from error
    pixels.thumbnail((MAX_SIDE, MAX_SIDE))
    fresh = Image.frombytes(pixels.mode, pixels.size, pixels.tobytes())
    written = io.BytesIO()
    fresh.save(written, kind, **({"quality": 85} if kind != "PNG" else {"optimize": True}))
    return Picture(
        body=written.getvalue(), media_type=_MEDIA[kind], width=fresh.width, height=fresh.height
    )


def _require_fine(opened: Image.Image) -> None:
    width, height = opened.size
    if width * height > MAX_PIXELS:
        raise BadPhoto(reason=f"{width} x {height}", accepted=_ACCEPTED)
    if opened.format in {"PNG", "WEBP"} and getattr(opened, "n_frames", 1) != 1:
        raise BadPhoto(reason="animated", accepted=_ACCEPTED)


def _opaque(picture: Image.Image) -> Image.Image:
    """Lay what is transparent on white."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    white = Image.new("RGB", layer.size, "white")
    white.paste(layer, mask=layer.getchannel("A"))
    return white


def for_word(body: bytes, media_type: str) -> bytes:
    """Give a picture that was kept in a format that Word reads."""
    if media_type != "image/webp":
        return body
    written = io.BytesIO()
    with Image.open(io.BytesIO(body)) as opened:
        opened.convert("RGB").save(written, "JPEG", quality=85)
    return written.getvalue()
