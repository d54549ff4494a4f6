import { join } from 'node:path';
import { CHAIN } from '../../domain/chain/patience.ts';
import { type FileSpec, inAnyEncoding, mostBytes } from '../../domain/dataset/file-spec.ts';
import { releasedPartial, releasedPartials } from '../../domain/dataset/partial-name.ts';
import { fileName } from '../../domain/dataset/plain-path.ts';
import { fileFault } from '../../domain/failure/file-system-fault.ts';
import { reactionTo } from '../../domain/failure/reasons.ts';
import type { SourceFailure } from '../../domain/failure/source-failure.ts';
import { kinds } from '../../domain/kinds.ts';
import { RANGE_BYTES } from '../../domain/run/plan.ts';
import type { RunRequest } from '../../domain/run/request.ts';
import { MINUTE } from '../../domain/run/time-units.ts';
import { type ByteRange, rangesToMend } from '../../domain/tfrecord/damage.ts';
import {
  findVouchingRecord,
  lastDigest,
  type VerificationRecord,
} from '../../domain/verify/verification-record.ts';
import type { ActivityScope } from '../activity.ts';
import { DiedInHandError } from '../alone/run-alone.ts';
import { removeFile } from '../folders/remove-file.ts';
import { partialsOf } from '../partials/folder-survey.ts';
import { putBeside, type WhileHeld } from '../partials/left-partials.ts';
import { PartialFile, type Placed } from '../partials/partial-file.ts';
import { keepPage } from '../records/kept-pages.ts';
import type { FileFolder } from '../settle/file-folders.ts';
import { type FileMaker, type FileTools, failed, type Given, type Made } from '../settle/file-maker.ts';
import type { Source } from '../sources/contract/source.ts';
import { lstatIfThere } from '../store/file-info.ts';
import type { PrefixHash } from '../verify/prefix-hashes.ts';
import { verifyAlone } from '../verify/verify-alone.ts';
import type { PlaceAnswer } from '../verify/verify-task.ts';
import { MOST_PLACES, mendRecords, tryFirstRecord } from './mend-records.ts';
import { transfer } from './transfer.ts';

/**
 * How long an Activity waits for another writer that may live. One that is cut off from the server brings its range to an
 * end within that time, on most lines; after it another range is begun beside it.
 */
const LONGEST_WAIT_MS = 30 * MINUTE;

/** Stands for whichever source of a chain gave what was there before. */
const EARLIER = 'an earlier attempt';

type WrongContent = Extract<PlaceAnswer, { status: 'wrong' }>;

/** Makes files by downloading them from a source. */
export class Download implements FileMaker<FileSpec> {
  readonly #scope: ActivityScope;
  readonly #open: () => Promise<Source>;
  readonly #fetch: RunRequest['fetch'];
  readonly #end: number | undefined;
  #source: Promise<Source> | undefined;
  /** The source has pictures in another encoding: of the next ones whatever it has is asked for at once. */
  #anyEncoding = false;

  /**
   * @param open opens the source; called once, when the first file must come from there
   * @param end only for a file that comes in ranges: the position behind the last byte of this one
   */
  constructor(scope: ActivityScope, open: () => Promise<Source>, fetch: RunRequest['fetch'], end?: number) {
    this.#scope = scope;
    this.#open = open;
    this.#fetch = fetch;
    this.#end = end;
  }

  vouching(spec: FileSpec, records: readonly VerificationRecord[] | undefined, onDisk: Placed) {
    return findVouchingRecord(spec, records, onDisk);
  }

  /**
   * Without a published digest only what this project noted when it stored the file can tell whether it is still that;
   * without a note it may be anything, and is fetched again.
   */
  wanted(spec: FileSpec, records: readonly VerificationRecord[] | undefined) {
    const md5 = spec.md5 ?? lastDigest(spec, records);
    if (md5 !== undefined) return { ...spec, md5 };
    return this.#fetch === 'nothing' ? spec : { unknown: `${spec.path}: expected a known digest, got none` };
  }

