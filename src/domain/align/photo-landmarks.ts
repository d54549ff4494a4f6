import { shownName, shownValue } from '../dataset/shown-value.ts';

/** Faces of one photograph, each 68 pairs (x, y); their form is checked when they are planned. */
export interface PhotoFaces {
  /** Relative to the folder of photographs. */
  readonly file: string;
  readonly faces: readonly unknown[];
}

export type ParsedLandmarks = { readonly photos: readonly PhotoFaces[] } | { readonly error: string };

const POINTS = 68;
const MOST_PHOTOS = 100_000;
const MOST_NAME = 200;
/** Photographs, faces, points. */
const MOST_LEVELS = 4;
/** Of as many faces as there are ids: a list of 68 lists each. */
const MOST_LISTS = 100_000 * (POINTS + 2);
/** Numbers, and what holds them. */
const MOST_ENTRIES = 3 * MOST_LISTS;
const MOST_FACES = 100_000;
/** Empty ones too. */
const MOST_LINES = 10 * MOST_FACES;
/** A name and 136 numbers, each as long as JavaScript ever writes one. */
const MOST_LINE = MOST_NAME + 2 * POINTS * 30;

/**
 * Landmarks of the user's photographs, in dlib's order of 68 points, in pixels of the file as stored.
 *
 * - JSON: `{"anna.jpg": [[[x, y], ... 68 pairs], ... faces], ...}`; a single face may stand without its outer brackets.
 * - CSV: `file,x0,y0,x1,y1, ... x67,y67`, a line for each face, with or without a header line.
 *
 * `name` tells which by its ending, and stands in errors.
 */
export function parsePhotoLandmarks(name: string, text: string): ParsedLandmarks {
  try {
    const photos = /\.csv$/i.test(name) ? fromCsv(text) : fromJson(text);
    if (photos.length > MOST_PHOTOS)
      throw new LandmarksError('', `at most ${MOST_PHOTOS} photographs`, 'more');
    return { photos };
  } catch (error) {
    if (!(error instanceof LandmarksError)) throw error;
    const where = error.where === '' ? '' : `, ${error.where}`;
    return { error: `landmarks [file=${name}${where}]: expected ${error.expected}, got ${error.got}` };
  }
}

class LandmarksError extends Error {
  readonly where: string;
  readonly expected: string;
  readonly got: string;

  constructor(where: string, expected: string, got: unknown) {
    super(expected);
    this.where = where;
    this.expected = expected;
    this.got = (typeof got === 'string' ? shownName(got, 120) : shownValue(got)) || 'nothing';
  }
}

function fromJson(text: string): PhotoFaces[] {
  refuseWild(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new LandmarksError('', 'JSON', (error as Error).message);
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new LandmarksError('', 'an object of file names', value);
  }
  return Object.entries(value).map(([file, faces]: [string, unknown]) => {
    checkName(file, `photograph ${shownName(file, 60)}`);
    const photo = `photograph ${shownName(file, MOST_NAME)}`;
    if (!Array.isArray(faces)) throw new LandmarksError(photo, 'a list of faces', faces);
    const isOneFace = faces.length === POINTS && faces.every(isPair);
    const list: readonly unknown[] = isOneFace ? [faces] : faces;
    for (const [nth, face] of list.entries()) checkFace(face, `${photo}, face ${nth}`);
    return { file, faces: list };
  });
}

/** Each list costs a hundred bytes once it is parsed, however little it holds, and so does each name: they are counted before that. */
function refuseWild(text: string): void {
  let lists = 0;
  let entries = 0;
  let names = 0;
  let level = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '\\') at++;
    else if (character === '"') inString = !inString;
    else if (inString) continue;
    else if (character === ']' || character === '}') level--;
    else if (character === ',') entries++;
    else if (character === ':') names++;
    else if (character === '[' || character === '{') {
      lists++;
      level++;
    }
    if (level > MOST_LEVELS) throw new LandmarksError('', 'lists of points', 'lists nested deeper than that');
    if (names > MOST_PHOTOS) throw new LandmarksError('', `at most ${MOST_PHOTOS} photographs`, 'more');
    if (entries > MOST_ENTRIES) throw new LandmarksError('', `at most ${MOST_ENTRIES} numbers`, 'more');
    if (lists > MOST_LISTS) throw new LandmarksError('', `at most ${MOST_LISTS} lists`, 'more');
  }
}

function fromCsv(text: string): PhotoFaces[] {
  const photos = new Map<string, unknown[]>();
  let nth = -1;
  let faces = 0;
  for (const line of linesOf(text)) {
    nth++;
    if (line.trim() === '') continue;
    const cells = line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
    const [file = '', ...numbers] = cells;
    const where = `line ${nth + 1}`;
    if (numbers.length !== 2 * POINTS) {
      throw new LandmarksError(where, `a file name and ${2 * POINTS} numbers`, `${cells.length} cells`);
    }
    const values = numbers.map((cell) => (cell === '' ? Number.NaN : Number(cell)));
    if (photos.size === 0 && values.every(Number.isNaN)) continue;
    const wrong = values.findIndex((value) => !Number.isFinite(value));
    if (wrong !== -1)
      throw new LandmarksError(`${where}, cell ${wrong + 2}`, 'a finite number', numbers[wrong]);
    checkName(file, where);
    const face = Array.from({ length: POINTS }, (_, point) => values.slice(2 * point, 2 * point + 2));
    if (++faces > MOST_FACES) throw new LandmarksError(where, `at most ${MOST_FACES} faces`, 'more');
    const known = photos.get(file);
    if (known === undefined) photos.set(file, [face]);
    else known.push(face);
  }
  return [...photos].map(([file, faces]) => ({ file, faces }));
}

/** One after the other: a list of them all would take more memory than any file of landmarks needs. */
function* linesOf(text: string): Iterable<string> {
  let nth = 0;
  for (let at = 0; at <= text.length; ) {
    nth++;
    const found = text.indexOf('\n', at);
    const end = found === -1 ? text.length : found;
    if (nth > MOST_LINES) throw new LandmarksError('', `at most ${MOST_LINES} lines`, 'more');
    if (end - at > MOST_LINE) {
      throw new LandmarksError(`line ${nth}`, `at most ${MOST_LINE} characters`, `${end - at}`);
    }
    yield text.slice(at, end).replace(/\r$/, '');
    at = end + 1;
  }
}

function checkFace(face: unknown, where: string): void {
  if (!Array.isArray(face) || face.length !== POINTS) {
    throw new LandmarksError(
      where,
      `${POINTS} pairs of numbers`,
      Array.isArray(face) ? `${face.length} entries` : face,
    );
  }
  const wrong = face.findIndex((pair) => !isPair(pair));
  if (wrong !== -1)
    throw new LandmarksError(`${where}, point ${wrong}`, 'a pair of finite numbers', face[wrong]);
}

function isPair(pair: unknown): boolean {
  return Array.isArray(pair) && pair.length === 2 && pair.every((number) => Number.isFinite(number));
}

/** Plain relative names: they become paths of what is read, and of what is written. */
function checkName(file: string, where: string): void {
  const parts = file.split('/');
  const isPlain = file.length <= MOST_NAME && parts.length <= 8 && parts.every(isPlainPart);
  if (!isPlain) throw new LandmarksError(where, 'a plain file name inside the folder', file);
}

function isPlainPart(part: string): boolean {
  const isHidden = part === '' || part.startsWith('.');
  return !isHidden && !part.includes('\\') && !/\p{Cc}/u.test(part);
}
