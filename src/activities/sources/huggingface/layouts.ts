import type { FileSpec } from '../../../domain/dataset/file-spec.ts';
import { parseImageId } from '../../../domain/dataset/ids.ts';
import type { FileKind } from '../../../domain/kinds.ts';
import { filledFor, isTemplate, problemOfTemplate } from '../../../domain/mirrors/file-template.ts';

/** How a repository lays the dataset out. */
interface Layout {
  readonly name: string;
  /** Repositories that are known to have it, in lower case. */
  readonly repos: readonly string[];
  /** The kinds that it has a place for. @default any */
  readonly holds?: readonly FileKind[];
  /** Its files are tars of many pictures, each a lossless WebP under the picture's base name. */
  readonly isOfTars?: true;
  /** The path in the repository of the file, or of its tar, as URLs spell it; undefined: it has none. */
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
  {
    name: 'tars',
    repos: ['gaunernst/ffhq-1024-wds'],
    holds: ['images'],
    isOfTars: true,
    pathOf: (file) => filledFor('{folder}.tar', file),
  },
];

const [usual] = layouts;

/** The layout of a repository of which nobody says how it is laid out. */
export function usualLayoutOf(repo: string): string {
  const known = layouts.find(({ repos }) => repos.includes(repo.toLowerCase()));
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
  return `expected ${names} or a template such as {path}, got none of them`;
}

/** Does a layout have the pictures in tars, as WebP? */
export function isOfTars(layout: string): boolean {
  return layouts.some(({ name, isOfTars }) => name === layout && isOfTars === true);
}

/** Where a layout that is one has a file, or its tar. */
export function pathIn(layout: string, file: Pick<FileSpec, 'kind' | 'key' | 'path'>): string | undefined {
  if (!isTemplate(layout)) {
    const known = layouts.find(({ name }) => name === layout);
    return known?.holds?.includes(file.kind) === false ? undefined : known?.pathOf(file);
  }
  return filledFor(encodeURI(layout).replace(/%7B/g, '{').replace(/%7D/g, '}'), file);
}
