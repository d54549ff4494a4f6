import { mayHold, pickMember } from '../../../domain/archive/pick-member.ts';
import type { FileSpec } from '../../../domain/dataset/file-spec.ts';
import { MANIFEST_FILE } from '../../../domain/dataset/layout.ts';
import { printable } from '../../../domain/failure/printable.ts';
import { reactionTo } from '../../../domain/failure/reasons.ts';
import {
  type SourceFailure,
  type SourceFailureReason,
  sourceFailure,
} from '../../../domain/failure/source-failure.ts';
import { bytesNameOf, type MirrorBook } from '../../../domain/mirrors/mirror-book.ts';
import { faultOf } from '../../../domain/mirrors/refusals.ts';
import type { SourceRequest } from '../../../domain/run/request.ts';
import { type Judged, type OpenedFile, type Source, SourceBodyError } from '../contract/source.ts';
import { boundBody, type OpenResult, wantedRange } from '../http/file-body.ts';
import type { HttpAccess } from '../http/source-tools.ts';
import { type Access, changedArchive, type Failed, isMarked } from './access.ts';
import { isUrl, placesOf } from './archive-request.ts';
import type { ArchiveForm, ArchiveShelf } from './archive-shelf.ts';
import { httpAccess } from './http-access.ts';
import { localAccess } from './local-access.ts';
import { openTarMember, openZipMember, refusalOf, told } from './open-member.ts';
import { liesThere } from './open-tar.ts';

/** What a source of archives acts with. */
export interface ArchiveTools extends HttpAccess {
  /** The archives whose directories this process knows. */
  readonly archives: ArchiveShelf;
}

/** What an archive makes of a file that is asked for: opened, failed, or not in it. */
type Asked = OpenedFile | Failed | 'not there';

type WantedPart = Parameters<Source['open']>[1];

/**
 * Files that are members of archives, each read by its own byte range. The first archive that has a file gives it; one that
 * gave wrong bytes of that file is asked after the others.
 */
export function makeArchiveSource(form: ArchiveForm, request: SourceRequest, tools: ArchiveTools): Source {
  const archives = new Archives(form, request, tools);
  return {
    name: request.name,
    open: (file, range, signal) => archives.open(file, range, signal),
    judged: (file, verdict) => archives.judged(file, verdict),
  };
}

class Archives {
  readonly #form: ArchiveForm;
  readonly #tools: ArchiveTools;
  readonly #book: MirrorBook;
  /** By place. */
  readonly #archives: ReadonlyMap<string, Access>;

  constructor(form: ArchiveForm, request: SourceRequest, tools: ArchiveTools) {
    const archives = placesOf(request).map((place) =>
      isUrl(place) ? httpAccess(new URL(place), tools) : localAccess(place),
    );
    this.#form = form;
    this.#tools = tools;
    this.#book = tools.archives.files;
    this.#archives = new Map(archives.map((access) => [access.place, access]));
  }

