/** What was seen at one path: JSON types, and whether the object around it ever lacked it. */
interface Seen {
  readonly types: Set<string>;
  count: number;
}

/** Keys of the events of a command, by path: `result.exitCode`; `[]` is an element, `*` any key of a map. */
export type Shape = Readonly<Record<string, string>>;

/** Objects whose keys are data. */
const MAPS = /(^|\.)(kinds|failures|attempts|settled|slow|sources)$|^stats\.(category|license|country)$/;

/** Collects the shape of one kind of command, over as many of them as are shown to it. */
export class ShapeOf {
  readonly #seen = new Map<string, Seen>();
  readonly #visits = new Map<string, number>();

  /** All events of one command; the keys at the top are the events' names. */
  addCommand(events: readonly Record<string, unknown>[]): void {
    this.#visit('');
    for (const name of new Set(events.map(({ event }) => String(event)))) this.#count(name, 'object');
    for (const event of events) this.#walk(String(event.event), event);
  }

  /** `string`, `number|string`; with `?` at its end where the object around it may lack it. */
  shape(): Shape {
    const entries = [...this.#seen].map(([path, { types, count }]) => {
      const around = path.endsWith('[]') ? count : (this.#visits.get(parentOf(path)) ?? 0);
      const isMap = path.endsWith('.*');
      return [path, `${[...types].sort().join('|')}${count < around || isMap ? '?' : ''}`] as const;
    });
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #walk(path: string, value: unknown): void {
    if (Array.isArray(value)) {
      for (const element of value) {
        this.#count(`${path}[]`, typeOf(element));
        this.#walk(`${path}[]`, element);
      }
    } else if (typeof value === 'object' && value !== null) {
      this.#visit(path);
      for (const [key, inner] of Object.entries(value)) {
        const below = `${path}.${MAPS.test(path) ? '*' : key}`;
        this.#count(below, typeOf(inner));
        this.#walk(below, inner);
      }
    }
  }

  #visit(path: string): void {
    this.#visits.set(path, (this.#visits.get(path) ?? 0) + 1);
  }

  #count(path: string, type: string): void {
    const seen = this.#seen.get(path) ?? { types: new Set(), count: 0 };
    seen.types.add(type);
    seen.count++;
    this.#seen.set(path, seen);
  }
}

/** What is in one or the other; what one lacks altogether, the other may lack too. */
export function mergeShapes(a: Shape, b: Shape): Shape {
  const merged = new Map<string, string>();
  for (const path of [...Object.keys(a), ...Object.keys(b)].sort()) {
    const [inA, inB] = [a[path], b[path]];
    const types = [inA, inB].flatMap((text) => text?.replace('?', '').split('|') ?? []);
    const parent = parentOf(path);
    const lacks = (shape: Shape, here: string | undefined) =>
      here === undefined ? parent === '' || parent in shape : here.endsWith('?');
    const mayLack = lacks(a, inA) || lacks(b, inB);
    merged.set(path, `${[...new Set(types)].sort().join('|')}${mayLack ? '?' : ''}`);
  }
  return Object.fromEntries(merged);
}

/** What of `now` is not as `before` says: unknown paths and types, and keys that are missing. */
export function differences(before: Shape, now: Shape): string[] {
  const found: string[] = [];
  for (const [path, types] of Object.entries(now)) {
    const known = before[path];
    if (known === undefined) found.push(`${path}: new`);
    else {
      const allowed = known.replace('?', '').split('|');
      const others = types
        .replace('?', '')
        .split('|')
        .filter((type) => !allowed.includes(type));
      if (others.length > 0) found.push(`${path}: expected ${known}, got ${others.join('|')}`);
      if (types.endsWith('?') && !known.endsWith('?')) found.push(`${path}: expected always, got sometimes`);
    }
  }
  for (const [path, known] of Object.entries(before)) {
    const parent = parentOf(path);
    const isThere = parent === '' || parent in now;
    if (!known.endsWith('?') && !path.endsWith('[]') && isThere && now[path] === undefined) {
      found.push(`${path}: gone`);
    }
  }
  return found;
}

function parentOf(path: string): string {
  return path.endsWith('[]') ? path.slice(0, -2) : path.slice(0, Math.max(0, path.lastIndexOf('.')));
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
