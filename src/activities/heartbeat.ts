import { Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import type { FileSpec } from '../domain/dataset/file-spec.ts';
import type { FileFailure } from '../domain/failure/file-failure.ts';
import type { NotedWait } from '../domain/failure/noted-wait.ts';
import type { FailureReason } from '../domain/failure/reasons.ts';
import type { HostRest } from '../domain/failure/source-failure.ts';
import { type SlownessKind, SlownessMeter } from '../domain/limits/slowdown.ts';
import type { SourceBearing, WaitingSource } from '../domain/run/progress.ts';
import type { FaultReason } from '../domain/timeline/timeline-point.ts';
import {
  type HeartbeatDetails,
  readDetails,
  type SettledOutcome,
  type Surprises,
} from './heartbeat-details.ts';
import type { RunNotes } from './timeline/run-notes.ts';

/** Twice as often as heartbeats are sent (2 s), so that what is sent is never older than a second. */
const REPORT_MS = 1_000;

/** Files in flight that the details name; more would only make the UI's box scroll. */
const SHOWN_FILES = 4;

/** Bytes of headway in one attempt after which a broken transfer is not counted against the file. */
const HEADWAY_BYTES = 64 * 1024;

/** The heartbeat of one attempt: from its first moment to its last. */
export class Heartbeat {
  readonly #context: Context;
  readonly #timer: NodeJS.Timeout;
  readonly #attempts: Record<string, number>;
  readonly #settled: Record<string, SettledOutcome>;
  readonly #waitsSince: Record<string, number>;
  readonly #rests: Record<string, HostRest>;
  readonly #inFlight = new Map<FileSpec, number>();
  readonly #finished = new Set<FileSpec>();
  #files = 0;
  #bytes = 0;
  #filesDone = 0;
  #bytesDone = 0;
  #failed = 0;
  #surprises: Surprises | undefined;
  #note: string | undefined;
  readonly #meter = new SlownessMeter();
  #bearings: () => readonly SourceBearing[] = () => [];
  #waitingSources: () => readonly WaitingSource[] = () => [];
  #timeline: RunNotes | undefined;

  private constructor(context: Context) {
    this.#context = context;
    const before = readDetails(context.info.heartbeatDetails);
    this.#attempts = before.attempts;
    this.#settled = before.settled;
    this.#waitsSince = before.waitsSince;
    this.#rests = before.rests;
    this.#surprises = before.surprises;
    this.#heartbeat();
    this.#timer = setInterval(() => this.#heartbeat(), REPORT_MS);
  }

  static begin(): Heartbeat {
    return new Heartbeat(Context.current());
  }

  /** What is done from now on stands in the run's timeline. */
  noteIn(timeline: RunNotes | undefined): void {
    this.#timeline = timeline;
  }

  get signal(): AbortSignal {
    return this.#context.cancellationSignal;
  }

  /** Temporal's own counter: rises with kills and waits too. */
  get attempt(): number {
    return this.#context.info.attempt;
  }

  setTotals(specs: readonly Pick<FileSpec, 'size'>[]): void {
    this.#files = specs.length;
    this.#bytes = specs.reduce((sum, spec) => sum + (spec.size ?? 0), 0);
  }

  attemptsOf(key: string): number {
    return this.#attempts[key] ?? 0;
  }

  /** Counted by Activities before this one. */
  rememberFaults(key: string, faults: number): void {
    this.#attempts[key] = Math.max(faults, this.attemptsOf(key));
  }

  /** Counts a fault unless the attempt brought the file well forward. Answers the count. */
  countFault(key: string, progressedBytes: number): number {
    if (progressedBytes < HEADWAY_BYTES) this.#attempts[key] = this.attemptsOf(key) + 1;
    return this.attemptsOf(key);
  }

  settledOutcome(key: string): SettledOutcome | undefined {
    return this.#settled[key];
  }

  settleFailed({ key, reason, kind }: Pick<FileFailure, 'key' | 'reason' | 'kind'>): void {
    this.#timeline?.failed(kind);
    this.#settled[key] = { status: 'failed', reason };
  }

  settleDeferred(key: string, wait: NotedWait & { readonly reason: FailureReason }): void {
    this.#settled[key] = { status: 'deferred', ...wait };
    this.#timeline?.wait(wait.reason, wait.until);
  }

  /** Remembers over attempts since when a file has waited; a file that begins waits no more. */
  waitsSince(key: string): number {
    // Noted by a clock that was ahead of this one, it begins now.
    const since = Math.min(this.#waitsSince[key] ?? Number.POSITIVE_INFINITY, Date.now());
    this.#waitsSince[key] = since;
    return since;
  }

  endWait(key: string): void {
    delete this.#waitsSince[key];
  }

  /** Hosts that asked for a rest, as far as the attempts so far know. */
  get rests(): Readonly<Record<string, HostRest>> {
    return this.#rests;
  }

  rememberRest(host: string, rest: HostRest): void {
    this.#rests[host] = rest;
    this.#timeline?.wait(rest.reason, rest.until);
  }

  start(spec: FileSpec): void {
    this.#inFlight.set(spec, 0);
  }

  addBytes(spec: FileSpec, bytes: number): void {
    this.#inFlight.set(spec, (this.#inFlight.get(spec) ?? 0) + bytes);
    this.#timeline?.bytes(spec.kind, bytes);
  }

  /** Bytes read of something that is not a file of the bundle. */
  addNotedBytes(bytes: number): void {
    this.#bytesDone += bytes;
  }

  /** `vouched`: done, and nothing had to be done for it. */
  finish(spec: FileSpec, status: 'done' | 'vouched' | 'failed'): void {
    if (this.#finished.has(spec)) return;
    this.#finished.add(spec);
    if (status === 'failed') this.#failed++;
    else {
      this.#filesDone++;
      this.#bytesDone += spec.size ?? 0;
      if (status === 'done') this.#timeline?.settled(spec.kind);
    }
  }

  /** For the timeline: something went wrong with a file, or with them all. */
  noteFault(reason: FaultReason): void {
    this.#timeline?.fault(reason);
  }

  leave(spec: FileSpec): void {
    this.#inFlight.delete(spec);
  }

  /** A file waits for this; what is answered is called when it does so no more. */
  readonly beginWait = (kind: SlownessKind): (() => void) => {
    const begun = performance.now();
    const end = this.#meter.begin(kind, begun);
    return () => {
      const now = performance.now();
      end(now);
      this.#timeline?.slow(kind, now - begun);
    };
  };

  /** What its process knows of the hosts that the run asks, and which of several sources it does not ask at present. */
  tellSources(bearings: () => readonly SourceBearing[], waiting: () => readonly WaitingSource[]): void {
    this.#bearings = bearings;
    this.#waitingSources = waiting;
  }

  /** How many attempts in a row have ended so, this one included; those of killed workers are none of them. */
  countSurprise(name: string): number {
    const before = this.#surprises?.name === name ? this.#surprises.times : 0;
    this.#surprises = { name, times: before + 1 };
    return before + 1;
  }

  say(note: string | undefined): void {
    this.#note = note;
  }

  /**
   * An Activity that the workflow cancelled answers what it has; one whose worker shuts down, or that somebody paused
   * or reset, fails instead, so that Temporal runs it again.
   */
  rethrowUnlessCancelled(): void {
    const details = this.#context.cancellationDetails;
    const byWorkflow = details?.cancelRequested === true && !details.workerShutdown;
    if (!byWorkflow) this.throwIfStopped();
  }

  /** Throws the cancellation, where there is one. */
  throwIfStopped(): void {
    if (!this.signal.aborted) return;
    const { reason } = this.signal;
    throw reason instanceof Error ? reason : new CancelledFailure('the Activity was told to stop');
  }

  /** The last heartbeat travels with a failure, so the counts of this attempt are not lost. */
  end(): void {
    clearInterval(this.#timer);
    this.#heartbeat();
  }

  #heartbeat(): void {
    const current = [...this.#inFlight].slice(0, SHOWN_FILES).map(([spec, bytes]) => {
      const percent = spec.size ? ` ${Math.min(100, Math.floor((100 * bytes) / spec.size))}%` : '';
      return `${spec.path}${percent}`;
    });
    const slow = this.#meter.read(performance.now());
    const [sources, waiting] = [this.#bearings(), this.#waitingSources()];
    const details: HeartbeatDetails = {
      files: this.#files,
      filesDone: this.#filesDone,
      bytes: this.#bytes,
      bytesDone: this.#bytesDone + this.#bytesInFlight(),
      failed: this.#failed,
      current,
      attempts: this.#attempts,
      settled: this.#settled,
      ...(Object.keys(this.#waitsSince).length > 0 ? { waitsSince: this.#waitsSince } : {}),
      ...(Object.keys(this.#rests).length === 0 ? {} : { rests: this.#rests }),
      ...(this.#surprises === undefined ? {} : { surprises: this.#surprises }),
      ...(this.#note === undefined ? {} : { note: this.#note }),
      ...(Object.keys(slow).length === 0 ? {} : { slow }),
      ...(sources.length === 0 ? {} : { sources }),
      ...(waiting.length === 0 ? {} : { waiting }),
    };
    this.#context.heartbeat(details);
  }

  #bytesInFlight(): number {
    let sum = 0;
    for (const [spec, bytes] of this.#inFlight) {
      if (!this.#finished.has(spec)) sum += spec.size === undefined ? bytes : Math.min(bytes, spec.size);
    }
    return sum;
  }
}
