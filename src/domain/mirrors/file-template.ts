import type { FileSpec } from '../dataset/file-spec.ts';
import { folderOf, formatImageId, type ImageId, parseImageId } from '../dataset/ids.ts';

type Named = Pick<FileSpec, 'path' | 'key'>;

const ofId = (write: (id: ImageId) => string) => (file: Named) => {
  const id = parseImageId(file.key);
  return id === undefined ? undefined : write(id);
};

/**
 * What may stand between braces in a text that says where files lie on a server: `{path}` is the manifest's `file_path`,
 * `{id}` `42`, `{id5}` `00042`, `{folder}` `00000`, the thousand-folder. Files without an id have only a path.
 */
const fillers: Readonly<Record<string, (file: Named) => string | undefined>> = {
  path: ({ path }) => path.split('/').map(encodeURIComponent).join('/'),
  id: ofId(String),
  id5: ofId(formatImageId),
  folder: ofId(folderOf),
};

const PLACE = /\{([^{}]*)\}/g;

/** Of these a template needs one: by the others no file is told from another. */
const TELLING = /\{(path|id|id5)\}/;

/** Does the text ask to be read as a template? */
export function isTemplate(text: string): boolean {
  return /[{}]/.test(text);
}

/** Why a text is no template: "expected ..., got ..."; undefined: it is one. Of the text only a name in braces is repeated. */
export function problemOfTemplate(text: string): string | undefined {
  if (/[{}]/.test(text.replace(PLACE, ''))) return 'expected braces in pairs, got one alone';
  const names = [...text.matchAll(PLACE)].map(([, name = '']) => name);
  const unknown = names.find((name) => !Object.hasOwn(fillers, name));
  if (unknown !== undefined) {
    const got = /^\w{1,20}$/.test(unknown) ? `{${unknown}}` : 'something else';
    return `expected {path}, {id}, {id5} or {folder} in a template, got ${got}`;
  }
  if (TELLING.test(text)) return undefined;
  return 'expected a template with {path}, {id} or {id5}, got one that is the same for all files';
}

/** The text with its places filled, as URLs spell them; undefined: it has no place for this file. */
export function filledFor(template: string, file: Named): string | undefined {
  let isWhole = true;
  const text = template.replace(PLACE, (_, name: string) => {
    const value = Object.hasOwn(fillers, name) ? fillers[name]?.(file) : undefined;
    isWhole &&= value !== undefined;
    return value ?? '';
  });
  return isWhole ? text : undefined;
}
