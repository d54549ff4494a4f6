import { expect, test } from 'vitest';
import { driveAnswer } from '../../../../src/activities/sources/google-drive/answer.ts';
import type { HttpResponse } from '../../../../src/activities/sources/http/client.ts';
import { captchaPage, page, sorryPage } from '../../../../src/stand-in/pages.ts';
import { file } from './picture-on-drive.ts';

const FIRST = 'https://drive.google.com/uc?id=id42';
const BYTES = 'https://drive.usercontent.google.com/download?id=id42';
const SIGNED = 'https://doc-0k-8s-docs.googleusercontent.com/docs/securesc/x/id42';
const API = 'https://www.googleapis.com/drive/v3/files/id42?alt=media';
const RENTED = 'https://1.2.3.4.bc.googleusercontent.com/x';

const pages = {
  captcha: captchaPage,
  words: sorryPage,
  quoted: page('A file', '<p class="uc-error-caption">sending automated queries</p>'),
};

async function reasonOf(
  url: string,
  status: number,
  html: string,
  headers: Readonly<Record<string, string>> = {},
) {
  const all: Readonly<Record<string, string>> = { 'content-type': 'text/html; charset=utf-8', ...headers };
  const response: HttpResponse = {
    status,
    url: new URL(url),
    header: (name) => all[name],
    setCookies: [],
    body: (async function* () {
      yield Buffer.from(html);
    })(),
    discard: () => {},
  };
  const answer = await driveAnswer(response, file);
  return answer.kind === 'failed' ? answer.failure.reason : answer.kind;
}

const asFile = { 'content-disposition': 'attachment; filename="00042.html"' };

test.each(
  [200, 206].flatMap((status) =>
    Object.entries(pages).flatMap(([name, html]) => [
      [name, status, FIRST, html, asFile] as const,
      [name, status, BYTES, html, asFile] as const,
      [name, status, BYTES, html, {}] as const,
      [name, status, SIGNED, html, {}] as const,
      [name, status, API, html, {}] as const,
      [name, status, RENTED, html, {}] as const,
    ]),
  ),
)(
  'a file that shows the block page (%s) blocks nobody: with %i from %s',
  async (_, status, url, html, headers) => {
    expect(await reasonOf(url, status, html, headers)).toMatch(/^(unknown-page|quota)$/);
  },
);

test.each([
  [FIRST, 200],
  ...[FIRST, BYTES, SIGNED, API].flatMap((url) => [403, 429].map((status) => [url, status] as const)),
] as const)("Google's own block page is told as what it is: from %s with %i", async (url, status) => {
  for (const html of [captchaPage, sorryPage]) expect(await reasonOf(url, status, html)).toBe('blocked');
});

test('whoever rents a host of Google says with 429 that he is busy, with 403 that a link is stale, and no more', async () => {
  expect(await reasonOf(RENTED, 429, sorryPage)).toBe('rate-limited');
  expect(await reasonOf(RENTED, 403, sorryPage)).toBe('stale-link');
});

const help = '<a href="https://support.google.com/websearch/answer/1">Help</a>';

test.each([
  ['a 403 by its title alone', FIRST, 403, page('Sorry, unable to open the file at present.', '')],
  ['a 403 by words that a file may be named', FIRST, 403, page('x', 'unusual traffic from your network')],
  ['a page that somebody made at Google', 'https://docs.google.com/drawings/d/1/pub', 200, page('x', help)],
  ['the same, refused', 'https://docs.google.com/drawings/d/1/pub', 403, page('Sorry', captchaPage)],
  ['the page of a file', 'https://drive.google.com/file/d/id42/view', 200, page('x', help)],
])('%s is no block', async (_, url, status, html) => {
  expect(await reasonOf(url, status, html)).toBe('unknown-page');
});

test('the name of a file blocks nobody, where a page that says what the file is comes with success', async () => {
  for (const title of ['Sorry, my cat - Google Drive', 'unusual traffic from your network.png'])
    for (const url of [FIRST, 'https://drive.google.com/open?id=id42'])
      expect(await reasonOf(url, 200, page(title, `<div>${title}</div>`))).toBe('unknown-page');
});
