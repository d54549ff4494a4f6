import { kinds } from '../kinds.ts';
import type { MemberTable } from './member-table.ts';

/** A file of the dataset, as far as it is looked for in an archive. */
export interface WantedMember {
  /** As the dataset names it: `images1024x1024/00000/00007.png`. */
  readonly path: string;
  readonly size?: number;
  /** Endings under which it may lie there, the dearest first: `['.png']`. @default its own */
  readonly endings?: readonly string[];
}

export type PickedMember =
  | { readonly status: 'found'; readonly index: number; readonly name: string }
  | { readonly status: 'missing' }
  /** "expected ..., got ...". */
  | { readonly status: 'refused'; readonly problem: string };

/** Folders that tell one kind of file from another: by themselves `00007.png` may be any of three. */
const kindNames: ReadonlySet<string> = new Set(
  Object.values(kinds).flatMap(({ folder }) => (folder === undefined ? [] : [folder.split('/')[0] ?? ''])),
);

/**
 * Finds the member that a file is, by its base name: archives of the same pictures put different folders in front. Where a
 * folder on the way, or else the archive's own name, is that of a kind, it must be the file's; of several that are left,
 * those of its very path go first, then those of its size. Two that fit are refused: nobody could say which it is.
 *
 * @param archive the base name of the archive: `images1024x1024.zip`
 */
export function pickMember(table: MemberTable, archive: string, wanted: WantedMember): PickedMember {
  const slash = wanted.path.lastIndexOf('/');
  const base = wanted.path.slice(slash + 1);
  const stem = base.replace(/\.[^.]*$/, '');
  const names = wanted.endings?.map((ending) => stem + ending) ?? [base];
  for (const name of names) {
    const picked = pickNamed(table, archive, wanted, name, name === base);
    if (picked.status !== 'missing') return picked;
  }
  return { status: 'missing' };
}

/** May a file lie in an archive of this name? One that is named for a kind has files of no other. */
export function mayHold(archive: string, path: string): boolean {
  const of = kindOfArchive(archive);
  const wanted = kindOfPath(path);
  return of === undefined || wanted === undefined || of === wanted;
}

interface Candidate {
  readonly index: number;
  readonly name: string;
  readonly kind: string | undefined;
}

function pickNamed(
  table: MemberTable,
  archive: string,
  { path, size }: WantedMember,
  name: string,
  hasItsSize: boolean,
): PickedMember {
  const kind = kindOfPath(path);
  const found = table.find(name);
  if (found.length === 0) return { status: 'missing' };
  const all = found.map((index): Candidate => {
    const called = textOf(table.nameAt(index));
    return { index, name: called, kind: kindOfMember(called) ?? kindOfArchive(archive) };
  });
  const ofKind = all.filter((one) => kind === undefined || one.kind === undefined || one.kind === kind);
  const plain = ofKind.filter((one) => !climbs(one.name));
  const [climbing] = ofKind;
  if (plain.length === 0)
    return climbing === undefined
      ? { status: 'missing' }
      : { status: 'refused', problem: `expected a member within the archive, got ${climbing.name}` };
  const [only] = plain;
  if (only !== undefined && plain.length === 1)
    return { status: 'found', index: only.index, name: only.name };
  const sizeOf = ({ index }: Candidate) => table.at(index).size;
  const directory = path.slice(0, path.lastIndexOf('/') + 1);
  const left = [
    ({ kind: own }: Candidate) => own === kind,
    (one: Candidate) => `/${one.name}`.endsWith(`/${directory}${name}`),
    (one: Candidate) => !hasItsSize || size === undefined || sizeOf(one) === size,
  ].reduce((several, fits) => {
    const fitting = several.filter(fits);
    return fitting.length > 0 ? fitting : several;
  }, plain);
  const [first, second] = left;
  if (first === undefined) return { status: 'missing' };
  if (second !== undefined)
    return {
      status: 'refused',
      problem: `expected one member that fits, got ${first.name} and ${second.name}`,
    };
  return { status: 'found', index: first.index, name: first.name };
}

function kindOfPath(path: string): string | undefined {
  const [first = '', ...rest] = path.split('/');
  return rest.length > 0 && kindNames.has(first) ? first : undefined;
}

function kindOfMember(name: string): string | undefined {
  return name
    .split(/[/\\]/)
    .slice(0, -1)
    .findLast((part) => kindNames.has(part));
}

function kindOfArchive(name: string): string | undefined {
  const stem = name.replace(/\.(zip|tar)$/i, '');
  return kindNames.has(stem) ? stem : undefined;
}

/** A name that leads out of where it is unpacked. Nothing is unpacked here; but whoever wrote it means no good. */
function climbs(name: string): boolean {
  return /^[/\\]|^[A-Za-z]:|\0/.test(name) || name.split(/[/\\]/).includes('..');
}

/** Names of the dataset are ASCII; others only have to be told apart. */
function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

const decoder = new TextDecoder('latin1');