  async open(file: FileSpec, range: WantedPart, signal: AbortSignal): Promise<OpenResult> {
    signal.throwIfAborted();
    const wanted = wantedRange(file, range);
    if ('reason' in wanted) return { status: 'failed', failure: wanted };
    const inTurn = this.#book.inTurn(this.#placesFor(file), bytesNameOf(file), range.offset > 0);
    const asked = await this.#askOne(inTurn, file, range, signal);
    if (asked !== 'not there') return asked;
    const names = [...this.#archives.values()].map(({ name }) => name).join(', ');
    const got = `expected it in ${printable(names, 120)}, got no such member${hintFor(file)}`;
    return failedFile('missing', file, got);
  }

  judged(file: FileSpec, verdict: 'right' | 'wrong'): Judged {
    const [name, places] = [bytesNameOf(file), this.#placesFor(file)];
    if (verdict === 'right') {
      this.#book.right(name, performance.now());
      return { hasAnother: false, said: '' };
    }
    const isOfSeveral = this.#book.giversOf(name).length > 1;
    const failedLess = this.#book.wrong(name, places, performance.now());
    // Each by itself once, and who has failed it already is asked again at the next attempt.
    const hasAnother =
      failedLess && (isOfSeveral || places.some((place) => this.#book.timesFailed(place, name) === 0));
    const shown = (place: string) => printable(this.#archives.get(place)?.name ?? '', 80);
    return { hasAnother, said: places.length === 1 ? '' : this.#book.said(name, places, shown) };
  }

  #placesFor({ path }: FileSpec): string[] {
    return [...this.#archives.values()].flatMap(({ name, place }) => (mayHold(name, path) ? [place] : []));
  }

  /** @param places that are left to be asked, in this order */
  async #askOne(
    places: readonly string[],
    file: FileSpec,
    range: WantedPart,
    signal: AbortSignal,
  ): Promise<Asked> {
    const name = bytesNameOf(file);
    let failed: Failed | undefined;
    for (const [at, place] of places.entries()) {
      const access = this.#archives.get(place);
      if (access === undefined) continue;
      const isSuspect = this.#book.timesFailed(place, name) > 0;
      // Rather than to ask for bytes that were wrong, what ails a better one is waited for.
      if (isSuspect && failed !== undefined && mayPass(failed)) return failed;
      const asked = await ask(this.#form, access, this.#tools, file, { ...range, isSuspect }, signal);
      if (asked !== 'not there' && asked.status === 'opened') {
        this.#book.gives(place, name, { offset: range.offset, from: asked.from });
        const body = this.#body(place, asked, places.slice(at + 1), file, range, signal);
        return { ...asked, body };
      }
      if (asked === 'not there' || !mayPass(asked)) this.#failed(place, file, asked);
      // Another archive may have it all the same.
      if (asked !== 'not there') failed ??= asked;
    }
    return failed ?? 'not there';
  }

  /** Notes who cannot give a file, if somebody gave wrong bytes of it: of other files nobody asks. */
  #failed(place: string, file: FileSpec, asked: Failed | 'not there'): void {
    const name = bytesNameOf(file);
    if (!this.#placesFor(file).some((one) => this.#book.timesFailed(one, name) > 0)) return;
    const reason = asked === 'not there' ? 'missing' : asked.failure.reason;
    this.#book.failed(place, name, faultOf(reason), reason, performance.now());
  }

  /** Where a member turns out to be damaged, the next archive goes on with the file. */
  async *#body(
    place: string,
    { from, body }: OpenedFile,
    others: readonly string[],
    file: FileSpec,
    range: WantedPart,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    let at = from;
    let broken: SourceBodyError;
    try {
      for await (const piece of body) {
        at += piece.length;
        yield piece;
      }
      return;
    } catch (error) {
      if (!(error instanceof SourceBodyError) || error.failure.reason !== 'bad-archive') throw error;
      this.#book.failed(place, bytesNameOf(file), 'lies', error.failure.reason, performance.now());
      // Of a text without a digest the rest could be another text's.
      if (file.md5 === undefined) throw error;
      broken = error;
    }
    const rest = await this.#askOne(others, file, { ...range, offset: at }, signal);
    if (rest !== 'not there' && rest.status === 'opened') yield* rest.body;
    else throw rest !== 'not there' && mayPass(rest) ? new SourceBodyError(rest.failure) : broken;
  }
}

function mayPass({ failure }: Failed): boolean {
  return reactionTo(failure.reason) !== 'outcome';
}

async function ask(
  form: ArchiveForm,
  access: Access,
  { archives: shelf }: ArchiveTools,
  file: FileSpec,
  { isSuspect, ...range }: WantedPart & { readonly isSuspect: boolean },
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
  if (form === 'tar' && isSuspect && !isMarked(archive.version)) {
    const isThere = await told(access, () => liesThere(access, archive, picked.index, signal));
    if (isThere === false) shelf.forget(form, access, archive.version);
    if (isThere !== true) return isThere === false ? changedArchive(access) : isThere;
  }
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
