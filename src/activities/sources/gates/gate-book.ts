import { type SourceFailure, sourceFailure } from '../../../domain/failure/source-failure.ts';
import {
  type GateKey,
  gateName,
  gateOf,
  gatesOf,
  isGateReason,
} from '../../../domain/failure/source-gate.ts';
import {
  askedMs,
  closedMs,
  type GateWaits,
  hurryMs,
  lookAgainMs,
  rememberMs,
} from '../../../domain/gate/gate-waits.ts';
import type {
  GateNotice,
  GateServer,
  LookAtGateInput,
  LookAtGateResult,
  Probe,
  Refusal,
} from '../../../domain/gate/source-gate.ts';
import { SECOND } from '../../../domain/run/time-units.ts';
import type { RequestGates } from '../contract/request-gates.ts';

/** Milliseconds for which what was read of a gate is good enough to ask by: a refusal is heard everywhere within two seconds. */
const FRESH_MS = 700;

/** Milliseconds after telling a gate for which it may still say that it is open: its worker has yet to hear of it. */
const HEARING_MS = 3_000;

/** Milliseconds by which a time that the source names must be later than one that was told, to be told as well. */
const LATER_MS = 3_000;

/** Files of a gate that a process can name. */
const MOST_FILES = 8;

interface Known {
  /** Closed, as was read or as was met here. */
  notice?: Pick<GateNotice, 'reason' | 'detail'>;
  readAt: number;
  reading?: Promise<void>;
  /** Met here and not told yet. */
  untold?: SourceFailure;
  telling?: Promise<boolean>;
  /** When the last refusal was met or told here. */
  closedAt: number;
  /** The latest time (by the book's clock) until which it is closed, as far as it was named here or read. */
  namedUntil: number;
  /** Files that came to it here, the next one to name first. */
  readonly files: Probe[];
  /** What the gate did not take: this process keeps to it alone. */
  held?: Held;
}

/** A refusal that no gate keeps. */
interface Held {
  readonly notice: GateNotice;
  /** Refusals in a row before this one. */
  readonly times: number;
  /** By the book's clock: when it ends, or was to end before a hurry, and when it is forgotten how often there was one. */
  readonly until: number;
  readonly heldUntil: number;
  readonly rememberedUntil: number;
}

/**
 * What one worker process knows of the gates. It is read when a request is about to begin and what is known is older than
 * {@link FRESH_MS}, once for all requests, and never otherwise: a process that asks nothing costs nothing. What is met here
 * holds here at once; where the gate does not take it, it holds here alone, for as long as the gate would be closed.
 */
export class GateBook implements RequestGates {
  readonly #server: GateServer;
  readonly #waits: GateWaits;
  readonly #now: () => number;
  readonly #known = new Map<GateKey, Known>();

  /** @param now milliseconds of a clock that never goes back */
  constructor(server: GateServer, waits: GateWaits, now: () => number = () => performance.now()) {
    this.#server = server;
    this.#waits = waits;
    this.#now = now;
  }

