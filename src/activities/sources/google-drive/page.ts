import { gatesOf } from '../../../domain/failure/source-gate.ts';
import { isDownloadUrl } from '../../../domain/network/drive-file.ts';
import { collectPage, type Page, type PageElement } from './page-elements.ts';

/** What one of Drive's HTML pages is; `title` is for people. */
export type DrivePage =
  | { readonly kind: 'confirm'; readonly title: string; readonly url: URL }
  | {
      readonly kind: 'refused';
      readonly title: string;
      readonly reason: 'quota' | 'blocked' | 'private' | 'infected' | 'not-downloadable';
    }
  | { readonly kind: 'unknown'; readonly title: string };

/** The confirmation has five fields; whoever asks for more than these is no page of Drive's. */
const MOST_FIELDS = 32;

/** What an answer says beside its page. */
export interface PageFrame {
  readonly url: URL;
  readonly status: number;
}

type RefusalReason = Extract<DrivePage, { kind: 'refused' }>['reason'];

/**
 * Reads a page by ids, classes, forms, links and status first, which no translation changes; by its words (we ask for
 * English) only where there is nothing else to hold on to.
 */
export function readDrivePage(html: string, frame: PageFrame): DrivePage {
  return classified(collectPage(html), frame);
}

/**
 * The same of a page that was read already.
 *
 * @param mayBeUploaded it may be somebody's file: then it blocks nobody, whatever it shows
 */
export function classified(page: Page, { url, status }: PageFrame, mayBeUploaded = false): DrivePage {
  const { title } = page;
  const refused = (reason: RefusalReason): DrivePage => ({ kind: 'refused', title, reason });

  const said = wordOf(page);

  if (!mayBeUploaded && givesFiles(url) && isCaptcha(page)) return refused('blocked');
  if (hasElement(page, (element) => hasClass(element, 'uc-error-caption'))) return refused(said ?? 'quota');
  const confirmed = confirmUrl(page, url);
  if (confirmed) return { kind: 'confirm', title, url: confirmed };
  if (isLogin(page) || asksForAccess(page, url, status)) return refused('private');
  if (hasElement(page, (element) => hasClass(element, 'flip-entry'))) return refused('not-downloadable');
  if (isWarningAlone(page)) return refused('infected');
  return said === undefined ? { kind: 'unknown', title } : refused(said);
}

/** Everywhere else Google shows what somebody wrote: a drawing, a form, a site. */
function givesFiles(url: URL): boolean {
  return isDownloadUrl(url) || (isByteHost(url) && gatesOf(url.host).length > 0) || isApi(url);
}

function isApi({ host }: URL): boolean {
  return gatesOf(host).includes('google-api');
}

/**
 * What the page's English says, where its structure says too little. That everybody is blocked no words say: they may be the
 * name of a file.
 */
function wordOf({ title, text }: Page): RefusalReason | undefined {
  if (/\binfected with a virus\b/i.test(text)) return 'infected';
  if (/\bpermission to download\b/i.test(text)) return 'not-downloadable';
  if (/\b(request|need) (access|permission)\b/i.test(text)) return 'private';
  if (/\bquota exceeded\b/i.test(title) || /too many users have viewed or downloaded/i.test(text))
    return 'quota';
  return undefined;
}

function hasElement({ elements }: Page, isWanted: (element: PageElement) => boolean): boolean {
  return elements.some(isWanted);
}

/** The "sorry" page has a captcha, or leads to the one page of help that tells robots what they are. */
function isCaptcha(page: Page): boolean {
  return hasElement(
    page,
    (element) =>
      (element.tagName === 'form' && attribute(element, 'id') === 'captcha-form') ||
      hasClass(element, 'g-recaptcha') ||
      (element.tagName === 'a' &&
        /^https:\/\/support\.google\.com\/websearch(\/|$|\?)/.test(attribute(element, 'href') ?? '')),
  );
}

const LOGIN = /^https:\/\/accounts\.google\.com\//;

