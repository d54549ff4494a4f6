import { describe, expect, test } from 'vitest';
import { readDrivePage } from '../../../../src/activities/sources/google-drive/page.ts';
import { confirmPages, quotaPages } from '../../../../src/stand-in/behaviours.ts';
import * as pages from '../../../../src/stand-in/pages.ts';
import { translatedPages } from '../../../../src/stand-in/translated-pages.ts';
import { expectLaw } from '../../../fuzz/law.ts';
import { drivePages } from '../../../fuzz/laws/network/pages.ts';

const base = new URL('https://drive.google.com/uc?id=1AbC');
const read = (html: string, status = 200, url = base) => readDrivePage(html, { url, status });
const target = {
  id: '1AbC',
  name: 'a "quota exceeded" <infected with a virus> sending automated queries & more.zip',
  size: 126_000_000,
  uuid: '01234567-89ab-cdef-0123-456789abcdef',
  token: 'x_Yz',
};

describe('a page is told by its structure', () => {
  test.each(confirmPages)('confirmation, in the form "%s"', (look) => {
    const page = read(pages.confirmPage(look, { ...target, name: 'a.zip' }));
    if (page.kind !== 'confirm') throw new Error(`expected confirm, got ${page.kind}`);
    const query = Object.fromEntries(page.url.searchParams);
    expect(query).toMatchObject({ id: '1AbC', export: 'download' });
    if (look === 'anchor') {
      expect(page.url.href).toMatch(/^https:\/\/drive\.google\.com\/uc\?/);
      expect(query.confirm).toBe('x_Yz');
    } else {
      expect(page.url.href).toMatch(/^https:\/\/drive\.usercontent\.google\.com\/download\?/);
      expect(query).toMatchObject({ confirm: 't' });
      expect(query.uuid).toBe(look === 'form-without-uuid' ? undefined : target.uuid);
      expect(query.authuser).toBe(look === 'form-with-authuser' ? '0' : undefined);
    }
  });

  test.each(confirmPages)('confirmation, whatever the file is called (%s)', (look) => {
    expect(read(pages.confirmPage(look, target)).kind).toBe('confirm');
  });

  test.each(quotaPages)('quota (%s)', (look) => {
    expect(read(pages.quotaPage(look))).toMatchObject({ kind: 'refused', reason: 'quota' });
  });

  test.each([
    ['infected', pages.infectedPage],
    ['infected', pages.infectedErrorPage],
    ['infected', translatedPages.infected],
    ['not-downloadable', pages.notPermittedPage],
    ['not-downloadable', pages.folderPage([['1', 'a "sorry" file']])],
    ['quota', translatedPages.notPermitted],
    ['blocked', translatedPages.sorry],
    ['private', translatedPages.login],
    ['private', '<form action="/requestaccess?id=1"><input type="submit"></form>'],
    ['private', '<button id="request-access">Zugriff</button>'],
    ['private', pages.requestAccessPage],
    ['private', pages.loginPage],
    ['blocked', pages.sorryPage],
    ['blocked', pages.captchaPage],
  ])('%s', (reason, html) => {
    expect(read(html)).toMatchObject({ kind: 'refused', reason });
  });

  test.each([
    ['missing', pages.missingPage],
    ['stale', pages.stalePage],
    ['unknown', pages.unknownPage],
    ['empty', ''],
    ['not HTML', '{"error": 1}'],
    [
      'another form',
      '<form id="search" action="/search"><input type="hidden" name="confirm" value="t"></form>',
    ],
    ['another anchor', '<a href="/uc?id=1AbC">x</a><a href="https://[">y</a><a>z</a>'],
    [
      'a form without an action',
      '<form id="download-form"><input type="hidden" name="confirm" value="t"></form>',
    ],
    ['a broken script', '<script>{"downloadUrl":"https:\\u00"}</script>'],
  ])('no known kind: %s', (_, html) => {
    expect(read(html).kind).toBe('unknown');
  });

  test('a way to another account is a refusal with 401 and 403 alone, and never of the byte host', () => {
    const bytes = new URL('https://drive.usercontent.google.com/download?id=1AbC');
    expect(read(translatedPages.requestAccess, 403)).toMatchObject({ reason: 'private' });
    expect(read(translatedPages.requestAccess, 200).kind).toBe('unknown');
    expect(read(translatedPages.requestAccess, 403, bytes).kind).toBe('unknown');
  });

  test('a warning with something to press is no refusal, whoever made it anew', () => {
    const anew = translatedPages.infected.replace('</div>', '<button id="neu">Herunterladen</button></div>');
    expect(read(anew).kind).toBe('unknown');
  });

  test('a link of the byte host’s page to /uc is Drive’s own', () => {
    const bytes = new URL('https://drive.usercontent.google.com/download?id=1AbC');
    const page = read(pages.confirmPage('anchor', { ...target, name: 'a.zip' }), 200, bytes);
    expect(page.kind === 'confirm' && page.url.host).toBe('drive.google.com');
  });

  test('a refusal that holds a form is a refusal', () => {
    const html = pages
      .quotaPage('plain')
      .replace('</body>', `${pages.confirmPage('form', { ...target, name: 'a.zip' })}</body>`);
    expect(read(html)).toMatchObject({ kind: 'refused', reason: 'quota' });
  });

  test('the form’s fields win over the action’s query, and the rest of it is kept', () => {
    const page = read(
      '<form id="download-form" action="https://drive.usercontent.google.com/download?a=1&amp;confirm=x"><p><input type="hidden" name="confirm" value="t"><input name="q" value="visible"></p></form>',
    );
    expect(page).toMatchObject({ kind: 'confirm' });
    if (page.kind === 'confirm') expect(page.url.search).toBe('?a=1&confirm=t');
  });
});

