import { escaped, type Html, html, joinedHtml } from '../quoting/html.ts';
import type { Area, Drawing, PathStep, Words } from './drawing.ts';
import { charactersOf, EM, letterform, letterKey } from './letterforms.ts';

/**
 * A drawing as SVG, alone or within HTML. Letters are outlines, so that it looks the same where there are no fonts; nothing
 * in it is loaded from anywhere, or runs.
 *
 * @param name plain word for the ids within: another one for each drawing of a page
 */
export function svgOf(drawing: Drawing, name = 'letter'): Html {
  const { width, height, background, title, shapes } = drawing;
  const used = new Map<string, string>();
  for (const shape of shapes) {
    if (!('words' in shape)) continue;
    for (const character of charactersOf(shape.words))
      used.set(letterKey(character), letterform(character).outline);
  }
  const outlines = [...used].filter(([, outline]) => outline !== '');
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img"><title>${escaped(title)}</title>
<defs>${joinedHtml(outlines.map(([key, outline]) => html`<path id="${escaped(name)}-${escaped(key)}" d="${escaped(outline)}"/>`))}</defs>
<rect width="${width}" height="${height}" fill="${escaped(background)}"/>
${joinedHtml(shapes.map((shape) => ('words' in shape ? wordsOf(shape, name) : areaOf(shape))))}</svg>
`;
}

function areaOf({ color, path, title }: Area): Html {
  const data = path.map(stepText).join('');
  const begin = html`<path fill="${escaped(color)}" d="${escaped(data)}"`;
  return title === undefined ? html`${begin}/>\n` : html`${begin}><title>${escaped(title)}</title></path>\n`;
}

function wordsOf({ color, words, x, y, size }: Words, name: string): Html {
  let pen = 0;
  const uses = charactersOf(words).map((character) => {
    const { advance, outline } = letterform(character);
    const at = pen;
    pen += advance;
    return outline === ''
      ? html``
      : html`<use href="#${escaped(name)}-${escaped(letterKey(character))}" x="${at}"/>`;
  });
  const place = `translate(${short(x)} ${short(y)}) scale(${size / EM})`;
  return html`<g fill="${escaped(color)}" transform="${escaped(place)}">${joinedHtml(uses)}</g>\n`;
}

function stepText([command, ...numbers]: PathStep): string {
  return `${command}${numbers.map(short).join(' ')}`;
}

function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}
