"""Letters five rows high, for a screen that is read from four metres."""

from __future__ import annotations

# each row is a number whose bits are the pixels, three wide, the left one highest
_GLYPHS = {
    "0": "75557", "1": "26227", "2": "71747", "3": "71717", "4": "55711", "5": "74717", "6": "74757", "7": "71222",
    "8": "75757", "9": "75717", "A": "25755", "B": "65656", "C": "34443", "D": "65556", "E": "74647", "F": "74644",
    "G": "34553", "H": "55755", "I": "72227", "J": "11152", "K": "55655", "L": "44447", "M": "57755", "N": "65555",
    "O": "25552", "P": "65644", "Q": "25563", "R": "65655", "S": "34216", "T": "72222", "U": "55557", "V": "55552",
    "W": "55775", "X": "55255", "Y": "55222", "Z": "71247", "?": "71202", "+": "02720", "%": "51245", ".": "00002",
    "-": "00700", "~": "03600", ",": "00024", "/": "11244",
}  # fmt: skip
ROWS = 5
_WIDTH = 3


def big(text: str, width: int, tall: int = 1) -> tuple[str, ...]:
    """The text in block letters, in pixels as wide as fit; the text itself where not even narrow ones do.

    `tall` is the rows of a pixel; two cells beside each other are about as wide as one is high.
    """
    glyphs = [_GLYPHS.get(char) for char in text.upper()]
    cells = len(glyphs) * (_WIDTH + 1) - 1
    if cells < 1 or cells > width:
        return (text,)
    scale = max(1, min(2 * tall + 1, width // cells))
    rows = (" ".join(_row(glyph, row, scale) for glyph in glyphs) for row in range(ROWS))
    return tuple(row for row in rows for _ in range(tall))


def _row(glyph: str | None, row: int, scale: int) -> str:
    bits = int(glyph[row]) if glyph else 0
    return "".join(("█" if bits >> (_WIDTH - 1 - at) & 1 else " ") * scale for at in range(_WIDTH))


def big_words(text: str, width: int, pixel: int = 1) -> tuple[str, ...]:
    """The text in letters with pixels at least this wide, over as many lines as its words need."""
    lines: list[str] = []
    for word in text.split():
        together = f"{lines[-1]} {word}" if lines else word
        # every letter is followed by a gap of one cell
        if lines and len(together) * (_WIDTH * pixel + 1) - 1 <= width:
            lines[-1] = together
        else:
            lines.append(word)
    drawn = [big(line, width) for line in lines]
    return tuple(row for at, rows in enumerate(drawn) for row in (("", *rows) if at else rows))
