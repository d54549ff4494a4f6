import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { expect, test } from 'vitest';
import { madeFor, refusalOf, type SignedFor } from '../../src/domain/signing/signed-input.ts';
import { SigningCodec, sign } from '../../src/signing/signing-codec.ts';
import { expectLaw } from '../fuzz/law.ts';
import { payloads } from '../fuzz/laws/inputs.ts';

const key = Buffer.alloc(32, 'ours');
const other = Buffer.alloc(32, 'theirs');
const mine: SignedFor = { namespace: 'default', workflowId: 'ffhq-a', type: 'planShard' };
const input = { store: { path: '/data', id: 's' }, kind: 'images', ids: '0-9' };

const payloadOf = (value: unknown): Payload => defaultPayloadConverter.toPayload(value) as Payload;

/** What a worker with this key makes of a value that came over the wire. */
async function received(value: unknown, by = key): Promise<unknown> {
  const [payload] = await new SigningCodec(by).decode([payloadOf(value)]);
  return defaultPayloadConverter.fromPayload(payload as Payload);
}

/** What a worker with this key puts on the wire for what its workflow says. */
async function sent(value: unknown, by = key): Promise<unknown> {
  const [payload] = await new SigningCodec(by).encode([payloadOf(value)]);
  return defaultPayloadConverter.fromPayload(payload as Payload);
}

test('what a client signs and what a worker sends on is taken by whoever has the key, and stays readable', async () => {
  for (const signed of [sign(key, input, mine), await sent(madeFor(input, mine))]) {
    expect(signed).toMatchObject(input);
    expect(refusalOf(await received(signed), mine)).toBeUndefined();
  }
});

test.each<[string, (signed: Record<string, unknown>) => unknown, RegExp]>([
  ['no signature', ({ signed: _, ...rest }) => rest, /without a signature/],
  ['a changed field', (signed) => ({ ...signed, ids: '0-10' }), /got another/],
  ['a field more', (signed) => ({ ...signed, takeOver: true }), /got another/],
  [
    'a word that it is ours',
    (signed) => ({ ...signed, ids: '0-10', signed: { ...(signed.signed as object), isOurs: true } }),
    /got another/,
  ],
  ['no MAC but that word', () => ({ ...input, signed: { for: mine, isOurs: true } }), /without a signature/],
  [
    'a signature of another form',
    () => ({ ...input, signed: { isOurs: true, mac: 'f' } }),
    /without a signature/,
  ],
  ['nothing', () => null, /without a signature/],
  ['a list', () => [input], /without a signature/],
])('an input with %s is refused, and the refusal says why', async (_what, change, why) => {
  const signed = sign(key, input, mine);
  expect(refusalOf(await received(change({ ...signed })), mine)).toMatch(why);
});

test('an input that was signed for another workflow, type or namespace is refused and names both', async () => {
  const signed = await received(sign(key, input, mine));
  for (const expected of [
    { ...mine, workflowId: 'ffhq-b' },
    { ...mine, type: 'alignBundle' },
    { ...mine, namespace: 'lab' },
  ])
    expect(refusalOf(signed, expected)).toContain('got one for planShard of ffhq-a in default');
});

test('a key of somebody else signs nothing for us', async () => {
  expect(refusalOf(await received(sign(other, input, mine)), mine)).toContain('FFHQ_KEY_FILE');
  expect(refusalOf(await received(await sent(madeFor(input, mine), other)), mine)).toContain('FFHQ_KEY_FILE');
});

const jsonPayload = (text: string | Uint8Array): Payload => ({
  metadata: { encoding: Buffer.from('json/plain') },
  data: Buffer.from(text),
});

/** What a worker with our key makes of a JSON text that came over the wire. */
async function receivedText(text: string): Promise<unknown> {
  const [payload] = await new SigningCodec(key).decode([jsonPayload(text)]);
  return defaultPayloadConverter.fromPayload(payload as Payload);
}

