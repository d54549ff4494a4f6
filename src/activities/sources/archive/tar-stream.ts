import { setMaxListeners } from 'node:events';
import { type Member, type MemberTable, STORED } from '../../../domain/archive/member-table.ts';
import { SourceBodyError } from '../contract/source.ts';
import { type Access, type ArchiveVersion, type Failed, failedArchive } from './access.ts';
import { ByteReader } from './byte-reader.ts';
import { refusalOf, told } from './open-member.ts';
import { newProgress, readHeaders, type TarFeed, type TarProgress } from './open-tar.ts';
import { TarIndexFile } from './tar-index-file.ts';

/*
 * A tar that is asked for member after member, most of them: it comes by one request, from the first member that is wanted
 * on, and each member is cut out of the stream for whoever waits for it. The table of its members is made meanwhile, and
 * kept; what lies behind the stream is asked for by its own range. A stream that breaks ends those who wait; the next one
 * begins at their members. One that nobody waits for any more is let go, and what is too large to be held is not read through.
 */

/** Bytes of members that passed and that nobody has asked for yet, of one tar. */
const MOST_KEPT_BYTES = 24 * 1024 ** 2;
/** Larger members are asked for by a request of their own, which nobody holds in memory; the stream goes on behind them. */
const MOST_MEMBER_BYTES = 8 * 1024 ** 2;
/** A member so far ahead is not waited for. */
const NEAR_BYTES = 256 * 1024 ** 2;
/** Milliseconds that a member is kept while others wait for later ones. */
const KEPT_MS = 500;
/** Milliseconds for which a stream that nobody waits for stays open. */
const IDLE_MS = 3_000;
/** Tars whose members are known; those not asked for longest go first. */
const MOST_TARS = 128;

/** A member's bytes, and the base name by which it was found. */
export interface Taken {
  readonly status: 'taken';
  readonly name: string;
  readonly size: number;
  readonly body: AsyncIterable<Uint8Array>;
}

/** The streams of a process, by the tar's place. */
export class TarStreams {
  readonly #cacheDir: string | undefined;
  readonly #byPlace = new Map<string, TarStream>();

  constructor(cacheDir?: string) {
    this.#cacheDir = cacheDir;
  }

  /**
   * Takes the member that has the first of these base names, or the next one. Rejects with the signal's reason alone.
   *
   * @param access by which it is asked for if nobody else has begun
   */
  take(names: readonly string[], access: Access, signal: AbortSignal): Promise<Taken | Failed | 'not there'> {
    const stream = this.#byPlace.get(access.place) ?? new TarStream(this.#cacheDir);
    this.#byPlace.delete(access.place);
    this.#byPlace.set(access.place, stream);
    const [oldest] = this.#byPlace.size > MOST_TARS ? this.#byPlace : [];
    if (oldest !== undefined) this.#byPlace.delete(oldest[0]);
    return stream.take(names, access, signal);
  }
}

interface Seen {
  readonly version: ArchiveVersion;
  readonly progress: TarProgress;
  readonly file: TarIndexFile | undefined;
  /** Number of the first member of each base name: a stream meets that one first, too. */
  readonly numbers: Map<string, number>;
  isWhole: boolean;
}

interface Waiter {
  readonly names: readonly string[];
  /** `again`: it is known by now, and does not come this way. */
  readonly settle: (taken: Taken | Failed | 'not there' | 'again') => void;
}

interface StreamFeed extends TarFeed {
  /** The same without a copy. Throws a SourceBodyError where they end early. */
  pieces(at: number, length: number): Promise<readonly Uint8Array[]>;
}

/** Nobody waits any more. */
class IdleError extends Error {}

class TarStream {
  readonly #cacheDir: string | undefined;
  #looking: Promise<Seen | Failed> | undefined;
  readonly #waiters = new Set<Waiter>();
  readonly #kept = new Map<string, { readonly bytes: Uint8Array; readonly at: number }>();
  #keptBytes = 0;
  /** Where the stream is; undefined: there is none. */
  #at: number | undefined;
  #changed = () => {};
  /** Runs while there is a stream, from when somebody last asked. */
  #idle: NodeJS.Timeout | undefined;

  constructor(cacheDir: string | undefined) {
    this.#cacheDir = cacheDir;
  }