  async make(spec: FileSpec, folder: FileFolder, tools: FileTools): Promise<Made> {
    for (let asked = 1; ; asked++) {
      const isByPixels = this.#anyEncoding && spec.accepts === 'pixels';
      const made = await this.#makeOnce(spec, folder, tools, isByPixels);
      if (!isByPixels && mayBeEncodedAnew(spec, made)) {
        this.#anyEncoding = true;
        continue;
      }
      if (made.status !== 'wrong') return made;
      const source = reactionTo(made.failure.reason) === 'retry' ? await this.#source : undefined;
      const judged = source?.judged?.(isByPixels ? inAnyEncoding(spec) : spec, 'wrong');
      // Archives are too large to come twice in one attempt.
      const mayAsk = kinds[spec.kind].form !== 'large-files' && asked < MOST_PLACES;
      if (judged?.hasAnother === true && mayAsk) continue;
      const said = judged === undefined || judged.said === '' ? '' : `; asked: ${judged.said}`;
      return failed(made.failure.reason, `${made.failure.detail}${said}`);
    }
  }

  async #makeOnce(
    spec: FileSpec,
    folder: FileFolder,
    tools: FileTools,
    anyEncoding: boolean,
  ): Promise<Made | WrongContent> {
    const { dependencies, storePath } = this.#scope;
    const target = fileName(spec.path);
    const checkSpace = (bytes: number) => dependencies.space.check(storePath, bytes);
    const damage = await this.#toMend(spec, folder, tools);
    if (damage !== undefined && 'failure' in damage) return this.#failed(damage.failure, 0);
    const partial = await PartialFile.take(
      folder.path,
      target,
      damage === undefined ? this.#namesOf(folder, target) : [releasedPartial(target)],
      dependencies.writer,
      { resumes: this.#resumes(spec), whileHeld: this.#whileHeld(spec), most: mostBytes(spec), checkSpace },
    );
    this.#scope.heartbeat.endWait(spec.key);
    const prefix = damage === undefined ? this.#prefixOf(partial, spec) : undefined;
    const { accepts: _, ...very } = spec;
    let isEncoded = false;
    try {
      const before = partial.size;
      const end = this.#endOf(spec, before);
      this.#source ??= this.#open();
      const arrived = await transfer(partial, await this.#source, spec, {
        ...tools,
        chunkBytes: dependencies.chunkBytes,
        ...(end === undefined ? {} : { end }),
        anyEncoding,
        onEncoded: () => {
          isEncoded = true;
        },
        onSize: () => prefix?.grew(),
        checkSpace,
      });
      if (arrived.status === 'failed') {
        const isKept = !isEncoded && this.#resumes(spec) && !isWorthless(arrived.failure);
        if (isKept) {
          await prefix?.keep(tools.signal);
          await leave(partial, folder, target);
        } else await partial.discard();
        return this.#failed(arrived.failure, isKept ? Math.max(0, partial.size - before) : 0);
      }
      if (arrived.status === 'written' && end !== undefined && partial.size !== spec.size) {
        await partial.sync();
        await prefix?.keep(tools.signal);
        await leave(partial, folder, target);
        return { status: 'partial', size: partial.size };
      }
      // All of it was there: who gave it, an attempt knew that is over.
      const isFromBefore = arrived.source === undefined && (await this.#source).name === CHAIN;
      const giver = isFromBefore ? EARLIER : arrived.source;
      const given = giver === undefined ? {} : { source: giver };
      const onVerified = saying(given, tools.onVerified);
      const telling = { ...tools, ...(onVerified && { onVerified }) };
      if (arrived.status === 'whole' && onVerified) await partial.append(arrived.bytes);
      const answer =
        arrived.status === 'encoded'
          ? await this.#placeEncoded(partial, spec, telling)
          : arrived.status === 'whole' && !onVerified
            ? await partial.placeWhole(arrived.bytes, (task) =>
                tools.inHand((alone) => (alone ? verifyAlone : dependencies.verifier).place(very, task)),
              )
            : await this.#verifyAndPlace(partial, very, telling, {
                prefix,
                known: before === spec.size ? damage?.ranges : undefined,
              });
      if (answer.status === 'unmended') {
        // Only records that are whole were put into it.
        await leave(partial, folder, target);
        return this.#failed(answer.failure, 0);
      }
      if (answer.status === 'wrong') {
        // Its other records are right: the next attempt has to fetch no more than those that nobody had right in this one.
        const { damaged }: WrongContent = answer;
        const isMendable = this.#resumes(spec) && rangesToMend(spec, damaged) !== undefined;
        if (isMendable) await leave(partial, folder, target);
        else await partial.discard();
        return answer;
      }
      (await this.#source).judged?.(anyEncoding ? inAnyEncoding(spec) : spec, 'right');
      return { status: 'placed', seen: { ...answer.placed, ...answer.verdict.seen, ...given } };
    } catch (error) {
      // What the disk does not give back, or what kills, is no beginning of anything.
      const mayGoOn = !isEncoded && fileFault(error) !== 'unreadable' && !(error instanceof DiedInHandError);
      if (mayGoOn && this.#resumes(spec)) await leave(partial, folder, target);
      else {
        await partial.discard();
        await removeFile(partial.path);
      }
      throw error;
    } finally {
      prefix?.drop();
    }
  }

  /** Of another encoding only the pixels are taken, in an encoding of ours: it is read back like every file. */
  async #placeEncoded(partial: PartialFile, spec: FileSpec, tools: FileTools) {
    const { verifier } = this.#scope.dependencies;
    const encoded = await tools.inHand((alone) =>
      (alone ? verifyAlone : verifier).encode(spec, partial.path, tools.signal),
    );
    if (encoded.status === 'wrong') {
      await partial.discard();
      return encoded;
    }
    if (encoded.status === 'encoded') {
      await partial.truncate(0);
      await partial.append([encoded.png]);
    }
    return this.#verifyAndPlace(partial, spec, tools, { prefix: undefined, known: undefined });
  }

  /** For what comes in ranges: it is hashed while it comes. */
  #prefixOf(partial: PartialFile, spec: FileSpec): PrefixHash | undefined {
    if (this.#end === undefined) return undefined;
    const { dependencies, storePath } = this.#scope;
    return dependencies.prefixes.begin(join(storePath, spec.path), partial, spec);
  }

  /** An attempt before this one, cut off, may have put its bytes down since the folder was listed. */
  #namesOf(folder: FileFolder, target: string): readonly string[] {
    const listed = partialsOf(folder, target);
    if (this.#scope.heartbeat.attempt === 1) return listed;
    return [...new Set([...listed, ...releasedPartials(target)])];
  }

  /** Of what nobody published a digest the bytes of another day may be another text's: what is left of it serves nobody. */
  #resumes({ md5 }: FileSpec): boolean {
    return md5 !== undefined;
  }

  /**
   * Pictures, and even the manifest, are sooner copied than a writer is known to be gone; once, because what that one holds
   * may be what is wrong. Archives are too large for that.
   */
  #whileHeld({ kind, key }: FileSpec): WhileHeld {
    const { heartbeat } = this.#scope;
    if (kinds[kind].form !== 'large-files') return heartbeat.attemptsOf(key) === 0 ? 'copy' : 'leave';
    return heartbeat.waitsSince(key) > Date.now() - LONGEST_WAIT_MS ? 'wait' : 'leave';
  }

  /** Undefined: to the file's end. Never more than a range at a time, however little of the file is there. */
  #endOf({ size }: FileSpec, there: number): number | undefined {
    if (this.#end === undefined) return undefined;
    const end = Math.min(this.#end, there + RANGE_BYTES);
    return size !== undefined && end >= size ? undefined : end;
  }

  async #failed(failure: SourceFailure, progressedBytes: number): Promise<Made> {
    const fault = await withKeptPage(this.#scope.storePath, failure);
    return { status: 'failed', fault: { ...fault, progressedBytes } };
  }

  /**
   * Of a file in its place whose other records are right: what to fetch, once the source has given a record of it and the file
   * lies beside its place. Undefined: the whole file is to be made.
   */
  async #toMend(
    spec: FileSpec,
    folder: FileFolder,
    tools: FileTools,
  ): Promise<{ readonly ranges: readonly ByteRange[] } | { readonly failure: SourceFailure } | undefined> {
    const { recordBytes } = spec;
    const ranges = rangesToMend(spec, tools.damaged);
    if (ranges === undefined || recordBytes === undefined) return undefined;
    this.#source ??= this.#open();
    const first = await tryFirstRecord(await this.#source, { ...spec, recordBytes }, ranges, tools);
    if (first.status === 'failed') return first;
    const isBeside = first.status === 'right' && (await putBeside(folder.path, fileName(spec.path)));
    return isBeside ? { ranges } : undefined;
  }

  /**
   * A file that came in several pieces lies there already; it may be large, so the verification can be stopped. Damaged records
   * among right ones are fetched alone, once.
   *
   * @param known to be fetched before it is worth a look
   */
  async #verifyAndPlace(
    partial: PartialFile,
    spec: FileSpec,
    tools: FileTools,
    {
      prefix,
      known,
    }: { readonly prefix: PrefixHash | undefined; readonly known: readonly ByteRange[] | undefined },
  ): Promise<
    | Exclude<PlaceAnswer, { status: 'lost' }>
    | { readonly status: 'unmended'; readonly failure: SourceFailure }
  > {
    const { verifier } = this.#scope.dependencies;
    const { signal, inHand, onVerified } = tools;
    const look = (hashed?: PrefixHash) =>
      inHand(async (alone) => {
        const right = await hashed?.verdict(spec, signal);
        return right ?? (alone ? verifyAlone : verifier).verify(spec, partial.path, signal);
      });
    const mend = async (ranges: readonly ByteRange[]) => {
      prefix?.drop();
      this.#source ??= this.#open();
      return mendRecords(partial, await this.#source, spec, ranges, tools);
    };
    const first = known === undefined ? await look(prefix) : undefined;
    const ranges = first?.status === 'wrong' ? rangesToMend(spec, first.damaged) : known;
    const failure = ranges && (await mend(ranges));
    if (failure !== undefined) return { status: 'unmended', failure };
    const verdict = first !== undefined && ranges === undefined ? first : await look();
    if (verdict.status === 'wrong') return verdict;
    await partial.sync();
    const placed = await partial.promote(
      onVerified && ((there) => onVerified({ ...there, ...verdict.seen })),
    );
    return { status: 'placed', verdict, placed };
  }
}