test.each([
  ['a space behind it', (text: string) => text.replace('"signed":', '"signed" :')],
  ['a line break behind it', (text: string) => text.replace('"signed":', '"signed"\n:')],
  ['a letter of it as an escape', (text: string) => text.replace('"signed"', '"\\u0073igned"')],
  [
    'all of it as escapes',
    (text: string) => text.replace('"signed"', '"\\u0073\\u0069\\u0067\\u006e\\u0065\\u0064"'),
  ],
])(
  'an input that only says that it is ours is refused, with the name spelled with %s',
  async (_how, spelled) => {
    const text = spelled(JSON.stringify({ ...input, signed: { for: mine, mac: 'f', isOurs: true } }));
    expect(refusalOf(await receivedText(text), mine)).toMatch(/got another/);
    const right = spelled(JSON.stringify(sign(key, input, mine)));
    expect(refusalOf(await receivedText(right), mine)).toBeUndefined();
  },
);

test('an input that is nested deeper than JSON can be written is refused as unsigned, and throws nothing', async () => {
  const deep = `${'['.repeat(400_000)}${']'.repeat(400_000)}`;
  const signed = JSON.stringify({ for: mine, mac: 'f', isOurs: true });
  for (const text of [`{"a":${deep},"signed":${signed}}`, `{"signed":${deep}}`, `{"a":${deep},"signed":1}`]) {
    expect(refusalOf(await receivedText(text), mine)).toMatch(/without a signature/);
  }
});

test('what came from outside and is passed on as it is gets no signature, whoever it says it is made for', async () => {
  for (const outside of [madeFor(input, mine), sign(other, input, mine), sign(key, input, mine)]) {
    const passedOn = await sent(await received(outside));
    expect(passedOn).toEqual(input);
  }
});

/** As somebody writes it who wants it to be taken for ours, with the field's name spelled so. */
const forged = (field: string) =>
  `{${field}{"for":${JSON.stringify(mine)},"mac":"f","isOurs":true},"kind":"images"}`;

test.each([
  ['a second field of that name', forged('"signed":{"for":{}},"signed" :')],
  ['a byte order mark', `\ufeff${forged('"signed":')}`],
])('an input that only says that it is ours is refused, with %s', async (_what, text) => {
  expect(refusalOf(await receivedText(text), mine)).toBeDefined();
});

test('what comes in an encoding that nobody reads, or as no text at all, is nothing, so no workflow fails at it for ever', async () => {
  const encodings = ['binary/encrypted', 'json/protobuf', 'JSON/plain', ''];
  const payloads: Payload[] = [
    ...encodings.map((encoding) => ({
      ...jsonPayload('{"a":1}'),
      metadata: { encoding: Buffer.from(encoding) },
    })),
    { data: Buffer.from('{}') },
    { metadata: { encoding: Buffer.from('json/plain') } },
    jsonPayload('{"a":'),
    jsonPayload(''),
    jsonPayload(`{"signed":{"for":{}},"a":${'['.repeat(300_000)}${']'.repeat(300_000)}}`),
  ];
  const decoded = await new SigningCodec(key).decode(payloads);
  expect(decoded.map((payload) => defaultPayloadConverter.fromPayload(payload))).toEqual(
    payloads.map(() => null),
  );
});

test('what is no input comes through as it was sent', async () => {
  const values = [true, 7, 'text', [1, { signed: 2 }], {}, undefined, Buffer.from('bytes')];
  expect(await Promise.all(values.map((value) => received(value)))).toEqual([
    ...values.slice(0, -1),
    new Uint8Array(Buffer.from('bytes')),
  ]);
});

test('whatever bytes come, the codec throws nothing and calls none of them ours', () => expectLaw(payloads));

test('a payload without bytes passes as it came, whichever way it says so', async () => {
  const codec = new SigningCodec(key);
  for (const data of [undefined, null, [], new Uint8Array()]) {
    const payload = { metadata: { encoding: Buffer.from('binary/null') }, data } as unknown as Payload;
    expect(await codec.decode([payload])).toEqual([payload]);
    expect(await codec.encode([payload])).toEqual([payload]);
  }
});

test('what came in whatever encoding and is passed on is signed by nobody', async () => {
  const codec = new SigningCodec(key);
  const text = JSON.stringify(madeFor(input, mine));
  for (const encoding of ['json/plain', 'binary/plain', 'binary/null', 'binary/protobuf', 'JSON/PLAIN', '']) {
    const payload: Payload = { metadata: { encoding: Buffer.from(encoding) }, data: Buffer.from(text) };
    const [passedOn] = await codec.encode(await codec.decode([payload]));
    expect(Buffer.from(passedOn?.data ?? []).toString(), encoding).not.toContain('"mac"');
  }
});
