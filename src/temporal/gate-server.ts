import { setTimeout as sleep } from 'node:timers/promises';
import {
  Client,
  type ConnectionLike,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  WorkflowUpdateStage,
} from '@temporalio/client';
import { type GateKey, gateName } from '../domain/failure/source-gate.ts';
import { closedMs, type GateWaits, lookAgainMs } from '../domain/gate/gate-waits.ts';
import {
  GATE_MEMO,
  GATE_TYPE,
  type GateNotice,
  type GateServer,
  gateIdOf,
  gateSignals,
  hurryRefusals,
  PROBE_NOW,
  type Refusal,
  type SourceGateInput,
  signalType,
} from '../domain/gate/source-gate.ts';
import { described, markdown, shown } from '../domain/quoting/markdown.ts';
import { HOUR } from '../domain/run/time-units.ts';
import { isGateNotice } from '../domain/signing/check-gate.ts';
import { madeFor, refusalOf } from '../domain/signing/signed-input.ts';
import type { SigningCodec } from '../signing/signing-codec.ts';

/** A request waits no longer for news of a gate. */
const READ_MS = 1_500;
const TELL_MS = 10_000;

/** A gate that was told says so within this time, or it is taken for one that does not hear. */
const HEAR_MS = 4_000;
/** Between two looks whether it does, at first; each one is twice as long. */
const FIRST_LOOK_MS = 50;

/** A person waits for the answer. */
const HURRY_MS = 5_000;
/** Whether an Update was rejected is known when it comes back. */
const REJECTED_MS = 100;

/** Milliseconds after its time for which a gate is believed to be closed; clocks of workers may be hours ahead. */
const LONGEST_PAST = 36 * HOUR;

export interface GateServerOptions {
  readonly connection: ConnectionLike;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly waits: GateWaits;
  /** Names the key, and tells nothing of it. */
  readonly fingerprint: string;
  /** Signs what this worker says to gates, and tells what its like have said. */
  readonly codec: SigningCodec;
}

/**
 * The gates on the Temporal server: a workflow each, whose memo says whether it is closed. Reading that asks the server alone,
 * so it is known while no worker is free, or alive.
 */
export function makeGateServer(options: GateServerOptions): GateServer {
  const { connection, namespace, taskQueue, waits, fingerprint, codec } = options;
  const client = new Client({ connection, namespace, dataConverter: { payloadCodecs: [codec] } });
  const idOf = (gate: GateKey) => gateIdOf(taskQueue, gate, fingerprint);
  const signedAs = <Message extends object>(message: Message, gate: GateKey, type: string) =>
    madeFor(message, { namespace, workflowId: idOf(gate), type });

  /** What stands under a gate's id: a gate of this key, which says that it is closed, or open; or nothing, or anything else. */
  const look = async (gate: GateKey): Promise<{ readonly closed?: GateNotice } | undefined> => {
    const workflowId = idOf(gate);
    const handle = client.workflow.getHandle(workflowId);
    try {
      const found = await client.withDeadline(Date.now() + READ_MS, () => handle.describe());
      const isGate = found.type === GATE_TYPE && found.taskQueue === taskQueue;
      if (found.status.name !== 'RUNNING' || !isGate) return undefined;
      return wordsIn(found.memo?.[GATE_MEMO], { namespace, workflowId, type: GATE_MEMO });
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    }
  };

  /** A gate that was open says that it is closed once a worker has taken the Signal. */
  const hears = async (gate: GateKey): Promise<boolean> => {
    const until = performance.now() + HEAR_MS;
    for (let waitMs = FIRST_LOOK_MS; ; waitMs *= 2) {
      const found = await look(gate);
      if (found?.closed !== undefined) return true;
      if (found === undefined || performance.now() + waitMs > until) return false;
      await sleep(waitMs);
    }
  };

  return {
    read: async (gate) => (await look(gate))?.closed,

    async refuse(gate, refusal) {
      const input: SourceGateInput = { gate, waits, refusal };
      const notice = { closed: firstNotice(refusal, waits) };
      await client.withDeadline(Date.now() + TELL_MS, () =>
        client.workflow.signalWithStart(GATE_TYPE, {
          workflowId: idOf(gate),
          taskQueue,
          args: [signedAs(input, gate, GATE_TYPE)],
          signal: gateSignals.refused,
          signalArgs: [signedAs(refusal, gate, signalType(gateSignals.refused))],
          // Others read it before the first Workflow Task.
          memo: { [GATE_MEMO]: signedAs(notice, gate, GATE_MEMO) },
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          ...described(markdown`${shown(gateName(gate))}: a source that refused`),
        }),
      );
      return hears(gate);
    },

    async enlist(gate, waiter) {
      const handle = client.workflow.getHandle(idOf(gate));
      const message = signedAs(waiter, gate, signalType(gateSignals.waits));
      try {
        await client.withDeadline(Date.now() + TELL_MS, () => handle.signal(gateSignals.waits, message));
      } catch (error) {
        // It ended just now: the next look finds it open.
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
    },

    async hurry(gate) {
      const handle = client.workflow.getHandle(idOf(gate));
      const waitForStage = WorkflowUpdateStage.ACCEPTED;
      try {
        const update = await client.withDeadline(Date.now() + HURRY_MS, () =>
          handle.startUpdate(PROBE_NOW, { waitForStage }),
        );
        return await isTaken(() => client.withDeadline(Date.now() + REJECTED_MS, () => update.result()));
      } catch {
        return false;
      }
    },
  };
}

/** Of an Update that came back: a gate that takes it has no result until its source answered, one that does not says so. */
async function isTaken(result: () => Promise<unknown>): Promise<boolean> {
  try {
    await result();
    return true;
  } catch (error) {
    if (!(error instanceof WorkflowUpdateFailedError))
      return error instanceof WorkflowUpdateRPCTimeoutOrCancelledError;
    // Somebody else's hurry, or the gate's time, was first: that is just as good.
    const why = error.cause?.message;
    return why === hurryRefusals.asking || why === hurryRefusals.open;
  }
}

/** By this process's clock, until the gate itself has said it by the server's. */
function firstNotice(refusal: Refusal, waits: GateWaits): GateNotice {
  const { reason, detail } = refusal;
  const since = Date.now();
  const until = since + closedMs(refusal, 0, waits, 0);
  return { since, until, reason, detail, lookAgainMs: lookAgainMs(waits) };
}

/** What a memo says, where a worker with this key wrote it for that very gate; undefined: none did. */
function wordsIn(
  memo: unknown,
  signedFor: { readonly namespace: string; readonly workflowId: string; readonly type: string },
): { readonly closed?: GateNotice } | undefined {
  if (refusalOf(memo, signedFor) !== undefined) return undefined;
  const { closed } = memo as { readonly closed?: unknown };
  if (!isGateNotice(closed)) return {};
  const { since, until, reason, detail, lookAgainMs: again } = closed as GateNotice;
  // Nobody's gate lives so long: somebody says again what a worker once said.
  if (Date.now() > until + LONGEST_PAST) return undefined;
  return { closed: { since, until, reason, detail, lookAgainMs: again } };
}
