import { expect, test } from 'vitest';
import { collectPage } from '../../../../src/activities/sources/google-drive/page-elements.ts';
import { MOST_SKETCH, sketchPage } from '../../../../src/activities/sources/google-drive/page-sketch.ts';
import * as pages from '../../../../src/stand-in/pages.ts';
import { expectLaw } from '../../../fuzz/law.ts';
import { pageSketches } from '../../../fuzz/laws/network/pages.ts';

const url = new URL('https://drive.google.com/uc?id=1SecretIdSecretIdSecretId&export=download');
const sketch = (html: string) => sketchPage(collectPage(html), { url, status: 200 });

test('a sketch shows what a page is made of', () => {
  const target = { id: '1AbC', name: 'anna.zip', size: 126_000_000, uuid: '01234567-89ab', token: 'x_Yz' };
  const shown = sketch(pages.confirmPage('form', target));
  expect(shown).toContain('status 200 of drive.google.com/uc?id&export');
  expect(shown).toContain('title: google drive _ virus scan warning');
  expect(shown).toContain('form #download-form action=drive.usercontent.google.com/download method=get');
  expect(shown).toContain('  input type=hidden name=confirm value');
  for (const secret of ['anna', '1AbC', '01234567', '126']) expect(shown).not.toContain(secret);
  expect(sketch(pages.confirmPage('script', target))).toContain(
    'script "kind": "file": _ "downloadUrl":'.replace(': _', ':').replace('"file": ', ''),
  );
});

const ADDRESS = 'jane.doe@example.org';
test.each([
  ['an address', `<p>${ADDRESS}</p>`],
  ['an address in pieces', '<p>jane.<b>doe</b>@<i>example</i>.<u>org</u></p>'],
  ['an address in words', '<p>jane dot doe at example dot org</p>'],
  ['an address letter by letter', '<p>j a n e . d o e @ e x a m p l e . o r g</p>'],
  ['an address with references', '<p>jane&#46;doe&commat;example&period;org</p>'],
  ['an address in attributes', `<a title="${ADDRESS}" href="mailto:${ADDRESS}" data-jane="${ADDRESS}">a</a>`],
  ['a query', '<a href="https://drive.google.com/jane?jane=example&id=doe">a</a>'],
  ['a foreign host', '<a href="https://jane.example.org/doe">a</a><a href="//jane.doe.google.com/">a</a>'],
  ['a script', `<script>var user = {"email":"${ADDRESS}","jane":"doe"};</script>`],
  ['a style and a comment', `<style>.a{content:"${ADDRESS}"}</style><!-- ${ADDRESS} -->`],
  ['a title', `<title>${ADDRESS} - Google Drive</title>`],
  ['field names', '<form><input name="jane" value="doe"><input name="jane-doe@example.org"></form>'],
  ['an id with digits', '<p id="jane1" class="doe2 example@org">a</p>'],
  ['a tag', '<jane2 doe3=example></jane2><jane>'],
  ['what was not escaped', `From: <${ADDRESS}> <jane doe>`],
])('a sketch has no word of %s', (_, html) => {
  const shown = sketch(html);
  for (const word of ['jane', 'doe', 'example', 'org', '@']) expect(shown.toLowerCase()).not.toContain(word);
});

test('a sketch has no token, whatever carries it', () => {
  const token = 'ya29.A0AfB_byC3xQ-9';
  const html = `<div id="${token}" class="${token} ok" data-x="${token}"><a href="/uc/${token}?${token}=${token}#${token}">${token}</a><input name="${token}" value="${token}"></div>`;
  expect(sketch(html)).not.toMatch(/ya29|A0AfB|byC3xQ/);
});

test('pages that differ in what is left out have one sketch', () => {
  const page = (name: string, id: string) =>
    `<p class="new">Hello ${name}</p><a href="/file/d/${id}/view">${name}</a>`;
  expect(sketch(page('jane', '1a2b'))).toBe(sketch(page('anna-maria', '3c4d')));
});

test('a sketch is small and printable, whatever the page is', () => {
  expect(sketch('<div class="a b c d e f g h">some words</div>'.repeat(5_000)).length).toBeLessThanOrEqual(
    MOST_SKETCH,
  );
  return expectLaw(pageSketches);
});
