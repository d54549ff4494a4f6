import { createHash } from 'node:crypto';

/** What became of the attempt that owns a partial file, as far as this process can know. */
export type WriterFate = 'alive' | 'gone' | 'unknown';

/**
 * This process as a writer. Its name is in the names of its partial files and logs, so that others can tell whether it
 * still runs: `w<pid>-<host>-<place>-<boot>-<start>-<attempt>`, made from the worker's Temporal identity
 * (`pid@host/place/boot/start`) with the host name as a digest.
 */
export class WriterProcess {
  readonly name: string;
  readonly #identity: string;
  readonly #isDead: (identity: string) => boolean;
  readonly #open = new Set<string>();
  #attempts = 0;

  /** `isDead`: whether an identity is surely that of a dead process of this host. */
  constructor(identity: string, isDead: (identity: string) => boolean) {
    this.#identity = identity;
    this.#isDead = isDead;
    const { pid, host, place, boot, start } = partsOf(identity);
    this.name = `w${pid}-${digest(host)}-${place}-${boot}-${start}`;
  }

  /** A name of its own for one attempt at one file; alive until {@link endAttempt}. */
  beginAttempt(): string {
    const writer = `${this.name}-${(this.#attempts++).toString(36)}`;
    this.#open.add(writer);
    return writer;
  }

  endAttempt(writer: string): void {
    this.#open.delete(writer);
  }

  /** Of a process's {@link name}, without an attempt: is it surely another one, which runs no more? */
  isOtherAndGone(name: string): boolean {
    return name !== this.name && this.fateOf(`${name}-0`) === 'gone';
  }

  fateOf(writer: string): WriterFate {
    if (writer.startsWith(`${this.name}-`)) return this.#open.has(writer) ? 'alive' : 'gone';
    const [, pid, host, place, boot, start] =
      /^w(\d+)-([0-9a-f]{8})-([0-9a-f]{8})-([0-9a-z]+)-([0-9a-z]+)-[0-9a-z]+$/.exec(writer) ?? [];
    const mine = partsOf(this.#identity);
    if (host !== digest(mine.host) || place !== mine.place) return 'unknown';
    return this.#isDead(`${pid}@${mine.host}/${place}/${boot}/${start}`) ? 'gone' : 'alive';
  }
}

function partsOf(identity: string) {
  const [, pid = '0', host = '', place = '', boot = '', start = ''] =
    /^(\d+)@([^/]*)\/([^/]*)\/([^/]*)\/([^/]*)$/.exec(identity) ?? [];
  return { pid, host, place, boot, start };
}

function digest(host: string): string {
  return createHash('sha256').update(host).digest('hex').slice(0, 8);
}