  async refusal(host: string, except?: GateKey): Promise<SourceFailure | undefined> {
    for (const gate of gatesOf(host)) {
      if (gate === except) continue;
      const known = this.#of(gate);
      if (this.#now() - known.readAt > FRESH_MS) await this.#read(gate, known);
      this.#endHold(known);
      if (known.notice !== undefined) return closedFailure(gate, host, known.notice);
    }
    return undefined;
  }

  refused(host: string, failure: SourceFailure): SourceFailure | undefined {
    const { reason } = failure;
    const gate = isGateReason(reason) ? gateOf(host, reason) : undefined;
    if (gate === undefined || !isGateReason(reason)) return undefined;
    const known = this.#of(gate);
    const now = this.#now();
    const isNew = known.notice === undefined;
    if (isNew) {
      known.notice = { reason, detail: failure.detail };
      known.closedAt = now;
      known.namedUntil = now;
    }
    const namedMs = askedMs(failure);
    // What was under way when it was closed only says the same once more, or names a later time.
    if (isNew || (namedMs > 0 && now + namedMs > known.namedUntil + LATER_MS)) {
      known.untold = failure;
      known.namedUntil = now + namedMs;
    }
    return { ...failure, host, gate };
  }

  /** Tells the gate what was met here, if anything was; false: it could not be told, or did not take it. */
  async tell(gate: GateKey, probe: Probe): Promise<boolean> {
    const known = this.#of(gate);
    noteFile(known.files, probe);
    const { untold } = known;
    if (untold !== undefined) {
      delete known.untold;
      const telling = this.#tell(gate, known, untold, probe).finally(() => {
        if (known.telling === telling) delete known.telling;
      });
      known.telling = telling;
    }
    return (await known.telling) ?? true;
  }

  /**
   * What the gate says of itself, to one who waits there and is told when it moves; where it says that it is open, what this
   * process holds alone.
   */
  async look({ gate, waiter, hurry }: LookAtGateInput): Promise<LookAtGateResult> {
    const closed = await this.#server.read(gate);
    if (closed === undefined) return this.#lookAtHold(this.#of(gate), hurry);
    const { files } = this.#of(gate);
    const probe = files.shift();
    if (probe !== undefined) files.push(probe);
    await this.#server.enlist(gate, { waiter, ...(probe === undefined ? {} : { probe }) });
    return { closed, ...(hurry && (await this.#server.hurry(gate)) ? { hurried: true } : {}) };
  }

  /** How long it is closed in all, as it says itself; undefined: it does not say. */
  async waitOf(gate: GateKey): Promise<Pick<GateNotice, 'since' | 'until'> | undefined> {
    const known = this.#of(gate);
    const said = () => known.notice as Partial<GateNotice> | undefined;
    if (said()?.until === undefined) await this.#read(gate, known);
    const { since, until } = said() ?? {};
    return since === undefined || until === undefined ? undefined : { since, until };
  }

  #lookAtHold(known: Known, hurry: true | undefined): LookAtGateResult {
    const now = this.#now();
    const { held } = known;
    if (held === undefined || now >= held.until) return {};
    if (!hurry || now - known.closedAt < hurryMs(this.#waits)) return { closed: held.notice };
    known.held = { ...held, until: now };
    this.#endHold(known);
    return { hurried: true };
  }

  async #tell(gate: GateKey, known: Known, failure: SourceFailure, probe: Probe): Promise<boolean> {
    const { reason, detail, retryAfterMs } = failure;
    if (!isGateReason(reason)) return true;
    const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
    let isTold = false;
    try {
      isTold = await this.#server.refuse(gate, { reason, detail, ...wait, probe });
    } catch {
      // Nobody could be told.
    }
    known.closedAt = this.#now();
    if (isTold) delete known.held;
    else {
      known.held = this.#held({ reason, detail, ...wait }, known.held);
      known.notice = known.held.notice;
    }
    return isTold;
  }

  /** As the gate would have been closed. */
  #held(refusal: Omit<Refusal, 'probe'>, before: Held | undefined): Held {
    const [now, at] = [this.#now(), Date.now()];
    const { reason, detail } = refusal;
    // It is held already: only a later time that the source names makes that longer.
    const left = before === undefined ? 0 : before.heldUntil - now;
    const isEarly = before !== undefined && left > 0;
    const isInARow = before !== undefined && now < before.rememberedUntil;
    const times = isEarly ? before.times : isInARow ? before.times + 1 : 0;
    const ms = isEarly
      ? Math.max(left, askedMs(refusal))
      : closedMs(refusal, times, this.#waits, Math.random());
    // Refused as soon as it was asked again: it is the same wait.
    const isOneWait = before !== undefined && now - before.until < 2 * lookAgainMs(this.#waits);
    const since = isOneWait ? before.notice.since : at;
    // Nobody tells when it is over.
    const notice = { since, until: at + ms, reason, detail, lookAgainMs: SECOND };
    const until = now + ms;
    return { notice, times, until, heldUntil: until, rememberedUntil: until + rememberMs(ms, this.#waits) };
  }

  /** Where its time is over, the source may be asked. */
  #endHold(known: Known): void {
    const { held } = known;
    if (held !== undefined && known.notice === held.notice && this.#now() >= held.until) delete known.notice;
  }

  #read(gate: GateKey, known: Known): Promise<void> {
    const begunAt = this.#now();
    known.reading ??= this.#server
      .read(gate)
      .then(
        (notice) => {
          const mayNotHaveHeard =
            known.untold !== undefined ||
            known.telling !== undefined ||
            this.#now() - known.closedAt < HEARING_MS;
          const isHeld = known.held !== undefined && this.#now() < known.held.until;
          if (notice !== undefined) {
            const until = this.#now() + notice.until - Date.now();
            known.namedUntil = known.notice === undefined ? until : Math.max(known.namedUntil, until);
            known.notice = notice;
            delete known.held;
          } else if (!mayNotHaveHeard && !isHeld) delete known.notice;
        },
        // What is known stays: a server that does not answer holds up no request.
        () => {},
      )
      .finally(() => {
        known.readAt = begunAt;
        delete known.reading;
      });
    return known.reading;
  }

  #of(gate: GateKey): Known {
    const known = this.#known.get(gate) ?? {
      readAt: Number.NEGATIVE_INFINITY,
      closedAt: Number.NEGATIVE_INFINITY,
      namedUntil: Number.NEGATIVE_INFINITY,
      files: [],
    };
    this.#known.set(gate, known);
    return known;
  }
}

/** The newest, and no file twice. */
function noteFile(files: Probe[], probe: Probe): void {
  const had = files.findIndex(({ file }) => file.path === probe.file.path && file.url === probe.file.url);
  if (had !== -1) files.splice(had, 1);
  files.push(probe);
  if (files.length > MOST_FILES) files.shift();
}

/** Nothing was asked. */
function closedFailure(
  gate: GateKey,
  host: string,
  { reason, detail }: Pick<GateNotice, 'reason' | 'detail'>,
): SourceFailure {
  const failure = sourceFailure(
    reason,
    `${gateName(gate)} is not asked at present, since it refused: ${detail}`,
  );
  return { ...failure, host, gate };
}
