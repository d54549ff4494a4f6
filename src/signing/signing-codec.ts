import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { isObject } from '../domain/parsed-json.ts';
import {
  madeFor,
  SIGNATURE_FIELD,
  type Signature,
  type SignedFor,
  signatureOf,
  textToSign,
} from '../domain/signing/signed-input.ts';

/** Of what this worker sends only such payloads are looked into: it writes them itself, always in this form. */
const MARK = Buffer.from(`"${SIGNATURE_FIELD}":`);

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
    return payloads.map((payload) => {
      // What came in another encoding passed as it was, and is nobody's input.
      if (encodingOf(payload) !== 'json/plain' || !bytesOf(payload).includes(MARK)) return payload;
      const input = jsonOf(payload);
      return isObject(input) ? { ...payload, data: bytesFor(this.#signed(input)) } : payload;
    });
  }

  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => (isBinary(payload) ? payload : this.#received(payload)));
  }

  /** Its own inputs get a MAC; one that was passed on as it came gets none, and loses what it had. */
  #signed(input: object): object {
    const signature = signatureOf(input);
    const others = withoutSignature(input);
    if (signature === undefined || signature.isOurs !== undefined) return others;
    return { ...others, [SIGNATURE_FIELD]: { for: signature.for, mac: macOf(this.#key, input, signature) } };
  }

  /**
   * As it is written anew here it is read afterwards: there are many ways to write one JSON text, and none of them may say
   * more than what was looked at. What cannot be read is nothing, since whoever reads it later would fail for ever.
   */
  #received(payload: Payload): Payload {
    try {
      const value = encodingOf(payload) === 'json/plain' ? jsonOf(payload) : undefined;
      const read = isObject(value) ? this.#marked(value) : (value ?? null);
      return { ...payload, metadata: { ...payload.metadata, ...JSON_TEXT }, data: bytesFor(read) };
    } catch {
      // Nested too deep to be written.
      return { metadata: JSON_TEXT, data: bytesFor(null) };
    }
  }

  /** What only looks like a signature says nothing, least of all that it is ours. */
  #marked(input: object): object {
    const signature = signatureOf(input);
    const others = withoutSignature(input);
    if (signature === undefined) return others;
    const { mac } = signature;
    const isOurs = mac !== undefined && isMac(mac, macOf(this.#key, input, signature));
    return { ...others, [SIGNATURE_FIELD]: { ...signature, isOurs } };
  }
}

const JSON_TEXT = { encoding: Buffer.from('json/plain') };

/** No text, and no object with members, is ever made of these. */
function isBinary(payload: Payload): boolean {
  return ['binary/null', 'binary/plain'].includes(encodingOf(payload));
}

function encodingOf({ metadata }: Payload): string {
  return Buffer.from(metadata?.encoding ?? []).toString('latin1');
}

function bytesOf({ data }: Payload): Buffer {
  // Where a payload has no bytes, protobuf.js says so with a plain empty array.
  return ArrayBuffer.isView(data)
    ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    : Buffer.alloc(0);
}

function bytesFor(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** Undefined where it is no JSON. */
function jsonOf(payload: Payload): unknown {
  try {
    return JSON.parse(bytesOf(payload).toString());
  } catch {
    return undefined;
  }
}

function withoutSignature(input: object): object {
  return Object.fromEntries(Object.entries(input).filter(([field]) => field !== SIGNATURE_FIELD));
}

function macOf(key: Buffer, input: object, signature: Signature): string {
  return createHmac('sha256', key).update(textToSign(input, signature)).digest('hex');
}

function isMac(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