/** What came is not the very file, and may be its picture all the same. */
function mayBeEncodedAnew({ accepts }: FileSpec, made: Made | WrongContent): boolean {
  if (accepts !== 'pixels') return false;
  if (made.status === 'wrong') return ['wrong-size', 'wrong-md5'].includes(made.failure.reason);
  if (made.status !== 'failed') return false;
  const { reason, progressedBytes } = made.fault;
  return progressedBytes === 0 && (reason === 'oversized-body' || reason === 'short-body');
}

/** A source writes nothing down: of a page of no known kind it says what it looks like, which is kept here. */
async function withKeptPage(
  storePath: string,
  { sketch, ...failure }: SourceFailure,
): Promise<Omit<SourceFailure, 'sketch'>> {
  const kept = sketch === undefined ? undefined : await keepPage(storePath, sketch);
  return kept === undefined ? failure : { ...failure, detail: `${failure.detail}; its sketch: ${kept}` };
}

/** Whoever hears that the file is verified hears who gave it. */
function saying(given: Given, onVerified: FileTools['onVerified']): FileTools['onVerified'] {
  return onVerified && ((seen) => onVerified({ ...seen, ...given }));
}

/** What came of it is not the file's beginning. */
function isWorthless({ reason }: SourceFailure): boolean {
  return reason === 'oversized-body' || reason === 'range-mismatch';
}

/** Leaves the bytes for whoever goes on; an attempt that overlapped may have stored the file meanwhile. */
async function leave(partial: PartialFile, folder: FileFolder, target: string): Promise<void> {
  const isNew = !folder.names.has(target);
  const isStored = async () => isNew && (await lstatIfThere(join(folder.path, target))) !== undefined;
  // What cannot be told now is no reason to hold it for ever.
  if (await isStored().catch(() => false)) return partial.discard();
  await partial.release();
  // And afterwards: whoever stored the file in between swept without this one, which was held.
  if (await isStored()) await removeFile(join(folder.path, releasedPartial(target, partial.isSure)));
}
