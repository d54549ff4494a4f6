import type { ConfirmPage, QuotaPage } from './behaviours.ts';

/** Pages that Drive answers in place of a file: its ids, classes and fields, by which a client knows them, and our own words. */

const style = '<style>.uc-main{margin:auto;width:40em}.uc-footer{color:#777}</style>';

/** A whole HTML page; `title` and `body` are HTML already. */
export function page(title: string, body: string, language = 'en'): string {
  return `<!DOCTYPE html><html lang="${language}"><head><meta charset="utf-8"><title>${title}</title>${style}</head><body>${body}</body></html>`;
}

/** What a confirmation page says and where it leads. */
export interface ConfirmTarget {
  readonly id: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly uuid: string;
  /** Of the anchor's link, and the value of its cookie. */
  readonly token: string;
}

/** Where Google's byte host hands out files. */
export const BYTE_URL = 'https://drive.usercontent.google.com/download';

/** The page that asks whether a large file shall be downloaded unscanned, in one of its looks. */
export function confirmPage(look: ConfirmPage, target: ConfirmTarget): string {
  const { id, name, size } = target;
  const title = 'Google Drive - Virus scan warning';
  const caption = `<p class="uc-warning-caption">This file was not scanned for viruses.</p><p class="uc-warning-subcaption"><span class="uc-name-size"><a href="/open?id=${id}">${escapeHtml(name)}</a> (${Math.ceil(size / 1e6)}M)</span> is large. Download it all the same?</p>`;
  const main = (action: string) =>
    page(
      title,
      `<div class="uc-main"><div id="uc-dl-icon"></div><div id="uc-text">${caption}${action}</div></div><div class="uc-footer"><hr>A stand-in for Drive</div>`,
    );
  const hidden = (fields: readonly (readonly [string, string])[]) =>
    fields.map(([field, value]) => `<input type="hidden" name="${field}" value="${value}">`);
  const submit = '<input type="submit" id="uc-download-link" value="Download anyway"/>';
  const form = (fields: readonly (readonly [string, string])[]) =>
    `<form id="download-form" action="${BYTE_URL}" method="get">${submit}${hidden(fields).join('')}</form>`;
  const withoutUuid = [
    ['id', id],
    ['export', 'download'],
    ['confirm', 't'],
  ] as const;
  const fields = [...withoutUuid, ['uuid', target.uuid]] as const;
  const query = new URLSearchParams(Object.fromEntries(fields)).toString();

  switch (look) {
    case 'form':
      return main(form(fields));
    case 'form-without-uuid':
      return main(form(withoutUuid));
    case 'form-with-authuser':
      return main(form([...fields, ['authuser', '0']]));
    case 'form-on-many-lines':
      return main(form(fields)).replaceAll('>', '\n>').replaceAll(' name=', '\n  name=');
    case 'form-shuffled':
      return main(
        `<form method="get" action="${BYTE_URL}" id="download-form">${fields
          .toReversed()
          .map(([field, value]) => `<INPUT value="${value}" name="${field}" TYPE="hidden">`)
          .join('')}${submit}</form>`,
      );
    case 'form-single-quotes':
      return main(form(fields)).replaceAll('"', "'");
    case 'form-complete-action':
      return main(
        `<form id="downloadForm" action="${escapeHtml(`${BYTE_URL}?${query}`)}" method="post">${submit}</form>`,
      );
    case 'anchor':
      return main(
        `<a id="uc-download-link" href="${escapeHtml(`/uc?export=download&confirm=${target.token}&id=${id}`)}">Download anyway</a>`,
      );
    case 'script': {
      const url = `${BYTE_URL}?${query}`.replaceAll('=', '\\u003d').replaceAll('&', '\\u0026');
      return page(title, `<script>var item = {"kind":"file","downloadUrl":"${url}","size":1};</script>`);
    }
    default:
      return look satisfies never;
  }
}

/** The page that says that a file was downloaded too often, in one of its looks. */
export function quotaPage(look: QuotaPage): string {
  const caption = (first: string, second: string) =>
    `<div class="uc-main"><div id="uc-text"><p class="uc-error-caption">${first}</p><p class="uc-error-subcaption">${second}</p></div></div>`;
  const english = caption(
    'Not now: this file cannot be viewed or downloaded.',
    'Too many users have viewed or downloaded this file recently. Try again within a day.',
  );
  const title = 'Google Drive - Quota exceeded';
  switch (look) {
    case 'plain':
      return page(title, english).replaceAll('><', '>\n<');
    case 'one-line':
      return page(title, english);
    case 'en-dash':
      return page('Google Drive – Quota exceeded', english);
    case 'large':
      return page(title, `<script>var pad="${'x'.repeat(20_000)}";</script>${english}`);
    case 'translated':
      return page(
        'Google Drive – Kontingent überschritten',
        caption('Diese Datei ist gerade nicht zu haben.', 'Zu viele Zugriffe in letzter Zeit. Bitte warten.'),
        'de',
      );
    default:
      return look satisfies never;
  }
}

export const infectedPage = page(
  'Google Drive - Infected file',
  '<div class="uc-main"><p class="uc-warning-caption">Sorry, this file is infected with a virus.</p><p>Its owner alone may have it.</p></div>',
);

/** The same in the frame of other refusals. */
export const infectedErrorPage = page(
  'Google Drive - Infected file',
  '<div class="uc-main"><p class="uc-error-caption">Sorry, this file is infected with a virus.</p><p class="uc-error-subcaption">Its owner alone may have it.</p></div>',
);

export const notPermittedPage = page(
  'Google Drive - Access denied',
  '<div class="uc-main"><p class="uc-error-caption">The owner has not given you permission to download this file.</p><p class="uc-error-subcaption">Ask its owner.</p></div>',
);

/** What is in a folder, by id and name. */
export function folderPage(files: readonly (readonly [id: string, name: string])[]): string {
  const entries = files.map(
    ([id, name]) =>
      `<div class="flip-entry" id="entry-${id}"><a href="https://drive.google.com/file/d/${id}/view"><div class="flip-entry-title">${escapeHtml(name)}</div></a></div>`,
  );
  return page('Folder', `<div class="flip-list">${entries.join('')}</div>`);
}

export const requestAccessPage = page(
  'Google Drive - Access denied',
  '<div><p>You need access.</p><p>Request access, or change to an account that has it.</p></div>',
);

export const loginPage = page(
  'Sign in - Google Accounts',
  '<form id="gaia_loginform" action="https://accounts.google.com/signin" method="post"><input type="email" name="identifier"></form>',
);

export const sorryPage = page(
  'Sorry...',
  '<h1>We\'re sorry...</h1><p>... but your computer or network may be sending automated queries.</p><p>See <a href="https://support.google.com/websearch">Google Help</a>.</p>',
);

export const captchaPage = page(
  'https://www.google.com/sorry',
  '<form id="captcha-form" action="index" method="post"><div class="g-recaptcha"></div></form>',
);

export const missingPage = page('Error 404 (Not Found)!!1', '<p>The requested URL was not found.</p>');

export const stalePage = page('Error 403 (Forbidden)!!1', '<p>This link does not work (any more).</p>');

export const unknownPage = page('Google Drive', '<div><p>Something that nobody has described yet.</p></div>');

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
