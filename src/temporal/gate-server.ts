import { Client, type ConnectionLike, WorkflowNotFoundError } from '@temporalio/client';
import { type GateKey, gateName } from '../domain/failure/source-gate.ts';
import { closedMs, type GateWaits, lookAgainMs } from '../domain/gate/gate-waits.ts';
import {
  GATE_MEMO,
  GATE_TYPE,
  type GateNotice,
  type GateServer,
  gateIdOf,
  gateSignals,
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

/** Milliseconds after its time for which a gate is believed to be closed; clocks of workers may be hours ahead. */
const LONGEST_PAST = 36 * HOUR;

export interface GateServerOptions {
  readonly connection: ConnectionLike;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly waits: GateWaits;
  /** Signs what this worker says to gates, and tells what its like have said. */
  readonly codec: SigningCodec;
}

/**
 * The gates on the Temporal server: a workflow each, whose memo says whether it is closed. Reading that asks the server alone,
 * so it is known while no worker is free, or alive.
 */
export function makeGateServer(options: GateServerOptions): GateServer {
  const { connection, namespace, taskQueue, waits, codec } = options;
  const client = new Client({ connection, namespace, dataConverter: { payloadCodecs: [codec] } });
  const idOf = (gate: GateKey) => gateIdOf(taskQueue, gate);
  const signedAs = <Message extends object>(message: Message, gate: GateKey, type: string) =>
    madeFor(message, { namespace, workflowId: idOf(gate), type });

  return {
    async read(gate) {
      const handle = client.workflow.getHandle(idOf(gate));
      try {
        const { status, memo, type } = await client.withDeadline(Date.now() + READ_MS, () =>
          handle.describe(),
        );
        if (status.name !== 'RUNNING' || type !== GATE_TYPE) return undefined;
        return noticeIn(memo?.[GATE_MEMO], { namespace, workflowId: idOf(gate), type: GATE_MEMO });
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return undefined;
        throw error;
      }
    },

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
    },

    async enlist(gate, waiter, hurry) {
      const handle = client.workflow.getHandle(idOf(gate));
      const message = signedAs({ waiter, ...(hurry ? { hurry } : {}) }, gate, signalType(gateSignals.waits));
      try {
        await client.withDeadline(Date.now() + TELL_MS, () => handle.signal(gateSignals.waits, message));
      } catch (error) {
        // It ended just now: the next look finds it open.
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
    },
  };
}

/** By this process's clock, until the gate itself has said it by the server's. */
function firstNotice(refusal: Refusal, waits: GateWaits): GateNotice {
  const { reason, detail } = refusal;
  const since = Date.now();
  const until = since + closedMs(refusal, 0, waits, 0);
  return { since, until, reason, detail, lookAgainMs: lookAgainMs(waits) };
}

/** What a memo says, where a worker with this key wrote it for that very gate. Anything else says that it is open. */
function noticeIn(
  memo: unknown,
  signedFor: { readonly namespace: string; readonly workflowId: string; readonly type: string },
): GateNotice | undefined {
  if (refusalOf(memo, signedFor) !== undefined) return undefined;
  const { closed } = memo as { readonly closed?: unknown };
  if (!isGateNotice(closed)) return undefined;
  const { since, until, reason, detail, lookAgainMs: again } = closed as GateNotice;
  // Nobody's gate lives so long: somebody says again what a worker once said.
  if (Date.now() > until + LONGEST_PAST) return undefined;
  return { since, until, reason, detail, lookAgainMs: again };
}