function isLogin(page: Page): boolean {
  return hasElement(
    page,
    (element) =>
      element.tagName === 'form' &&
      (attribute(element, 'id') === 'gaia_loginform' || LOGIN.test(attribute(element, 'action') ?? '')),
  );
}

/**
 * A form, link or button for asking the owner; or, with a refusal, a way to another account. The byte host has neither:
 * there a 403 is a link that has gone stale.
 */
function asksForAccess(page: Page, url: URL, status: number): boolean {
  const isRefusal = (status === 401 || status === 403) && !isByteHost(url);
  return hasElement(page, (element) => {
    const leadsTo = attribute(element, 'href') ?? attribute(element, 'action') ?? '';
    const named = [attribute(element, 'id'), attribute(element, 'name'), leadsTo].join(' ');
    return /request[-_]?access/i.test(named) || (isRefusal && LOGIN.test(leadsTo));
  });
}

/** A warning with nothing to press: a confirmation of another form than those below has a button all the same. */
function isWarningAlone(page: Page): boolean {
  const canBePressed = hasElement(
    page,
    (element) =>
      /^(form|input|button)$/.test(element.tagName) || attribute(element, 'id') === 'uc-download-link',
  );
  return !canBePressed && hasElement(page, (element) => hasClass(element, 'uc-warning-caption'));
}

/** Does this host hand out bytes, by links that were made for that? */
export function isByteHost({ hostname }: URL): boolean {
  return hostname === 'drive.usercontent.google.com' || hostname.endsWith('.googleusercontent.com');
}

/** Where "Download anyway" leads: nowhere but to another download of Drive's, whoever wrote the page. */
function confirmUrl(page: Page, base: URL): URL | undefined {
  const url = namedUrl(page, base);
  return url !== undefined && isDownloadUrl(url) ? url : undefined;
}

/** In each of the forms that the page has had. */
function namedUrl(page: Page, base: URL): URL | undefined {
  const form = page.elements.find(
    (element) => element.tagName === 'form' && /^download-?form$/i.test(attribute(element, 'id') ?? ''),
  );
  if (form) return formUrl(form, page.elements, base);
  // `/uc` is Drive's own, wherever the page came from.
  const linkBase = isByteHost(base) ? new URL('https://drive.google.com/') : base;
  for (const element of page.elements) {
    const href = element.tagName === 'a' ? resolve(attribute(element, 'href'), linkBase) : undefined;
    if (href?.pathname === '/uc' && href.searchParams.has('confirm')) return href;
  }
  return resolve(scriptValue(page.scripts, 'downloadUrl'), base);
}

/** The URL that a browser would go to: the hidden fields join whatever query the action has. */
function formUrl(form: PageElement, elements: readonly PageElement[], base: URL): URL | undefined {
  const url = resolve(attribute(form, 'action'), base);
  if (!url) return undefined;
  const query = new URLSearchParams(url.search);
  let fields = 0;
  for (const field of elements) {
    if (field.form !== form || field.tagName !== 'input') continue;
    const name = attribute(field, 'name');
    if (attribute(field, 'type')?.toLowerCase() !== 'hidden' || !name) continue;
    if (++fields > MOST_FIELDS) return undefined;
    query.set(name, attribute(field, 'value') ?? '');
  }
  if (fields > 0) url.search = query.toString();
  return url;
}

/** A string of an inline script, `"name":"value"`, with its escapes undone. */
function scriptValue(scripts: string, name: string): string | undefined {
  const match = new RegExp(`"${name}"\\s*:\\s*("(?:[^"\\\\]|\\\\.)*")`).exec(scripts);
  try {
    const value: unknown = match?.[1] === undefined ? undefined : JSON.parse(match[1]);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

function resolve(address: string | undefined, base: URL): URL | undefined {
  if (address === undefined || address === '' || !URL.canParse(address, base.href)) return undefined;
  return new URL(address, base);
}

function attribute(element: PageElement, name: string): string | undefined {
  return element.attributes.get(name);
}

function hasClass(element: PageElement, name: string): boolean {
  return (attribute(element, 'class') ?? '').split(/\s+/).includes(name);
}
