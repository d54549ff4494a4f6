import { type SourceFailure, sourceFailure } from '../../../domain/failure/source-failure.ts';
import {
  type GateKey,
  gateName,
  gateOf,
  gatesOf,
  isGateReason,
} from '../../../domain/failure/source-gate.ts';
import type { GateNotice, GateServer, LookAtGateInput, Probe } from '../../../domain/gate/source-gate.ts';
import type { RequestGates } from '../contract/request-gates.ts';

/** Milliseconds for which what was read of a gate is good enough to ask by: a refusal is heard everywhere within two seconds. */
const FRESH_MS = 700;

/** Milliseconds after telling a gate for which it may still say that it is open: its worker has yet to hear of it. */
const HEARING_MS = 3_000;

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
}

/**
 * What one worker process knows of the gates. It is read when a request is about to begin and what is known is older than
 * {@link FRESH_MS}, once for all requests, and never otherwise: a process that asks nothing costs nothing. What is met here
 * holds here at once.
 */
export class GateBook implements RequestGates {
  readonly #server: GateServer;
  readonly #now: () => number;
  readonly #known = new Map<GateKey, Known>();

  /** @param now milliseconds of a clock that never goes back */
  constructor(server: GateServer, now: () => number = () => performance.now()) {
    this.#server = server;
    this.#now = now;
  }

  async refusal(host: string): Promise<SourceFailure | undefined> {
    for (const gate of gatesOf(host)) {
      const known = this.#of(gate);
      if (this.#now() - known.readAt > FRESH_MS) await this.#read(gate, known);
      if (known.notice !== undefined) return closedFailure(gate, host, known.notice);
    }
    return undefined;
  }

  refused(host: string, failure: SourceFailure): SourceFailure | undefined {
    const { reason } = failure;
    const gate = isGateReason(reason) ? gateOf(host, reason) : undefined;
    if (gate === undefined || !isGateReason(reason)) return undefined;
    const known = this.#of(gate);
    // What was under way when it was closed only says the same once more.
    if (known.notice === undefined) {
      known.notice = { reason, detail: failure.detail };
      known.untold = failure;
      known.closedAt = this.#now();
    }
    return { ...failure, host, gate };
  }

  /** Tells the gate what was met here, if anything was; false: it could not be told. */
  async tell(gate: GateKey, probe: Probe): Promise<boolean> {
    const known = this.#of(gate);
    const { untold } = known;
    if (untold !== undefined) {
      delete known.untold;
      known.telling = this.#tell(gate, known, untold, probe);
    }
    return (await known.telling) ?? true;
  }

  /** What the gate says of itself, to one who waits there and is told when it moves. */
  async look({ gate, waiter, hurry }: LookAtGateInput): Promise<GateNotice | undefined> {
    const notice = await this.#server.read(gate);
    if (notice !== undefined) await this.#server.enlist(gate, waiter, hurry);
    return notice;
  }

  async #tell(gate: GateKey, known: Known, failure: SourceFailure, probe: Probe): Promise<boolean> {
    const { reason, detail, retryAfterMs } = failure;
    if (!isGateReason(reason)) return true;
    const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
    try {
      await this.#server.refuse(gate, { reason, detail, ...wait, probe });
      return true;
    } catch {
      // Whoever met it waits by itself then.
      return false;
    } finally {
      known.closedAt = this.#now();
      delete known.telling;
    }
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
          if (notice !== undefined) known.notice = notice;
          else if (!mayNotHaveHeard) delete known.notice;
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
    };
    this.#known.set(gate, known);
    return known;
  }
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
