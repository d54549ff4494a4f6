import type { ChainMemory } from '../../../domain/chain/chain-memory.ts';
import { isTooLong, type WholeWait } from '../../../domain/chain/patience.ts';
import { type MemberRefusal, refusedByMembers } from '../../../domain/chain/refused-by-members.ts';
import { type FileSpec, inAnyEncoding } from '../../../domain/dataset/file-spec.ts';
import { isRestReason, type SourceFailure } from '../../../domain/failure/source-failure.ts';
import type { GateKey } from '../../../domain/failure/source-gate.ts';
import { bytesNameOf } from '../../../domain/mirrors/mirror-book.ts';
import { faultOf } from '../../../domain/mirrors/refusals.ts';
import { type Judged, type OpenedFile, type Source, SourceBodyError } from '../contract/source.ts';
import { wantedRange } from '../http/file-body.ts';

/** One of a chain's sources. */
export interface Member {
  /** What tells it from others, in every chain of this process. */
  readonly id: string;
  readonly source: Source;
}

export interface ChainTools {
  readonly patienceMs: number;
  readonly memory: ChainMemory;
  /** How long a gate is closed in all; undefined: nobody can say. */
  readonly waitOf: (gate: GateKey) => Promise<WholeWait | undefined>;
}

/** A refusal that ends by itself: soon enough to wait for it, or after so long (ms) that others are asked. */
type Waits = 'soon' | { readonly passedOverMs: number };

/** So often another encoding of a picture is asked for where it came wrong. */
const MOST_CHANCES = 2;

/** Where nobody can say when a wait is over, the file looks again after so long. */
const UNKNOWN_WAIT = 5 * 60_000;

/**
 * Several sources, one after the other. A file goes to the next one where one has it not, refuses it, or would have it wait for
 * longer than it waits; where that wait is shorter, the refusal is the chain's, and whoever asked waits. Each is asked once.
 */
export function makeChain(name: string, members: readonly Member[], tools: ChainTools): Source {
  const chain = new Chain(members, tools);
  return {
    name,
    open: (file, range, signal) => chain.open(file, range, signal),
    judged: (file, verdict) => chain.judged(file, verdict),
  };
}

class Chain {
  readonly #members: ReadonlyMap<string, Source>;
  readonly #tools: ChainTools;

  constructor(members: readonly Member[], tools: ChainTools) {
    this.#members = new Map(members.map(({ id, source }) => [id, source]));
    this.#tools = tools;
  }

