import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import {
  madeFor,
  SIGNATURE_FIELD,
  type Signature,
  type SignedFor,
  signatureOf,
  textToSign,
} from '../domain/signing/signed-input.ts';

/**
 * Only payloads with one of these are looked into; all others pass as they are. JSON may put spaces behind a name and write
 * each of its letters as an escape: whoever does that must not get past.
 */
const MARKS = [Buffer.from(`${SIGNATURE_FIELD}"`), Buffer.from('\\u')] as const;

/** An input as the client starts it: signed. */
export function sign<Input extends object>(
  key: Buffer,
  input: Input,
  signedFor: SignedFor,
): Input & { readonly signed: Signature } {
  const made = madeFor(input, signedFor);
  return { ...made, [SIGNATURE_FIELD]: { for: signedFor, mac: macOf(key, made, made.signed) } };
}

/**
 * Signs what a worker's workflows start and schedule, and marks what it receives as its own or not. What came from outside
 * has that mark, and is signed by nobody, should it be passed on as it is. It marks and never throws: a throw would fail
 * Workflow Tasks for ever, where a workflow can say why it ends.
 */
export class SigningCodec implements PayloadCodec {
  readonly #key: Buffer;

  constructor(key: Buffer) {
    this.#key = key;
  }

  async encode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) =>
      changed(payload, (input, signature) =>
        signature.isOurs === undefined
          ? { for: signature.for, mac: macOf(this.#key, input, signature) }
          : undefined,
      ),
    );
  }

  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) =>
      changed(payload, (input, signature) => ({
        ...signature,
        isOurs: signature.mac !== undefined && isMac(signature.mac, macOf(this.#key, input, signature)),
      })),
    );
  }
}

function changed(
  payload: Payload,
  change: (input: object, signature: Signature) => Signature | undefined,
): Payload {
  const { data } = payload;
  if (data === undefined || data === null) return payload;
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length);
  if (!MARKS.some((mark) => bytes.includes(mark))) return payload;
  let input: unknown;
  try {
    input = JSON.parse(bytes.toString());
  } catch {
    return payload;
  }
  if (input === null || typeof input !== 'object' || Array.isArray(input)) return payload;
  if (!Object.hasOwn(input, SIGNATURE_FIELD)) return payload;
  return { ...payload, data: Buffer.from(textWith(input, change)) };
}

function textWith(
  input: object,
  change: (input: object, signature: Signature) => Signature | undefined,
): string {
  const signature = signatureOf(input);
  const others = Object.fromEntries(Object.entries(input).filter(([field]) => field !== SIGNATURE_FIELD));
  try {
    // What only looks like a signature says nothing, least of all that it is ours.
    const said = signature && change(input, signature);
    return JSON.stringify(said ? { ...others, [SIGNATURE_FIELD]: said } : others);
  } catch (error) {
    // Nested deeper than JSON can be written, which nobody has signed.
    if (error instanceof RangeError) return '{}';
    throw error;
  }
}

function macOf(key: Buffer, input: object, signature: Signature): string {
  return createHmac('sha256', key).update(textToSign(input, signature)).digest('hex');
}

function isMac(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
