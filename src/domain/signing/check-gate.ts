import { failureReasons } from '../failure/reasons.ts';
import { gateKeys, gateReasons } from '../failure/source-gate.ts';
import { gateSignals } from '../gate/source-gate.ts';
import { fileKinds } from '../kinds.ts';
import { RequestError } from '../network/request-url.ts';
import { CHILD_WAITS } from '../run/progress.ts';
import { HOUR } from '../run/time-units.ts';
import {
  type Check,
  flag,
  isoTime,
  listOf,
  number,
  object,
  oneOf,
  optional,
  sentenceOf,
  tableOf,
  text,
  whole,
} from './checks.ts';

/* What gates and those who wait at them say to each other, field by field. */

const MOST_BYTES = 2 ** 50;
/** Milliseconds; sources name no longer waits. */
const wait = number(0, 48 * HOUR);
/** Milliseconds since the epoch, as far as a Date goes. */
const time = whole(0, 8.64e15);
const gate = oneOf(gateKeys);
const reason = oneOf(gateReasons);

const probe = object({
  source: optional(tableOf(text)),
  allowedHosts: listOf(text, 1_000),
  file: object({
    kind: oneOf(fileKinds),
    key: text,
    path: text,
    url: text,
    size: optional(whole(0, MOST_BYTES)),
  }),
});
const notice = object({ since: time, until: time, reason, detail: text, lookAgainMs: wait });
const refusal = object({ reason, detail: text, retryAfterMs: optional(wait), probe });

/** Results of Activities, by their type. */
export const gateResults: Readonly<Record<string, Check>> = {
  lookAtGate: object({ closed: optional(notice), hurried: optional(flag) }),
  probeSource: object({
    outcome: oneOf(['answered', 'unclear', 'refused']),
    reason: optional(reason),
    detail: optional(text),
    retryAfterMs: optional(wait),
  }),
};

/** What Signals are sent with, by their name. */
export const gateSignalArgs: Readonly<Record<string, Check>> = {
  [gateSignals.refused]: refusal,
  [gateSignals.waits]: object({ waiter: text, probe: optional(probe) }),
  gateMoved: gate,
  [CHILD_WAITS]: object({
    name: text,
    at: time,
    wait: optional(
      object({
        what: text,
        reason: oneOf(failureReasons),
        until: isoTime,
        since: isoTime,
        times: optional(whole(0, 1_000_000)),
      }),
    ),
  }),
};

const inputs = {
  lookAtGate: object({ gate, waiter: text, hurry: optional(flag) }),
  probeSource: object({ gate, probe }),
};

/** Throws a {@link RequestError} that names the field and what was expected of an Activity's input; what came is not repeated. */
export function checkGateInput(type: keyof typeof inputs, value: unknown): void {
  const problem = inputs[type](value);
  if (problem !== undefined) throw new RequestError(sentenceOf('input', problem));
}

/** Is it what a gate's memo says? */
export function isGateNotice(value: unknown): boolean {
  return notice(value) === undefined;
}