  async open(...[file, range, signal]: Parameters<Source['open']>): ReturnType<Source['open']> {
    signal.throwIfAborted();
    const { files: book } = this.#tools.memory;
    // What no source can answer is none's fault.
    const wanted = wantedRange(file, range);
    if ('reason' in wanted) return { status: 'failed', failure: wanted };
    const refusals: MemberRefusal[] = [];
    const sized: string[] = [];
    for (const id of book.inTurn([...this.#members.keys()], bytesNameOf(file), range.offset > 0)) {
      const source = this.#members.get(id);
      const opened = await source?.open(file, range, signal);
      if (source === undefined || opened === undefined) continue;
      if (opened.status === 'opened') {
        this.#tools.memory.answered(id);
        book.gives(id, bytesNameOf(file), { offset: range.offset, from: opened.from });
        return { source: source.name, ...opened, body: this.#body(id, file, opened.body) };
      }
      const { failure } = opened;
      const waits = await this.#waits(id, failure);
      if (waits === 'soon') return opened;
      const failedBefore = book.timesFailed(id, bytesNameOf(file));
      if (waits === undefined) {
        this.#tools.memory.answered(id);
        this.#failed(id, file, failure);
      }
      refusals.push({ member: source.name, failure, failedBefore, ...waits });
      if (isOfOtherSize(failure)) sized.push(id);
    }
    const failure = refusedByMembers(file.path, refusals);
    // Refused by size, whoever asked asks again for any encoding. By anything else he would wait, though somebody has the picture.
    const encoded = isOfOtherSize(failure) ? undefined : await this.#inAnyEncoding(sized, file, signal);
    return encoded ?? { status: 'failed', failure };
  }

  /** Of those who have the picture in another encoding, while others cannot say whether they have the very file. */
  async #inAnyEncoding(
    ids: readonly string[],
    file: FileSpec,
    signal: AbortSignal,
  ): Promise<OpenedFile | undefined> {
    if (file.accepts !== 'pixels' || file.md5 === undefined) return undefined;
    const { files: book } = this.#tools.memory;
    const picture = inAnyEncoding(file);
    const name = bytesNameOf(picture);
    for (const id of book.inTurn(ids, name, false)) {
      const source = this.#members.get(id);
      if (source === undefined || book.timesFailed(id, name) >= MOST_CHANCES) continue;
      const opened = await source.open(picture, { offset: 0 }, signal);
      if (opened.status === 'failed') {
        this.#failed(id, picture, opened.failure);
        continue;
      }
      book.gives(id, name, { offset: 0, from: 0 });
      const body = this.#body(id, picture, opened.body);
      return { source: source.name, ...opened, form: 'pixels', body };
    }
    return undefined;
  }

  judged(file: FileSpec, verdict: 'right' | 'wrong'): Judged {
    const given = [file, ...(file.md5 === undefined ? [] : [inAnyEncoding(file)])].filter(
      (one) => this.#tools.memory.files.giversOf(bytesNameOf(one)).length > 0,
    );
    const judged = (given.length === 0 ? [file] : given).map((one) => this.#judged(one, verdict));
    const said = judged.flatMap((one) => (one.said === '' ? [] : [one.said])).join('; ');
    return { hasAnother: judged.some(({ hasAnother }) => hasAnother), said };
  }

  /** A member with several places for it may have it right elsewhere: then it is asked again, and nothing is held against it. */
  #judged(file: FileSpec, verdict: 'right' | 'wrong'): Judged {
    const { files: book } = this.#tools.memory;
    const [name, ids] = [bytesNameOf(file), [...this.#members.keys()]];
    const givers = book.giversOf(name).flatMap((id) => this.#members.get(id) ?? []);
    const judged = givers.flatMap((source) => source.judged?.(file, verdict) ?? []);
    if (verdict === 'right') {
      book.right(name, performance.now());
      return { hasAnother: false, said: '' };
    }
    const isGivenElsewhere = judged.some(({ hasAnother }) => hasAnother);
    // Of several members any may be the one that lied.
    if (!isGivenElsewhere || givers.length > 1) book.wrong(name, ids, performance.now());
    // Each once: who has failed it already is asked again at the next attempt.
    const hasAnother = isGivenElsewhere || ids.some((id) => book.timesFailed(id, name) === 0);
    const said = book.said(name, ids, (id) => this.#members.get(id)?.name ?? '');
    return {
      hasAnother,
      said: [said, ...judged.map((one) => one.said)].filter((text) => text !== '').join('; '),
    };
  }

  /** Undefined: it is no matter of time, or of nobody's own. */
  async #waits(id: string, failure: SourceFailure): Promise<Waits | undefined> {
    const { patienceMs } = this.#tools;
    if (failure.isCrowded) return 'soon';
    const wait = await this.#waitOf(id, failure);
    if (wait === undefined) return undefined;
    const source = this.#members.get(id)?.name ?? '';
    const until = wait === 'unknown' ? {} : { until: wait.until };
    this.#tools.memory.waits(id, { source, reason: failure.reason, ...until });
    if (wait !== 'unknown' && !isTooLong(wait, patienceMs)) return 'soon';
    return { passedOverMs: wait === 'unknown' ? UNKNOWN_WAIT : Math.max(0, wait.until - Date.now()) };
  }

  async #waitOf(id: string, failure: SourceFailure): Promise<WholeWait | 'unknown' | undefined> {
    const { gate, reason, retryAfterMs } = failure;
    if (gate !== undefined) return (await this.#tools.waitOf(gate)) ?? 'unknown';
    if (!isRestReason(reason)) return undefined;
    if (retryAfterMs === undefined) return 'unknown';
    const now = Date.now();
    return { since: this.#tools.memory.waitsSince(id, now), until: now + retryAfterMs };
  }

  #failed(id: string, file: FileSpec, { reason }: SourceFailure): void {
    this.#tools.memory.files.failed(id, bytesNameOf(file), faultOf(reason), reason, performance.now());
  }

  /** Where it breaks off, another one goes on at the next attempt. */
  async *#body(id: string, file: FileSpec, body: OpenedFile['body']): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (error) {
      if (error instanceof SourceBodyError) this.#failed(id, file, error.failure);
      throw error;
    }
  }
}

/** It has the file, and is sure that it is not the published one. */
function isOfOtherSize({ reason }: SourceFailure): boolean {
  return reason === 'oversized-body' || reason === 'short-body';
}