describe('a hostile page', () => {
  test('that is nested without end is read without a fault', () => {
    expect(read('<div>'.repeat(50_000)).kind).toBe('unknown');
  });

  test.each([
    ['formatting elements in each other', (n: number) => `<font size=${n}><p>`],
    ['nameless formatting elements', () => '<b><i><u><a>'],
    ['tables in tables', () => '<table><tr><td><font>'],
    ['elements that close what is not open', (n: number) => `<b id=${n}></p></i>`],
    ['links', (n: number) => `<a href="/uc?confirm&${n}:[">`],
    ['forms with fields', () => '<form id=download-form action=/x><input type=hidden name=a>'],
    ['scripts', () => '<script>"downloadUrl":"</script>'],
    ['comments', () => '<!--<!-'],
    ['references', () => '&notit;&amp;&#1;'],
  ])('costs no more than its length, whatever it is made of: %s', (_, piece) => {
    const started = performance.now();
    read(longPage(piece));
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  test.each([
    ['attributes', (n: number) => ` a${n.toString(36)}`, '<form id=download-form'],
    ['attributes with one name', () => ' a=1', '<form id=download-form'],
    ['hidden fields', (n: number) => `<input type=hidden name=${n}>`, '<form id=download-form action=/x>'],
  ])('costs no more than its length, though one element has thousands of %s', (_, piece, before) => {
    const started = performance.now();
    expect(read(`${before}${longPage(piece)}>`).kind).toBe('unknown');
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  test.each(['constructor', '__proto__', 'hasOwnProperty', 'toString'])(
    'with an element named %s, as what every object has, is a page of no known kind',
    (name) => {
      expect(read(`<title>a</title><${name} ${name}=${name}>b</${name}>`)).toEqual({
        kind: 'unknown',
        title: 'a',
      });
    },
  );

  test('made of any tags in any order is read without a fault, and has a short title', () =>
    expectLaw(drivePages));

  test('has a short title on one line', () => {
    const { title } = read(`<title>${'a\n\n'.repeat(1000)}</title>`);
    expect(title.length).toBeLessThanOrEqual(80);
    expect(title).not.toContain('\n');
  });
});

/** As long as a page is read at most. */
function longPage(piece: (nth: number) => string): string {
  const pieces: string[] = [];
  for (let length = 0; length < 128 * 1024; length += pieces.at(-1)?.length ?? 0)
    pieces.push(piece(pieces.length));
  return pieces.join('');
}
