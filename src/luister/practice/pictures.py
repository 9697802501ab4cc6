"""Pictures that go along with posts; without Django."""

from dataclasses import dataclass

MOST_PICTURES = 4  # of one post
MAX_PICTURE_BYTES = 5 * 1024 * 1024
NAME_LENGTH = 120


@dataclass(frozen=True, slots=True)
class NewPicture:
    """A picture of a post that waits to be stored."""

    name: str
    content: bytes

    @property
    def content_type(self) -> str:
        """What the content says it is, whatever its name; "" for what is no picture that is taken here."""
        if self.content.startswith(b"\x89PNG\r\n\x1a\n"):
            return "image/png"
        if self.content.startswith(b"\xff\xd8\xff"):
            return "image/jpeg"
        if self.content.startswith((b"GIF87a", b"GIF89a")):
            return "image/gif"
        is_webp = self.content[:4] == b"RIFF" and self.content[8:12] == b"WEBP"
        return "image/webp" if is_webp else ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a post as it is told of."""

    id: str
    name: str
    content_type: str


def shown_name(name: str) -> str:
    """Return a file name that can be shown and stored: no invisible characters, and not endless."""
    printable = "".join(letter for letter in name if letter.isprintable()).strip()
    return printable[:NAME_LENGTH] or "picture"
