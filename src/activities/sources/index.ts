import type { SourceRequest } from '../../domain/run/request.ts';
import type { Source } from './contract/source.ts';
import { type SourceDefinition, SourceRequestError } from './contract/source-definition.ts';
import { googleDrive } from './google-drive/request.ts';
import type { HttpAccess, SourceTools } from './http/source-tools.ts';
import { httpMirror } from './http-mirror/request.ts';
import { localDir } from './local-dir/request.ts';

type MakeSource = (request: SourceRequest, tools: SourceTools) => Source;

/** The sources, a line each: how it is asked for, and who opens it, loaded by workers alone. The first is the default. */
const table: readonly (readonly [SourceDefinition, () => Promise<MakeSource>])[] = [
  [googleDrive, async () => (await import('./google-drive/open.ts')).makeGoogleDrive],
  [httpMirror, async () => (await import('./http-mirror/open.ts')).makeHttpMirror],
  [localDir, async () => (await import('./local-dir/open.ts')).makeLocalDir],
];

/** A URL that the user named leads wherever the table's sources do, and is no row of it: nobody asks for it by name. */
export async function makeNamedUrl(access: HttpAccess): Promise<Source> {
  return (await import('./google-drive/open.ts')).makeNamedUrl(access);
}

export const sourceDefinitions: readonly SourceDefinition[] = table.map(([definition]) => definition);

/** The definition by which a request is read; throws {@link SourceRequestError} when this version has none. */
export function definitionOf(request: SourceRequest): SourceDefinition {
  return rowOf(request)[0];
}

/** Loads the acting half and makes the source; throws {@link SourceRequestError} when the request does not serve. */
export async function makeSource(request: SourceRequest, tools: SourceTools): Promise<Source> {
  const make = await rowOf(request)[1]();
  return make(request, tools);
}

function rowOf({ name }: SourceRequest): (typeof table)[number] {
  const row = table.find(([definition]) => definition.name === name);
  if (row !== undefined) return row;
  const names = sourceDefinitions.map((definition) => definition.name);
  throw new SourceRequestError(name, `expected one of ${names.join(', ')}, got none of them`);
}
