import type { PathStep, Words } from './drawing.ts';
import { charactersOf, EM, letterform } from './letterforms.ts';

/** The outlines of a line of text, where it stands. */
export function outlineSteps({ words, x, y, size }: Words): PathStep[] {
  const scale = size / EM;
  const steps: PathStep[] = [];
  let pen = x;
  for (const character of charactersOf(words)) {
    const { advance, outline } = letterform(character);
    addOutline(steps, outline, pen, y, scale);
    pen += advance * scale;
  }
  return steps;
}

function addOutline(steps: PathStep[], outline: string, left: number, baseline: number, scale: number): void {
  let [x, y] = [0, 0];
  let [beginX, beginY] = [0, 0];
  const placed = (px: number, py: number): readonly [number, number] => [
    left + px * scale,
    baseline + py * scale,
  ];
  for (const [, command = '', numbers = ''] of outline.matchAll(/([mlqz])([^mlqz]*)/g)) {
    const [a = 0, b = 0, c = 0, d = 0] = (numbers.match(/-?\d+/g) ?? []).map(Number);
    if (command === 'z') {
      [x, y] = [beginX, beginY];
      steps.push(['Z']);
    } else if (command === 'q') {
      const [controlX, controlY, endX, endY] = [x + a, y + b, x + c, y + d];
      // The cubic curve that is the same.
      const third = (from: number, to: number) => from + ((to - from) * 2) / 3;
      steps.push([
        'C',
        ...placed(third(x, controlX), third(y, controlY)),
        ...placed(third(endX, controlX), third(endY, controlY)),
        ...placed(endX, endY),
      ]);
      [x, y] = [endX, endY];
    } else {
      [x, y] = [x + a, y + b];
      if (command === 'm') [beginX, beginY] = [x, y];
      steps.push([command === 'm' ? 'M' : 'L', ...placed(x, y)]);
    }
  }
}