  async take(
    names: readonly string[],
    access: Access,
    signal: AbortSignal,
  ): Promise<Taken | Failed | 'not there'> {
    for (;;) {
      signal.throwIfAborted();
      const seen = await this.#look(access, signal);
      if ('status' in seen) return seen;
      const kept = this.#takeKept(names);
      if (kept !== undefined) return kept;
      const known = find(seen, names);
      if (known === undefined && seen.isWhole) return 'not there';
      if (known !== undefined && !this.#comes(known.member)) return own(access, seen, known, signal);
      if (this.#at === undefined) void this.#run(access, seen, known?.index);
      const taken = await this.#wait(names, signal);
      if (taken !== 'again') return taken;
    }
  }

  /** Is a known member waited for? */
  #comes({ offset, size, method }: Member): boolean {
    if (size > MOST_MEMBER_BYTES || method !== STORED) return false;
    return this.#at === undefined || (offset >= this.#at && offset - this.#at <= NEAR_BYTES);
  }

  #takeKept(names: readonly string[]): Taken | undefined {
    const name = names.find((one) => this.#kept.has(one));
    const kept = name === undefined ? undefined : this.#kept.get(name);
    if (name === undefined || kept === undefined) return undefined;
    this.#drop(name);
    this.#idle?.refresh();
    this.#changed();
    return taken(name, kept.bytes.length, [kept.bytes]);
  }

  #drop(name: string): void {
    this.#keptBytes -= this.#kept.get(name)?.bytes.length ?? 0;
    this.#kept.delete(name);
  }

  #dropAll(): void {
    for (const name of [...this.#kept.keys()]) this.#drop(name);
  }

  #wait(names: readonly string[], signal: AbortSignal): Promise<Taken | Failed | 'not there' | 'again'> {
    // One signal for many files at once is what callers have.
    setMaxListeners(0, signal);
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#left(waiter);
        reject(signal.reason);
      };
      const waiter: Waiter = {
        names,
        settle: (how) => {
          signal.removeEventListener('abort', leave);
          this.#left(waiter);
          resolve(how);
        },
      };
      this.#waiters.add(waiter);
      signal.addEventListener('abort', leave, { once: true });
      this.#changed();
    });
  }

  #left(waiter: Waiter): void {
    this.#waiters.delete(waiter);
    this.#idle?.refresh();
  }

  /** Aborts a stream that nobody has waited for, whatever it is in the middle of. */
  #letGoWhenIdle(stop: AbortController): NodeJS.Timeout {
    const idle = setTimeout(() => {
      if (this.#waiters.size > 0) idle.refresh();
      else stop.abort(new IdleError());
    }, IDLE_MS).unref();
    return idle;
  }

  /** What is there, asked once; a failure is asked about again by whoever comes next. */
  async #look(access: Access, signal: AbortSignal): Promise<Seen | Failed> {
    this.#looking ??= this.#seen(access);
    const looking = this.#looking;
    const seen = await looking;
    if ('status' in seen && this.#looking === looking) this.#looking = undefined;
    signal.throwIfAborted();
    return seen;
  }

  async #seen(access: Access): Promise<Seen | Failed> {
    const looked = await told(access, () => access.look(new AbortController().signal));
    if (looked.status === 'failed') return looked;
    const { version } = looked;
    const file = TarIndexFile.of(this.#cacheDir, access, version);
    const read = await file?.read(version);
    const isWhole = read?.isWhole === true;
    const progress = read?.progress ?? newProgress(version);
    const numbers = new Map<string, number>();
    for (let index = 0; index < progress.table.count; index++) note(numbers, progress.table, index);
    return { version, file, isWhole, progress, numbers };
  }

  /** @param first number of the member that it begins at; absent: at the first header that was not read yet */
  async #run(access: Access, seen: Seen, first?: number): Promise<void> {
    const { version, progress, file } = seen;
    const { table } = progress;
    const from = first === undefined ? progress.at : table.at(first).offset;
    const before = table.count;
    const stop = new AbortController();
    this.#at = from;
    this.#idle = this.#letGoWhenIdle(stop);
    const bytes = new Stream(access, version, from, stop.signal);
    const ended = await told<Failed | 'whole' | 'idle'>(access, async () => {
      try {
        const feed = this.#feed(bytes, access, seen);
        for (let at = first ?? before; at < before; at++) await this.#pass(feed, table, at);
        return (seen.isWhole ? undefined : await readHeaders(feed, progress)) ?? 'whole';
      } catch (error) {
        if (error instanceof IdleError) return 'idle';
        throw error;
      } finally {
        await bytes.leave();
      }
    }).catch((error: unknown) => failedArchive('bad-archive', access, String(error)));
    clearTimeout(this.#idle);
    this.#idle = undefined;
    this.#at = undefined;
    if (ended === 'whole') setTimeout(() => this.#dropAll(), IDLE_MS).unref();
    else this.#dropAll();
    if (ended === 'whole' && !seen.isWhole) seen.isWhole = true;
    else if (typeof ended === 'object' && ended.failure.reason === 'archive-changed')
      this.#looking = undefined;
    if (table.count > before) void file?.write(progress, seen.isWhole);
    for (const { settle } of [...this.#waiters]) settle(typeof ended === 'object' ? ended : 'again');
  }

  #feed(stream: Stream, access: Access, { progress, numbers, file }: Seen): StreamFeed {
    const { table } = progress;
    const short = (at: number, length: number, got: number) =>
      failedArchive('short-body', access, `expected ${length} bytes at ${at}, got ${got}`);
    const feed: StreamFeed = {
      bytes: async (at, length) => {
        const read = await (await stream.at(at, length)).take(length);
        return read.length === length ? read : short(at, length, read.length);
      },
      pieces: async (at, length) => {
        const pieces = await (await stream.at(at, length)).takeViews(length);
        const got = pieces.reduce((sum, piece) => sum + piece.length, 0);
        if (got !== length) throw new SourceBodyError(short(at, length, got).failure);
        return pieces;
      },
      saw: async () => {
        note(numbers, table, table.count - 1);
        await file?.keepUp(progress);
        return this.#pass(feed, table, table.count - 1);
      },
    };
    return feed;
  }

  /** Cuts a member out of the stream, for whoever waits for it or will ask soon. */
  async #pass(feed: StreamFeed, table: MemberTable, index: number): Promise<void> {
    const { offset, size, method } = table.at(index);
    const name = baseNameOf(table, index);
    this.#at = offset;
    const waits = () => [...this.#waiters].filter(({ names }) => names.includes(name));
    if (size > MOST_MEMBER_BYTES || method !== STORED) {
      this.#at = offset + 1;
      for (const { settle } of waits()) settle('again');
      return;
    }
    while (waits().length === 0 && this.#keptBytes + size > MOST_KEPT_BYTES) await this.#makeRoom();
    const pieces = await feed.pieces(offset, size);
    this.#at = offset + 1;
    const waiters = waits();
    for (const { settle } of waiters) settle(taken(name, size, pieces));
    if (waiters.length > 0) return;
    this.#drop(name);
    // A copy: a view would hold all of the piece that it is of.
    this.#kept.set(name, { bytes: Buffer.concat(pieces, size), at: performance.now() });
    this.#keptBytes += size;
  }

  /** Waits until a member is asked for; one that nobody asks for while others wait is let go. */
  async #makeRoom(): Promise<void> {
    const [oldest] = this.#kept;
    if (oldest === undefined) return;
    const isWaitedFor = this.#waiters.size > 0;
    const wait = isWaitedFor ? oldest[1].at + KEPT_MS - performance.now() : IDLE_MS;
    if (wait > 0 && (await this.#change(wait))) return;
    if (this.#waiters.size === 0) throw new IdleError();
    if (isWaitedFor) this.#drop(oldest[0]);
  }

  /** False: nothing changed for so long. */
  #change(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), ms).unref();
      this.#changed = () => {
        clearTimeout(timer);
        this.#changed = () => {};
        resolve(true);
      };
    });
  }
}

