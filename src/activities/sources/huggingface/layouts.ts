import type { FileSpec } from '../../../domain/dataset/file-spec.ts';
import { parseImageId } from '../../../domain/dataset/ids.ts';
import type { FileKind } from '../../../domain/kinds.ts';
import { filledFor, isTemplate, problemOfTemplate } from '../../../domain/mirrors/file-template.ts';

/** How a repository lays the dataset out: a file of its own for each picture. */
interface Layout {
  readonly name: string;
  /** Repositories that are known to have it, in lower case. */
  readonly repos: readonly string[];
  /** The kinds that it has a place for. @default any */
  readonly holds?: readonly FileKind[];
  /** The file's path in the repository, as URLs spell it; undefined: it has none. */
  pathOf(file: Pick<FileSpec, 'key' | 'path'>): string | undefined;
}

/** A part of ten thousand pictures. */
const PART = 10_000;

const layouts: readonly Layout[] = [
  { name: 'tree', repos: [], pathOf: (file) => filledFor('{path}', file) },
  {
    name: 'parts',
    repos: ['marcosv/ffhq-dataset'],
    holds: ['images'],
    pathOf(file) {
      const id = parseImageId(file.key);
      if (id === undefined) return undefined;
      return filledFor(`Part${Math.floor(id / PART) + 1}/{id5}.png`, file);
    },
  },
];

/** Layouts that this version knows of and cannot read: tars of a thousand pictures. */
const unread: readonly Pick<Layout, 'name' | 'repos'>[] = [
  { name: 'tars', repos: ['gaunernst/ffhq-1024-wds'] },
];

const [usual] = layouts;

/** The layout of a repository of which nobody says how it is laid out. */
export function usualLayoutOf(repo: string): string {
  const known = [...layouts, ...unread].find(({ repos }) => repos.includes(repo.toLowerCase()));
  return known?.name ?? usual?.name ?? '';
}

/** Why a text names no layout: "expected ..., got ..."; undefined: it does. */
export function problemOfLayout(text: string): string | undefined {
  if (isTemplate(text)) {
    if (!/^[\w{}./ +~@-]{1,200}$/.test(text) || text.startsWith('/') || text.split('/').includes('..'))
      return 'expected a template of a path in the repository, got something else';
    return problemOfTemplate(text);
  }
  if (layouts.some(({ name }) => name === text)) return undefined;
  const names = layouts.map(({ name }) => name).join(', ');
  const isUnread = unread.some(({ name }) => name === text);
  const got = isUnread ? `${text}, which this version does not read` : 'none of them';
  return `expected ${names} or a template such as {path}, got ${got}`;
}

/** Where a layout that is one has a file. */
export function pathIn(layout: string, file: Pick<FileSpec, 'kind' | 'key' | 'path'>): string | undefined {
  if (!isTemplate(layout)) {
    const known = layouts.find(({ name }) => name === layout);
    return known?.holds?.includes(file.kind) === false ? undefined : known?.pathOf(file);
  }
  return filledFor(encodeURI(layout).replace(/%7B/g, '{').replace(/%7D/g, '}'), file);
}
