"""Writes src/domain/charts/letters.ts: outlines of DejaVu Sans for text in charts. pip install fonttools; letters.py DejaVuSans.ttf"""

import sys

from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont

EM = 1000
CHARACTERS = [*range(0x20, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x180), *map(ord, "–—‘’‚“”„…†•‹›€™")]

font = TTFont(sys.argv[1])
cmap, glyphs = font.getBestCmap(), font.getGlyphSet()
scale = EM / font["head"].unitsPerEm


def number(value):
    return f" {value}" if value >= 0 else str(value)


def outline(name):
    pen = DecomposingRecordingPen(glyphs)
    glyphs[name].draw(pen)
    here, parts = (0, 0), []

    def step(*points):
        nonlocal here
        whole = [(round(x * scale), round(-y * scale)) for x, y in points]
        text = "".join(number(x - here[0]) + number(y - here[1]) for x, y in whole)
        here = whole[-1]
        return text.removeprefix(" ")

    for command, points in pen.value:
        if command == "moveTo":
            begin = points[0]
            parts.append("m" + step(begin))
        elif command == "lineTo":
            parts.append("l" + step(points[0]))
        elif command == "qCurveTo":
            *controls, end = points
            for at, control in enumerate(controls):
                following = controls[at + 1] if at + 1 < len(controls) else None
                to = end if following is None else tuple((a + b) / 2 for a, b in zip(control, following))
                parts.append("q" + step(control, to))
        elif command in ("closePath", "endPath"):
            parts.append("z")
            # After a `z` SVG goes on from the beginning of the contour.
            here = (round(begin[0] * scale), round(-begin[1] * scale))
    return "".join(parts)


LICENSE = """\
 * Outlines of DejaVu Sans: code point, advance, then a path of relative lines and quadratic curves, y down, 1000 to an
 * em. Made by tools/letters.py. Copyright (c) 2003 by Bitstream, Inc. All Rights Reserved. Bitstream Vera is a trademark
 * of Bitstream, Inc. DejaVu changes are in public domain.
 *
 * Permission is hereby granted, free of charge, to any person obtaining a copy of the fonts accompanying this license
 * ("Fonts") and associated documentation files (the "Font Software"), to reproduce and distribute the Font Software,
 * including without limitation the rights to use, copy, merge, publish, distribute, and/or sell copies of the Font
 * Software, and to permit persons to whom the Font Software is furnished to do so, subject to the following conditions:
 *
 * The above copyright and trademark notices and this permission notice shall be included in all copies of one or more of
 * the Font Software typefaces.
 *
 * The Font Software may be modified, altered, or added to, and in particular the designs of glyphs or characters in the
 * Fonts may be modified and additional glyphs or characters may be added to the Fonts, only if the fonts are renamed to
 * names not containing either the words "Bitstream" or the word "Vera".
 *
 * This License becomes null and void to the extent applicable to Fonts or Font Software that has been modified and is
 * distributed under the "Bitstream Vera" names.
 *
 * The Font Software may be sold as part of a larger software package but no copy of one or more of the Font Software
 * typefaces may be sold by itself.
 *
 * THE FONT SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO ANY
 * WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT OF COPYRIGHT, PATENT, TRADEMARK, OR
 * OTHER RIGHT. IN NO EVENT SHALL BITSTREAM OR THE GNOME FOUNDATION BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY,
 * INCLUDING ANY GENERAL, SPECIAL, INDIRECT, INCIDENTAL, OR CONSEQUENTIAL DAMAGES, WHETHER IN AN ACTION OF CONTRACT, TORT OR
 * OTHERWISE, ARISING FROM, OUT OF THE USE OR INABILITY TO USE THE FONT SOFTWARE OR FROM OTHER DEALINGS IN THE FONT SOFTWARE.
 *
 * Except as contained in this notice, the names of Gnome, the Gnome Foundation, and Bitstream Inc., shall not be used in
 * advertising or otherwise to promote the sale, use or other dealings in this Font Software without prior written
 * authorization from the Gnome Foundation or Bitstream Inc., respectively. For further information, contact: fonts at
 * gnome dot org."""

with open("src/domain/charts/letters.ts", "w", encoding="utf-8") as file:
    print(f"/**\n{LICENSE}\n */", file=file)
    print("export const letters: readonly string[] = [", file=file)
    for code in CHARACTERS:
        name = cmap[code]
        advance = round(font["hmtx"][name][0] * scale)
        print(f"  '{code} {advance} {outline(name)}',", file=file)
    print("];", file=file)
