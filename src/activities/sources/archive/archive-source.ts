import { mayHold, pickMember } from '../../../domain/archive/pick-member.ts';
import type { FileSpec } from '../../../domain/dataset/file-spec.ts';
import { MANIFEST_FILE } from '../../../domain/dataset/layout.ts';
import { printable } from '../../../domain/failure/printable.ts';
import {
  type SourceFailure,
  type SourceFailureReason,
  sourceFailure,
} from '../../../domain/failure/source-failure.ts';
import type { SourceRequest } from '../../../domain/run/request.ts';
import { type OpenedFile, type Source, SourceBodyError } from '../contract/source.ts';
import { boundBody, wantedRange } from '../http/file-body.ts';
import type { HttpAccess } from '../http/source-tools.ts';
import type { Access, Failed } from './access.ts';
import { placesOf } from './archive-request.ts';
import type { ArchiveForm, ArchiveShelf } from './archive-shelf.ts';
import { httpAccess } from './http-access.ts';
import { localAccess } from './local-access.ts';
import { openTarMember, openZipMember, refusalOf, told } from './open-member.ts';

/** What a source of archives acts with. */
export interface ArchiveTools extends HttpAccess {
  /** The archives whose directories this process knows. */
  readonly archives: ArchiveShelf;
}

/** What an archive makes of a file that is asked for: opened, failed, or not in it. */
type Asked = OpenedFile | Failed | 'not there';

type WantedPart = Parameters<Source['open']>[1];

/** Files that are members of archives, each read by its own byte range. The first archive that has a file gives it. */
export function makeArchiveSource(form: ArchiveForm, request: SourceRequest, tools: ArchiveTools): Source {
  const archives = placesOf(request).map((place) =>
    /^https?:/.test(place) ? httpAccess(new URL(place), tools) : localAccess(place),
  );
  return {
    name: request.name,
    async open(file, range, signal) {
      signal.throwIfAborted();
      const wanted = wantedRange(file, range);
      if ('reason' in wanted) return { status: 'failed', failure: wanted };
      let failed: Failed | undefined;
      for (const access of archives) {
        if (!mayHold(access.name, file.path)) continue;
        const asked = await ask(form, access, tools, file, range, signal);
        if (asked === 'not there') continue;
        if (asked.status === 'opened') return asked;
        // Another archive may have it all the same.
        failed ??= asked;
      }
      const names = archives.map(({ name }) => name).join(', ');
      return (
        failed ??
        failedFile(
          'missing',
          file,
          `expected it in ${printable(names, 120)}, got no such member${hintFor(file)}`,
        )
      );
    },
  };
}

async function ask(
  form: ArchiveForm,
  access: Access,
  { archives: shelf }: ArchiveTools,
  file: FileSpec,
  range: WantedPart,
  signal: AbortSignal,
): Promise<Asked> {
  const archive = await shelf.open(form, access, signal);
  if (archive.status === 'failed') return archive;
  const picked = pickMember(archive.table, access.name, file);
  if (picked.status === 'missing') return 'not there';
  if (picked.status === 'refused') return failedFile('bad-archive', file, picked.problem);
  const member = archive.table.at(picked.index);
  const { size } = member;
  const refused = refusalOf(access, member) ?? sizeFailure(file, size, range);
  if (refused !== undefined) return refused;
  const part = { from: range.offset, end: Math.min(range.end ?? size, size) };
  const opened = await told(access, () =>
    part.end <= part.from
      ? Promise.resolve(nothing)
      : form === 'zip'
        ? openZipMember(access, archive, member, part, signal)
        : openTarMember(access, archive.version, member, part, signal),
  );
  const heard = (failure: SourceFailure) => {
    if (failure.reason === 'archive-changed') shelf.forget(form, access, archive.version);
  };
  if (opened.status === 'failed') {
    heard(opened.failure);
    return opened;
  }
  const bounds = { from: part.from, bytes: part.end - part.from };
  return { status: 'opened', from: part.from, body: boundBody(hearing(opened.body, heard), file, bounds) };
}

/** The same body; by what it breaks is heard. */
async function* hearing(
  body: OpenedFile['body'],
  heard: (failure: SourceFailure) => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    if (error instanceof SourceBodyError) heard(error.failure);
    throw error;
  }
}

const nothing = { status: 'opened', body: (async function* () {})() as AsyncIterable<Uint8Array> } as const;

function sizeFailure(file: FileSpec, size: number, { offset }: WantedPart): Failed | undefined {
  if (file.size !== undefined && size !== file.size) {
    const reason = size > file.size ? 'oversized-body' : 'short-body';
    return failedFile(reason, file, `expected ${file.size} bytes, got a member of ${size}`);
  }
  if (offset === 0 || offset < size) return undefined;
  return failedFile('range-mismatch', file, `expected an offset below ${size}, got ${offset}`);
}

/** What lies in no archive of pictures comes from elsewhere. */
function hintFor({ path }: FileSpec): string {
  return path === MANIFEST_FILE ? ': fetch the manifest first, or name it with --manifest' : '';
}

function failedFile(reason: SourceFailureReason, { path }: FileSpec, got: string): Failed {
  return { status: 'failed', failure: sourceFailure(reason, `open [file=${path}]: ${got}`) };
}
