import { expect, test } from 'vitest';
import { GateBook } from '../../../../src/activities/sources/gates/gate-book.ts';
import { gatedSource } from '../../../../src/activities/sources/gates/gated-source.ts';
import { makeGoogleDrive } from '../../../../src/activities/sources/google-drive/open.ts';
import type { HttpClient } from '../../../../src/activities/sources/http/client.ts';
import { Hosts } from '../../../../src/activities/sources/http/hosts.ts';
import type { SourceFailure } from '../../../../src/domain/failure/source-failure.ts';
import { captchaPage } from '../../../../src/stand-in/pages.ts';
import { outcomeOf } from '../reading.ts';
import { file } from './picture-on-drive.ts';

const FIRST = 'https://drive.google.com/uc?id=id42';
const BYTES = 'https://drive.usercontent.google.com/download?id=id42';
const SIGNED = 'https://doc-0k-8s-docs.googleusercontent.com/docs/securesc/x/id42';
const RENTED = 'https://1.2.3.4.bc.googleusercontent.com/x';
const SORRY = 'https://www.google.com/sorry/index';
const SORRY_ON_DRIVE = 'https://drive.google.com/sorry/index';

interface Said {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly html?: string;
}

const to = (location: string): Said => ({ status: 302, headers: { location } });

/** Walks from a file's URL; whatever has no answer is missing. */
async function walk(url: string, answers: Readonly<Record<string, Said>>) {
  const asked: string[] = [];
  const told: string[] = [];
  const gates = new GateBook(
    {
      read: async () => undefined,
      refuse: async (gate) => told.push(gate) > 0,
      enlist: async () => {},
      hurry: async () => false,
    },
    { dividedBy: 1 },
  );
  const http: HttpClient = {
    hosts: new Hosts(),
    gates,
    refusal: (host) => gates.refusal(host),
    get: async (next) => {
      asked.push(next.href);
      const { status, headers = {}, html = '' } = answers[next.href] ?? { status: 404 };
      const all: Readonly<Record<string, string>> = {
        'content-type': 'text/html; charset=utf-8',
        ...headers,
      };
      return {
        status,
        url: next,
        header: (name) => all[name],
        setCookies: [],
        body: (async function* () {
          yield Buffer.from(html);
        })(),
        discard: () => {},
      };
    },
    post: () => Promise.reject(new Error('nothing is posted')),
    close: async () => {},
  };
  const source = gatedSource(makeGoogleDrive({ name: 'google-drive' }, { http, allowedHosts: [] }), gates, {
    allowedHosts: [],
  });
  const { failure } = await outcomeOf(source, { ...file, url });
  return { failure: failure as SourceFailure, asked, told };
}

const asFile = { 'content-disposition': 'attachment; filename="x.html"' };
const uploads = [
  `<form id="download-form" action="${SORRY}"></form>`,
  `<script>{"downloadUrl":"${SORRY}"}</script>`,
  `<form id="download-form" action="${SORRY_ON_DRIVE}"><input type="hidden" name="confirm" value="t"></form>`,
  '<form id="download-form" action="/sorry/index"></form>',
];

test.each(
  uploads.flatMap((html) =>
    [BYTES, SIGNED].flatMap((at) => [asFile, {}].map((headers) => [html, at, headers] as const)),
  ),
)(
  'an uploaded page that names the way to the "sorry" page closes nothing: %s at %s',
  async (html, at, headers) => {
    const { failure, asked, told } = await walk(FIRST, {
      [FIRST]: to(at),
      [at]: { status: 200, headers, html },
    });
    expect(failure).toMatchObject({ reason: 'unknown-page' });
    expect({ told, gate: failure.gate, asked }).toEqual({ told: [], gate: undefined, asked: [FIRST, at] });
  },
);

test.each([
  ['a manifest', SORRY, {}],
  ['a manifest', SORRY_ON_DRIVE, {}],
  ['a manifest', 'https://docs.google.com/sorry/', {}],
  ['a rented host of Google', RENTED, { [RENTED]: to(SORRY) }],
  ['a rented host of Google', RENTED, { [RENTED]: to(SORRY_ON_DRIVE) }],
  ['an allowed host', FIRST, { [FIRST]: to(RENTED), [RENTED]: to(SORRY_ON_DRIVE) }],
] as const)('the URL of the "sorry" page that %s names closes nothing: %s', async (_, url, answers) => {
  const { failure, asked, told } = await walk(url, answers);
  expect(failure).toMatchObject({ reason: 'not-downloadable' });
  expect({ told, gate: failure.gate, asked }).toEqual({
    told: [],
    gate: undefined,
    asked: Object.keys(answers),
  });
});

test.each([
  ['at once', FIRST, { [FIRST]: to(SORRY) }],
  ['from its byte host', FIRST, { [FIRST]: to(BYTES), [BYTES]: to(SORRY) }],
  ['from the host of its signed links', FIRST, { [FIRST]: to(SIGNED), [SIGNED]: to(SORRY) }],
  ['though a rented host led there', RENTED, { [RENTED]: to(FIRST), [FIRST]: to(SORRY) }],
] as const)('Google itself leads to the "sorry" page: %s', async (_, url, answers) => {
  const { failure, told } = await walk(url, answers);
  expect(failure).toMatchObject({ reason: 'blocked', gate: 'google' });
  expect(told).toEqual(['google']);
});

test.each([
  ['the block page', { status: 429, html: captchaPage, headers: { 'retry-after': '3600' } }],
  ['the way to it', to(SORRY)],
] as const)('500 at the first URL, and %s where it is looked into, is the block', async (_, looked) => {
  const { failure, told } = await walk(FIRST, {
    [FIRST]: { status: 500 },
    'https://drive.google.com/open?id=id42': looked,
  });
  expect(failure).toMatchObject({ reason: 'blocked', gate: 'google' });
  expect(told).toEqual(['google']);
});

test('500 at the first URL, and a wait where it is looked into, is that wait', async () => {
  const { failure } = await walk(FIRST, {
    [FIRST]: { status: 500 },
    'https://drive.google.com/open?id=id42': { status: 503, headers: { 'retry-after': '60' } },
  });
  expect(failure).toMatchObject({ reason: 'rate-limited', retryAfterMs: 60_000 });
});
