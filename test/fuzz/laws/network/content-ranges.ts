import fc from 'fast-check';
import { SourceBodyError } from '../../../../src/activities/sources/contract/source.ts';
import type { HttpResponse } from '../../../../src/activities/sources/http/client.ts';
import { openHttpBody, wantedRange } from '../../../../src/activities/sources/http/file-body.ts';
import type { FileSpec } from '../../../../src/domain/dataset/file-spec.ts';
import { hostileText } from '../../../support/hostile-text.ts';
import { law } from '../../law.ts';

const number = fc.oneof(
  { weight: 5, arbitrary: fc.nat(120).map(String) },
  fc.constantFrom('', '-1', '+5', '1e1', '0x10', '١٠', '*', ' 10', '007', '999999999999999', '1'.repeat(400)),
);
const header = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(number, number, number).map(([from, to, of]) => `bytes ${from}-${to}/${of}`),
  },
  fc.tuple(number, number).map(([from, to]) => `bytes ${from}-${to}`),
  fc.constantFrom(
    '',
    'bytes */60',
    'bytes=0-59/60',
    'items 0-59/60',
    'bytes 0-59/60, bytes 0-59/60',
    ' bytes 0-59/60 ',
  ),
  hostileText,
);
const answered = fc.record({
  header: fc.option(header, { nil: undefined }),
  length: fc.option(number, { nil: undefined }),
  status: fc.constantFrom(200, 206),
  size: fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
  offset: fc.nat(110),
  end: fc.option(fc.nat(120), { nil: undefined }),
  pieces: fc.array(fc.nat(60), { maxLength: 6 }),
});

export const contentRanges = law('content-ranges', 400, answered, async (one) => {
  const file: FileSpec = {
    ...{ kind: 'licenses', key: '7', url: 'https://drive.google.com/uc?id=1', path: 'LICENSE.txt' },
    ...(one.size === undefined ? {} : { size: one.size }),
  };
  const range = { offset: one.offset, ...(one.end === undefined ? {} : { end: one.end }) };
  const wanted = wantedRange(file, range);
  if ('reason' in wanted) return;
  const opened = openHttpBody(responseOf(one), file, wanted);
  if (opened.status === 'failed') {
    if (!/^[^\p{C}]{1,300}$/u.test(opened.failure.detail))
      throw new Error('detail: expected a line, got another');
    return;
  }
  if (opened.from !== 0 && opened.from !== one.offset)
    throw new Error(`from: expected ${one.offset} or 0, got ${opened.from}`);
  let came = 0;
  let isWhole = true;
  try {
    for await (const piece of opened.body) came += piece.length;
  } catch (error) {
    if (!(error instanceof SourceBodyError)) throw error;
    isWhole = false;
  }
  const end = opened.from + came;
  // A part is what was asked for; the whole is what is published.
  const most = opened.from === 0 ? (one.size ?? 1024 ** 2) : Math.min(one.end ?? 1e9, one.size ?? 1e9);
  if (end > most) throw new Error(`body: expected nothing behind ${most}, got bytes up to ${end}`);
  const last = one.status === 206 ? Math.min(one.end ?? 1e9, one.size ?? 1e9) : one.size;
  if (isWhole && last !== undefined && last < 1e9 && one.size !== undefined && end !== last)
    throw new Error(`body: expected all up to ${last}, got ${end}`);
});

function responseOf({
  header: range,
  length,
  status,
  pieces,
}: typeof answered extends fc.Arbitrary<infer One> ? One : never): HttpResponse {
  const headers: Readonly<Record<string, string | undefined>> = {
    'content-range': range,
    'content-length': length,
  };
  return {
    status,
    url: new URL('https://drive.google.com/uc'),
    header: (name) => headers[name],
    setCookies: [],
    body: (async function* () {
      for (const size of pieces) yield new Uint8Array(size);
    })(),
    discard: () => {},
  };
}
