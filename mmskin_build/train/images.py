"""The one image transform, for training and for evaluation alike: pad to a square, then CLIP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mmskin_build.train.image_bank import ImageBank

if TYPE_CHECKING:
    from PIL import Image


def pad_to_square(image: Image.Image, colour: tuple[int, int, int]) -> Image.Image:
    """Return the picture centred on a square of ``colour``, nothing cut off."""
    from PIL import Image

    side = max(image.size)
    if image.size == (side, side):
        return image
    square = Image.new("RGB", (side, side), colour)
    square.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    return square


class ImageTransform:
    """Prepare pictures for a vision tower.

    Args:
        processor: the tower's image processor (mean, deviation, size).
        bank: where pictures are opened.
        cached_mb: MiB of prepared pictures kept in memory.
    """

    def __init__(self, processor: Any, bank: ImageBank, cached_mb: int = 0) -> None:
        """Take the padding colour from the processor's mean, as LLaVA does."""
        self._processor = processor
        self._bank = bank
        red, green, blue = (int(m * 255) for m in processor.image_mean)
        self._colour = (red, green, blue)
        self._room = cached_mb * 2**20
        self._cache: dict[str, Any] = {}

    def __call__(self, digest: str) -> Any:
        """Return the picture as a tensor of 3 x side x side."""
        if digest in self._cache:
            return self._cache[digest]
        pixels = self.pixels(self._bank.open(digest))
        size = pixels.element_size() * pixels.nelement()
        if size <= self._room:
            self._room -= size
            self._cache[digest] = pixels
        return pixels

    def pixels(self, image: Image.Image) -> Any:
        """Return an opened picture as a tensor of 3 x side x side."""
        square = pad_to_square(image, self._colour)
        return self._processor(images=square, return_tensors="pt")["pixel_values"][0]