/** The bytes of a tar from some place to its end; what is passed over is read through where that is little. */
class Stream {
  readonly #access: Access;
  readonly #version: ArchiveVersion;
  readonly #signal: AbortSignal;
  #reader: ByteReader | undefined;
  #position: number;

  constructor(access: Access, version: ArchiveVersion, from: number, signal: AbortSignal) {
    this.#access = access;
    this.#version = version;
    this.#position = from;
    this.#signal = signal;
  }

  /** Stands there, where so many bytes are about to be taken. Throws a SourceBodyError where nothing comes. */
  async at(at: number, length: number): Promise<ByteReader> {
    const skipped = at - this.#position;
    if (skipped > MOST_MEMBER_BYTES) await this.leave();
    this.#position = at + length;
    if (this.#reader !== undefined) await this.#reader.skip(skipped);
    else {
      const range = { offset: at, end: this.#version.size };
      const opened = await this.#access.read(range, this.#version, this.#signal);
      if (opened.status === 'failed') throw new SourceBodyError(opened.failure);
      this.#reader = new ByteReader(opened.body);
    }
    return this.#reader;
  }

  async leave(): Promise<void> {
    const reader = this.#reader;
    this.#reader = undefined;
    await reader?.leave();
  }
}

function taken(name: string, size: number, pieces: readonly Uint8Array[]): Taken {
  const body = (async function* () {
    yield* pieces;
  })();
  return { status: 'taken', name, size, body };
}

interface Known {
  readonly name: string;
  readonly index: number;
  readonly member: Member;
}

function find({ numbers, progress }: Seen, names: readonly string[]): Known | undefined {
  for (const name of names) {
    const index = numbers.get(name);
    if (index !== undefined) return { name, index, member: progress.table.at(index) };
  }
  return undefined;
}

function note(numbers: Map<string, number>, table: MemberTable, index: number): void {
  const name = baseNameOf(table, index);
  if (!numbers.has(name)) numbers.set(name, index);
}

/** By a request of its own. */
async function own(
  access: Access,
  { version }: Seen,
  { name, member }: Known,
  signal: AbortSignal,
): Promise<Taken | Failed> {
  const refused = refusalOf(access, member);
  if (refused !== undefined) return refused;
  const { offset, size } = member;
  const opened = await access.read({ offset, end: offset + size }, version, signal);
  return opened.status === 'failed' ? opened : { status: 'taken', name, size, body: opened.body };
}

function baseNameOf(table: MemberTable, index: number): string {
  const name = Buffer.from(table.nameAt(index)).toString('latin1');
  return name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
}
