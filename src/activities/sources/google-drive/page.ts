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

/**
 * Reads a page by ids, classes and form fields first, which no translation changes; by its words (we ask for English)
 * only where there is nothing else to hold on to.
 */
export function readDrivePage(html: string, url: URL): DrivePage {
  const page = collectPage(html);
  const { title, text } = page;
  const refused = (reason: Extract<DrivePage, { kind: 'refused' }>['reason']): DrivePage => ({
    kind: 'refused',
    title,
    reason,
  });
  const isInfected = /\binfected with a virus\b/i.test(text);

  if (isSorryPage(page)) return refused('blocked');
  if (page.elements.some((element) => hasClass(element, 'uc-error-caption'))) {
    if (isInfected) return refused('infected');
    return refused(/permission to download/i.test(text) ? 'not-downloadable' : 'quota');
  }
  const confirmed = confirmUrl(page, url);
  if (confirmed) return { kind: 'confirm', title, url: confirmed };
  if (isInfected) return refused('infected');
  if (isLoginPage(page) || /\b(request|need) (access|permission)\b/i.test(text)) return refused('private');
  if (/\bquota exceeded\b/i.test(title) || /too many users have viewed or downloaded/i.test(text)) {
    return refused('quota');
  }
  return { kind: 'unknown', title };
}

function isSorryPage({ title, text, elements }: Page): boolean {
  return (
    elements.some((element) => element.tagName === 'form' && attribute(element, 'id') === 'captcha-form') ||
    /^sorry\b/i.test(title) ||
    /\bsending automated queries\b|\bunusual traffic from your computer\b/i.test(text)
  );
}

function isLoginPage({ elements }: Page): boolean {
  return elements.some(
    (element) =>
      element.tagName === 'form' &&
      (attribute(element, 'id') === 'gaia_loginform' ||
        /^https:\/\/accounts\.google\.com\//.test(attribute(element, 'action') ?? '')),
  );
}

/** Where "Download anyway" leads, in each of the forms that the page has had. */
function confirmUrl(page: Page, base: URL): URL | undefined {
  const form = page.elements.find(
    (element) => element.tagName === 'form' && /^download-?form$/i.test(attribute(element, 'id') ?? ''),
  );
  if (form) return formUrl(form, page.elements, base);
  for (const element of page.elements) {
    const href = element.tagName === 'a' ? resolve(attribute(element, 'href'), base) : undefined;
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
