import { CHAIN } from '../../domain/chain/patience.ts';
import type { ShownSecrets } from '../../domain/network/shown-secrets.ts';
import type { PlannedSource } from '../../domain/planning/planned-source.ts';
import type { SourceRequest } from '../../domain/run/request.ts';
import type { ArchiveTools } from './archive/archive-source.ts';
import { chainDefinition, chainOf, membersOf, namesOf } from './chain/request.ts';
import type { Source } from './contract/source.ts';
import { type SourceDefinition, SourceRequestError } from './contract/source-definition.ts';
import type { DriveAccess } from './google-drive/api/ask-drive.ts';
import { googleDrive } from './google-drive/request.ts';
import type { AskForUrl, HttpAccess, SourceTools } from './http/source-tools.ts';
import { httpMirror } from './http-mirror/request.ts';
import { huggingFace } from './huggingface/request.ts';
import { localDir } from './local-dir/request.ts';
import { tarFiles } from './tar/request.ts';
import { withoutSecrets } from './without-secrets.ts';
import { zipFiles } from './zip/request.ts';

type MakeSource = (request: SourceRequest, tools: SourceTools & ArchiveTools) => Source | Promise<Source>;

/** The sources, a line each: how it is asked for, and who opens it, loaded by workers alone. The first is the default. */
const table: readonly (readonly [SourceDefinition, () => Promise<MakeSource>])[] = [
  [googleDrive, async () => (await import('./google-drive/open.ts')).makeGoogleDrive],
  [httpMirror, async () => (await import('./http-mirror/open.ts')).makeHttpMirror],
  [huggingFace, async () => (await import('./huggingface/open.ts')).makeHuggingFace],
  [localDir, async () => (await import('./local-dir/open.ts')).makeLocalDir],
  [zipFiles, async () => (await import('./zip/open.ts')).makeZip],
  [tarFiles, async () => (await import('./tar/open.ts')).makeTar],
];

/** A URL that the user named leads wherever the table's sources do, and is no row of it: nobody asks for it by name. */
export async function makeNamedUrl(access: HttpAccess, secrets: ShownSecrets): Promise<Source> {
  return withoutSecrets((await import('./google-drive/open.ts')).makeNamedUrl(access), secrets);
}

/** How a worker asks for files by their own URL. Made once per process. */
export async function makeAskForUrl(access: DriveAccess): Promise<AskForUrl> {
  return (await import('./google-drive/api/ask-drive.ts')).askDriveBy(access);
}

export const sourceDefinitions: readonly SourceDefinition[] = table.map(([definition]) => definition);

/** Several of them, one after the other; it has no name of its own on the command line. */
export const chain: SourceDefinition = chainDefinition((member) => rowOf(member)[0]);

export { chainOf, namesOf as namesOfChain };

/** The sources that a request asks, in their order: of a chain its members, of another itself. */
export function sourcesIn(request: SourceRequest): readonly SourceRequest[] {
  return request?.name === CHAIN ? membersOf(request) : [request];
}

/** The definition by which a request is read; throws {@link SourceRequestError} when this version has none. */
export function definitionOf(request: SourceRequest): SourceDefinition {
  return request?.name === CHAIN ? chain : rowOf(request)[0];
}

/**
 * Loads the acting half and makes the source; throws {@link SourceRequestError} when the request does not serve. Every word
 * of its failures passes here, and none of `secrets` with it.
 */
export async function makeSource(
  request: SourceRequest,
  tools: SourceTools & ArchiveTools,
  secrets: ShownSecrets,
): Promise<Source> {
  const make = await rowOf(request)[1]();
  return withoutSecrets(await make(request, tools), secrets);
}

/** Where a request's files come from, in a few words; of a request that this version cannot read, its name at most. */
export function describeSource(request: SourceRequest): string {
  try {
    return definitionOf(request).describe(request);
  } catch (error) {
    if (error instanceof SourceRequestError) return `source ${error.source}`;
    throw error;
  }
}

/** The flags that ask for a source; of a request that this version cannot read, its name alone. */
export function sourceFlagsOf(request: SourceRequest): readonly (readonly [flag: string, value: string])[] {
  const named = ['--source', namesGiven(request)] as const;
  try {
    return [named, ...definitionOf(request).flagsOf(request)];
  } catch (error) {
    if (error instanceof SourceRequestError) return [named];
    throw error;
  }
}

/** As `--source` takes it. */
function namesGiven(request: SourceRequest): string {
  return knownIn(request)
    .map(({ name }) => name)
    .join(',');
}

/** What a request asks, as far as it can be read. */
function knownIn(request: SourceRequest): readonly SourceRequest[] {
  try {
    return sourcesIn(request);
  } catch (error) {
    if (error instanceof SourceRequestError) return [request];
    throw error;
  }
}

/** What a plan counts on, as the source's definition says: for each source alone, by name. */
export function plannedSources(request: SourceRequest): readonly PlannedSource[] {
  return knownIn(request).map((one) => ({
    source: one.name,
    requestsFor: () => 1,
    mayHave: () => true,
    ...findRow(one)?.[0].planned?.(one),
  }));
}

/** A folder of this machine that holds the dataset's tree, as a source. */
export async function makeFolder(path: string): Promise<Source> {
  return (await import('./local-dir/open.ts')).makeLocalDir({ name: localDir.name, path });
}

/** Are the hosts asked that stand in the manifest's `file_url`? */
export function asksFileUrls(request: SourceRequest): boolean {
  return knownIn(request).some((one) => findRow(one)?.[0].asksFileUrls ?? false);
}

function rowOf(request: SourceRequest): (typeof table)[number] {
  const row = findRow(request);
  if (row !== undefined) return row;
  const names = sourceDefinitions.map(({ name }) => name);
  throw new SourceRequestError(request?.name, `expected one of ${names.join(', ')}, got none of them`);
}

/** A request comes from elsewhere: it may be anything. */
function findRow(request: SourceRequest | null | undefined): (typeof table)[number] | undefined {
  return table.find(([definition]) => definition.name === request?.name);
}
