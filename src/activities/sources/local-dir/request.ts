import { isAbsolute } from 'node:path';
import { printable } from '../../../domain/failure/printable.ts';
import type { SourceRequest } from '../../../domain/run/request.ts';
import { MOST_SHOWN, type SourceDefinition, SourceRequestError } from '../contract/source-definition.ts';

const FLAG = '--source-path';

/** Folder + `file_path`, on every host that runs a worker: `{ name, path }`. */
export const localDir: SourceDefinition = {
  name: 'local-dir',
  flags: [{ flag: FLAG, value: '<dir>', help: 'folder with a copy of the tree' }],
  secrets: [],
  asksFileUrls: false,
  read(flags) {
    const path = flags.folder(FLAG);
    if (path === undefined) throw flags.refused(FLAG, 'expected the folder with the copy, got nothing');
    return { name: 'local-dir', path };
  },
  flagsOf: (request) => [[FLAG, folderOf(request)]],
  describe: folderOf,
  namedUrls: () => [],
  planned: () => ({ requestsFor: () => 0 }),
};

/** The folder that holds the copy. */
export function folderOf({ name, path }: SourceRequest): string {
  if (typeof path === 'string' && isAbsolute(path)) return path;
  const got = typeof path === 'string' ? printable(path, MOST_SHOWN) : 'none';
  throw new SourceRequestError(name, `expected an absolute path as path, got ${got}`);
}
