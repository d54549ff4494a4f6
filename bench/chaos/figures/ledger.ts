import { LICENSE_FILE } from '../../../src/domain/dataset/layout.ts';
import type { DriveStandIn } from '../../../src/stand-in/drive-stand-in.ts';
import type { StandInFiles } from '../../../src/stand-in/files.ts';
import type { RecordedRequest } from '../../../src/stand-in/requests.ts';

/** Why the bytes of a response may have to come again. */
type Cause = 'kill' | 'stop' | 'network' | 'disk' | 'origin';

export interface ByteCount {
  /** What the origin handed out of the files. */
  readonly sent: number;
  /** What it handed out of each file beyond the file's size. */
  readonly twice: number;
  /**
   * What of it was on its way when a fault came. Of those who are killed: what had been handed out and was not in a file
   * yet. Of other faults: all that was handed out in the responses that they met.
   */
  readonly inFlight: Readonly<Record<Cause, number>>;
  /** Files with more bytes twice than were on their way, and by how many. */
  readonly unexplained: readonly { readonly file: string; readonly bytes: number }[];
}

/** What has left the origin a moment ago is in the kernel's buffers or on its way to the disk. */
const UNDERWAY_MS = 5_000;

/** Counts, on the origin's side, what was handed out and what a fault met on its way. */
export class Ledger {
  readonly #drive: DriveStandIn;
  readonly #files: StandInFiles;
  #next = 0;
  readonly #open = new Set<RecordedRequest>();
  /** Responses that came to their end a moment ago. */
  #ended: { readonly request: RecordedRequest; readonly at: number }[] = [];
  readonly #sent = new Map<string, number>();
  /** Bytes at the moment of a kill; undefined: all of the response, whatever more will come. */
  readonly #met = new Map<RecordedRequest, { readonly cause: Cause; readonly bytes: number | undefined }>();
  readonly #onDisk: (file: string) => number;

  /** `onDisk`: how many bytes of a file are there, whole or unfinished. */
  constructor(drive: DriveStandIn, files: StandInFiles, onDisk: (file: string) => number) {
    this.#drive = drive;
    this.#files = files;
    this.#onDisk = onDisk;
  }

  /** Another number whenever the origin has handed out bytes. */
  get progress(): number {
    this.look();
    const open = [...this.#open].reduce((sum, { bytesSent }) => sum + bytesSent, 0);
    return [...this.#sent.values()].reduce((sum, bytes) => sum + bytes, open);
  }

  /** To be called again and again. */
  look(): void {
    const { requests } = this.#drive;
    for (; this.#next < requests.length; this.#next++) {
      const request = requests[this.#next];
      if (request) this.#open.add(request);
    }
    const now = performance.now();
    for (const request of this.#open) {
      if (!request.closed) continue;
      this.#open.delete(request);
      if (request.answer !== 'file' || request.file === undefined) continue;
      this.#sent.set(request.file, (this.#sent.get(request.file) ?? 0) + request.bytesSent);
      this.#ended.push({ request, at: now });
    }
    this.#ended = this.#ended.filter(({ at }) => at > now - UNDERWAY_MS);
  }

  /** A fault has met what is on its way now; for one that lasts, to be called until it is over. */
  meet(cause: Cause): void {
    this.look();
    for (const request of this.#open) this.#note(request, cause);
    for (const { request } of this.#ended) this.#note(request, cause);
  }

  #note(request: RecordedRequest, cause: Cause): void {
    if (request.answer !== 'file' || request.file === undefined) return;
    const before = this.#met.get(request);
    if (before !== undefined && before.bytes === undefined) return;
    if (cause !== 'kill') this.#met.set(request, { cause, bytes: undefined });
    else {
      const begin = Number(/^bytes=(\d+)-/.exec(request.range ?? '')?.[1] ?? 0);
      const bytes = Math.max(0, begin + request.bytesSent - this.#onDisk(request.file));
      this.#met.set(request, { cause, bytes: Math.max(bytes, before?.bytes ?? 0) });
    }
  }

  /** How many requests there have been: a point in time for `bytesSince`. */
  get mark(): number {
    return this.#drive.requests.length;
  }

  /** Has a request since then been answered with bytes? */
  bytesSince(mark: number): boolean {
    const { requests } = this.#drive;
    for (let at = mark; at < requests.length; at++) {
      const request = requests[at];
      if (request?.answer === 'file' && request.bytesSent > 0) return true;
    }
    return false;
  }

  /** Everything that has been handed out; nothing may be on its way. */
  count(): ByteCount {
    this.look();
    const inFlight: Record<Cause, number> = { kill: 0, stop: 0, network: 0, disk: 0, origin: 0 };
    const metOf = new Map<string, number>();
    for (const [{ file = '', bytesSent }, { cause, bytes = bytesSent }] of this.#met) {
      inFlight[cause] += bytes;
      metOf.set(file, (metOf.get(file) ?? 0) + bytes);
    }
    let sent = 0;
    let twice = 0;
    const unexplained: { file: string; bytes: number }[] = [];
    for (const [file, bytes] of this.#sent) {
      sent += bytes;
      // One text for every folder, asked for once for each.
      if (this.#files.get(file)?.name === LICENSE_FILE) continue;
      const again = Math.max(0, bytes - (this.#files.get(file)?.size ?? 0));
      twice += again;
      const bare = again - (metOf.get(file) ?? 0);
      if (bare > 0) unexplained.push({ file: this.#files.get(file)?.path ?? file, bytes: bare });
    }
    return { sent, twice, inFlight, unexplained };
  }
}
