import type { FileKind } from '../../domain/kinds.ts';
import type { SlownessKind } from '../../domain/limits/slowdown.ts';
import {
  type DoneOfKind,
  type FaultReason,
  joinedPoints,
  nothingDone,
  type TimelinePoint,
} from '../../domain/timeline/timeline-point.ts';

type Counts = { -readonly [Field in keyof DoneOfKind]: DoneOfKind[Field] };

/** What this process does for one run, since it was last written down. Told of every piece that comes: it only adds up. */
export class RunNotes {
  readonly #onFirst: () => void;
  #since: number | undefined;
  #kinds = new Map<FileKind, Counts>();
  #faults = new Map<FaultReason, number>();
  #waits = new Map<FaultReason, number>();
  #slow = new Map<SlownessKind, number>();
  /** Of which it is not known that it was written. */
  #kept: TimelinePoint | undefined;

  /** @param onFirst called when there is something to write where there was nothing */
  constructor(onFirst: () => void) {
    this.#onFirst = onFirst;
  }

  readonly bytes = (kind: FileKind, bytes: number): void => {
    this.#of(kind).bytes += bytes;
  };

  readonly settled = (kind: FileKind): void => {
    this.#of(kind).files += 1;
  };

  readonly failed = (kind: FileKind): void => {
    this.#of(kind).failed += 1;
  };

  readonly fault = (reason: FaultReason): void => {
    this.#begin();
    this.#faults.set(reason, (this.#faults.get(reason) ?? 0) + 1);
  };

  /** @param until milliseconds since the epoch */
  readonly wait = (reason: FaultReason, until: number): void => {
    this.#begin();
    this.#waits.set(reason, Math.max(until, this.#waits.get(reason) ?? 0));
  };

  readonly slow = (kind: SlownessKind, ms: number): void => {
    this.#begin();
    this.#slow.set(kind, Math.round((this.#slow.get(kind) ?? 0) + ms));
  };

  /** What is to be written; undefined: nothing. It is given back by {@link keep} where that fails. */
  take(now: number): TimelinePoint | undefined {
    const [since, kept] = [this.#since, this.#kept];
    this.#kept = undefined;
    if (since === undefined) return kept;
    const point: TimelinePoint = {
      at: since,
      ms: Math.max(0, now - since),
      kinds: Object.fromEntries(this.#kinds),
      faults: Object.fromEntries(this.#faults),
      waits: Object.fromEntries(this.#waits),
      slow: Object.fromEntries(this.#slow),
    };
    this.#since = undefined;
    this.#kinds = new Map();
    this.#faults = new Map();
    this.#waits = new Map();
    this.#slow = new Map();
    return kept === undefined ? point : joinedPoints(kept, point);
  }

  keep(point: TimelinePoint): void {
    this.#kept = this.#kept === undefined ? point : joinedPoints(point, this.#kept);
  }

  #of(kind: FileKind): Counts {
    this.#begin();
    const known = this.#kinds.get(kind);
    if (known !== undefined) return known;
    const counts = { ...nothingDone };
    this.#kinds.set(kind, counts);
    return counts;
  }

  #begin(): void {
    if (this.#since !== undefined) return;
    this.#since = Date.now();
    this.#onFirst();
  }
}
