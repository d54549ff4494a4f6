import type { Point } from '../../domain/raster/picture.ts';
import type { NumberedRecord, SampleRecord } from './record.ts';

function asciiString(text: string): string {
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`;
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A float as Python writes it: `454.0`, never `454`. */
function float(value: number): string {
  const hundredths = Math.round(value * 100);
  // A manifest is mostly coordinates, and two integers are written several times as fast as a fraction.
  if (value >= 0 && hundredths / 100 === value) {
    const rest = hundredths % 100;
    return `${(hundredths - rest) / 100}.${rest % 10 === 0 ? rest / 10 : rest < 10 ? `0${rest}` : rest}`;
  }
  return Number.isInteger(value) ? `${value}.0` : `${value}`;
}

function pointList(points: readonly Point[]): string {
  let text = '';
  for (const [x, y] of points) text += `${text === '' ? '' : ', '}[${float(x)}, ${float(y)}]`;
  return `[${text}]`;
}

function layOut(value: unknown): string {
  if (typeof value === 'string') return asciiString(value);
  return Array.isArray(value) ? `[${value.join(', ')}]` : `${value}`;
}

function fields(of: object): string {
  let text = '';
  for (const [name, value] of Object.entries(of) as [string, unknown][]) {
    const isFloat = name === 'face_landmarks' || name === 'face_quad';
    const laidOut = isFloat ? pointList(value as readonly Point[]) : layOut(value);
    text += `${text === '' ? '' : ', '}"${name}": ${laidOut}`;
  }
  return `{${text}}`;
}

/** One record as text, laid out as Python's `json.dump` does: ASCII only, a blank after each comma and colon. */
function recordJson(record: SampleRecord): string {
  const { category, ...groups } = record;
  let text = `{"category": "${category}"`;
  for (const [name, group] of Object.entries(groups)) text += `, "${name}": ${fields(group)}`;
  return `${text}}`;
}

/** Pieces are handed on when they have about this many characters. */
const PIECE_LENGTH = 65_536;

/** The text of a whole manifest in pieces; only a few records are held at a time. */
export async function* manifestPieces(
  records: AsyncIterable<NumberedRecord> | Iterable<NumberedRecord>,
): AsyncGenerator<string> {
  let piece = '{';
  let separator = '';
  for await (const { id, record } of records) {
    piece += `${separator}"${id}": ${recordJson(record)}`;
    separator = ', ';
    if (piece.length < PIECE_LENGTH) continue;
    yield piece;
    piece = '';
  }
  yield `${piece}}`;
}
