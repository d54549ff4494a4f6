import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SourceBodyError } from '../../../../src/activities/sources/contract/source.ts';
import type { HttpResponse } from '../../../../src/activities/sources/http/client.ts';
import { openHttpBody, wantedRange } from '../../../../src/activities/sources/http/file-body.ts';
import type { FileSpec } from '../../../../src/domain/dataset/file-spec.ts';
import type { SourceFailure } from '../../../../src/domain/failure/source-failure.ts';

const MIB = 1024 ** 2;
const licence: FileSpec = { kind: 'licenses', key: 'l', url: 'https://host.example/l', path: 'LICENSE.txt' };
const manifest: FileSpec = { kind: 'json', key: 'm', url: 'https://host.example/m', path: 'incoming.json' };

/** A server that never stops. */
async function* endless(chunk: Uint8Array): AsyncGenerator<Uint8Array> {
  for (;;) yield chunk;
}

function response(
  status: number,
  headers: Readonly<Record<string, string>>,
  body: AsyncIterable<Uint8Array>,
): HttpResponse {
  return {
    status,
    url: new URL('https://host.example/'),
    header: (name) => headers[name],
    setCookies: [],
    body,
    discard: () => {},
  };
}

/** Bytes that were taken, and what ended them. */
async function taken(
  file: FileSpec,
  answer: HttpResponse,
  offset = 0,
): Promise<{ readonly bytes: number; readonly failure?: SourceFailure }> {
  const wanted = wantedRange(file, { offset });
  if ('reason' in wanted) return { bytes: 0, failure: wanted };
  const opened = openHttpBody(answer, file, wanted);
  if (opened.status === 'failed') return { bytes: 0, failure: opened.failure };
  let bytes = 0;
  try {
    for await (const chunk of opened.body) bytes += chunk.length;
  } catch (error) {
    if (!(error instanceof SourceBodyError)) throw error;
    return { bytes, failure: error.failure };
  }
  return { bytes };
}

describe('a file whose size nobody published has what its kind may have, and no byte more', () => {
  test.each([
    ['a licence', licence, MIB, new Uint8Array(10_007)],
    ['a manifest', manifest, 1024 * MIB, new Uint8Array(16 * MIB + 1)],
  ])('%s that never ends is cut off there, and not asked for again', async (_, file, most, chunk) => {
    const { bytes, failure } = await taken(file, response(200, {}, endless(chunk)));
    expect([bytes, failure?.reason]).toEqual([most, 'oversized-body']);
    expect(failure?.detail).toContain(`expected at most ${most} bytes, got more`);
    const promised = response(200, { 'content-length': String(most + 1) }, endless(chunk));
    expect(await taken(file, promised)).toMatchObject({ bytes: 0, failure: { reason: 'oversized-body' } });
    const rest = response(206, { 'content-range': `bytes 10-${most}/*` }, endless(chunk));
    expect(await taken(file, rest, 10)).toMatchObject({ bytes: 0, failure: { reason: 'oversized-body' } });
    // What was cut off there is not asked for again.
    expect(await taken(file, response(200, {}, endless(chunk)), most)).toMatchObject({
      failure: { reason: 'oversized-body' },
    });
  });

  test('one that just fits arrives', async () => {
    const whole = (async function* () {
      yield new Uint8Array(MIB);
    })();
    expect(await taken(licence, response(200, {}, whole))).toEqual({ bytes: MIB });
  });
});

test('whatever a server’s head says, no byte comes that was not asked for, or a failure says why none does', async () => {
  const number = fc.oneof(fc.nat(120), fc.constantFrom('', '-1', '1e3', '0x10', '99999999999999999999', '*'));
  const header = fc.oneof(
    fc.tuple(number, number, number).map(([from, to, of]) => `bytes ${from}-${to}/${of}`),
    fc.string({ maxLength: 30 }),
  );
  const head = fc.record(
    {
      'content-range': header,
      'content-length': fc.oneof(number.map(String), fc.string({ maxLength: 10 })),
      'content-encoding': fc.constantFrom('identity', 'gzip', 'br', ''),
    },
    { requiredKeys: [] },
  );
  const chunks = fc.array(fc.nat(60), { maxLength: 5 });
  const size = fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(200, 206),
      head,
      chunks,
      size,
      fc.nat(120),
      async (status, fields, sent, known, offset) => {
        const body = (async function* () {
          for (const bytes of sent) yield new Uint8Array(bytes);
        })();
        const headers = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
        const file = known === undefined ? licence : { ...licence, size: known };
        const { bytes, failure } = await taken(file, response(status, headers, body), offset);
        expect(bytes).toBeLessThanOrEqual(known ?? MIB);
        if (failure === undefined && known !== undefined) expect([known, known - offset]).toContain(bytes);
      },
    ),
    { numRuns: 500 },
  );
});
