/*
 * Whoever reaches the Temporal server can start workflows and schedule Activities with any input. So an input says for
 * whom it was made, and carries a MAC of a key that only the user or the lab has (`signing/`):
 *
 * - the client signs what it starts;
 * - a worker signs what its workflows start and schedule;
 * - a workflow and an Activity begin only with an input that is signed for them: for this namespace, this Workflow Id
 *   and this type.
 *
 * It travels as plain JSON beside the other fields, readable in the UI. What may have been changed on the way in other
 * places (results, heartbeats, most Signals) is not signed: every field is checked where it is used. Signed are what gates are
 * told, and what children tell their run of waits, since the run tells others of those.
 */

/** For whom an input was made. */
export interface SignedFor {
  readonly namespace: string;
  readonly workflowId: string;
  /** Of the Workflow or the Activity. */
  readonly type: string;
}

/** What an input carries beside its own fields. */
export interface Signature {
  readonly for: SignedFor;
  /** HMAC-SHA256 in hexadecimal, of {@link textToSign}. */
  readonly mac?: string;
  /** Said by the worker that received it, whatever the sender says. */
  readonly isOurs?: boolean;
}

/** The field of an input that holds its {@link Signature}. */
export const SIGNATURE_FIELD = 'signed';

/** Signs nothing by itself: says for whom a worker or a client is to sign. */
export function madeFor<Input extends object>(
  input: Input,
  signedFor: SignedFor,
): Input & { readonly signed: Signature } {
  return { ...input, [SIGNATURE_FIELD]: { for: signedFor } };
}

export function signatureOf(input: unknown): Signature | undefined {
  if (input === null || typeof input !== 'object') return undefined;
  const signed: unknown = Reflect.get(input, SIGNATURE_FIELD);
  if (signed === null || typeof signed !== 'object') return undefined;
  const { for: signedFor, mac, isOurs } = signed as Record<string, unknown>;
  if (signedFor === null || typeof signedFor !== 'object') return undefined;
  const { namespace, workflowId, type } = signedFor as Record<string, unknown>;
  if (typeof namespace !== 'string' || typeof workflowId !== 'string' || typeof type !== 'string')
    return undefined;
  return {
    for: { namespace, workflowId, type },
    ...(typeof mac === 'string' ? { mac } : {}),
    ...(typeof isOurs === 'boolean' ? { isOurs } : {}),
  };
}

/** Equal texts for inputs that mean the same: keys sorted, the MAC itself left out. */
export function textToSign(input: object, { for: signedFor }: Signature): string {
  const { namespace, workflowId, type } = signedFor;
  const others = Object.fromEntries(Object.entries(input).filter(([key]) => key !== SIGNATURE_FIELD));
  return ['ffhq input 1', namespace, workflowId, type, sortedJson(others)].join('\n');
}

function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, entry: unknown) =>
    entry !== null && typeof entry === 'object' && !Array.isArray(entry)
      ? Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)))
      : entry,
  );
}

/** Why an input is not taken. */
export interface InputRefusal {
  readonly sentence: string;
  /** It may well be signed, by a key that is not known here: another worker may take it. */
  readonly isOfAnotherKey: boolean;
}

/** In words; undefined: the input is signed, and for whom it should be. */
export function refusalOf(input: unknown, expected: SignedFor): string | undefined {
  return refusalIn(input, expected)?.sentence;
}

/** What {@link refusalOf} says, for those who tell one reason from another. */
export function refusalIn(input: unknown, expected: SignedFor): InputRefusal | undefined {
  const signature = signatureOf(input);
  const name = `input [workflow=${expected.workflowId} type=${expected.type}]`;
  if (signature?.mac === undefined) {
    const sentence = `${name}: expected one that this project's client signed, got one without a signature; start runs with its commands`;
    return { sentence, isOfAnotherKey: false };
  }
  const { namespace, workflowId, type } = signature.for;
  if (namespace !== expected.namespace || workflowId !== expected.workflowId || type !== expected.type) {
    const made = `${type} of ${workflowId} in ${namespace}`;
    const sentence = `${name}: expected an input that was made for it, got one for ${made}`;
    return { sentence, isOfAnotherKey: false };
  }
  if (signature.isOurs === true) return undefined;
  const sentence =
    `${name}: expected a signature by this worker's key, got another; ` +
    'FFHQ_KEY_FILE, or user and state folder, must be the same for client and workers';
  return { sentence, isOfAnotherKey: true };
}
