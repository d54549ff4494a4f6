import type { PageFrame } from './page.ts';
import type { Page, PageElement } from './page-elements.ts';

/**
 * What is kept of a page of no known kind, for a bug report: its structure, and everyday words of such pages. What such a
 * page may also hold (names, addresses, ids, tokens, whatever a query has) is no such word, however it is cut up, so
 * nothing has to be recognised as a secret to be left out.
 */

/** Characters of a sketch, and elements in it. */
export const MOST_SKETCH = 12_000;
const MOST_LINES = 400;
const MOST_WORDS = 40;

const WORDS: ReadonlySet<string> = new Set(
  `about accept access account accounts action active administrator again agree all already allow allowed also an and any
  anyway app application apps archive are as ask at authorization automated available back bad be because been before
  being below blocked body browser but button by can cannot cancel captcha caption change check choose click close code
  computer confirm contact contains content continue cookie cookies copy could create data date day days denied detected
  device did different disabled do docs document does domain don done download downloaded downloading drive due each
  email enable enabled error errors exceed exceeded exist exists expired export failed file files find folder footer for
  forbidden form format found from get go google had has have header help here home hour hours how however id if in
  infected information input instead internal into invalid is it item items its javascript just kind large later learn
  limit link list load loading log login main make malware many maximum may message minutes moment more moved must name
  need network new next no not now of off official ok old on once one only open or original other our out owner page
  password permission permissions please plan policy preview privacy problem product protect public queries query quota
  reached recently redirect redirected refresh reload remove removed report request requested requests require required
  response restricted retry robot robots safe scan scanned scanning script search second seconds secure security see
  send sending server service services session set share shared sharing should sign signed site size some something
  sorry space special start status still stop storage subject submit such support switch system temporarily terms than
  that the their them then there these they this time title to today token tomorrow too traffic trash try type unable
  unavailable under unknown unusual up upload uploaded url us usage use used user users using verify version very video
  view viewed violation virus viruses wait want warning was we web were what when where which while who why will wish
  with within without work workspace would wrong yes you your`.split(/\s+/),
);

/** Whoever is not escaped becomes a tag: `<jane.doe@example.org>`. */
const TAGS: ReadonlySet<string> = new Set(
  `a abbr article aside b base body br button center code div dl dt dd em fieldset font footer form frame h1 h2 h3 h4 h5
  h6 head header hr html i iframe img input label legend li link main meta nav noscript ol option p path pre script
  section select small span strong style sub svg table tbody td textarea tfoot th thead title tr u ul video`.split(
    /\s+/,
  ),
);

const HOSTS: ReadonlySet<string> = new Set(
  ['drive', 'docs', 'drive.usercontent', 'accounts', 'www', 'support', 'policies', 'consent'].map(
    (name) => `${name}.google.com`,
  ),
);

/** A sketch of a page; the same one for pages that differ only in what it leaves out. At most {@link MOST_SKETCH} characters. */
export function sketchPage(page: Page, { url, status }: PageFrame): string {
  const lines = [
    `status ${status} of ${placeOf(url)}`,
    `title: ${wordsOf(page.title)}`,
    ...page.elements.slice(0, MOST_LINES).map((element, nth) => lineOf(element, page.said[nth] ?? '')),
  ];
  if (page.elements.length > MOST_LINES) lines.push('...');
  const sketch = lines.join('\n');
  return `${sketch.length < MOST_SKETCH ? sketch : `${sketch.slice(0, MOST_SKETCH - 5)}\n...`}\n`;
}

function lineOf(element: PageElement, said: string): string {
  const { tagName, attributes, form } = element;
  const tag = TAGS.has(tagName) ? tagName : '_';
  const fields = [...attributes].slice(0, 16).map(([name, value]) => fieldOf(name, value));
  const isText = !/^(script|style|title)$/.test(tagName);
  const text = isText ? wordsOf(said) : '';
  return [
    form === undefined ? tag : `  ${tag}`,
    ...fields.filter((field) => field !== ''),
    ...(tagName === 'script' ? memberNames(said) : []),
    ...(text === '' ? [] : [`"${text}"`]),
  ].join(' ');
}

function fieldOf(name: string, value: string): string {
  switch (name) {
    case 'id':
      return `#${isPlain(value) ? value : '_'}`;
    case 'class': {
      const classes = value.split(/\s+/).slice(0, 8);
      return classes.map((one) => `.${isPlain(one) ? one : '_'}`).join('');
    }
    case 'lang':
      return `lang=${/^[a-z]{2}(-[A-Z]{2})?$/.test(value) ? value : '_'}`;
    case 'href':
    case 'action':
    case 'src':
      return `${name}=${URL.canParse(value, 'https://here/') ? placeOf(new URL(value, 'https://here/')) : '_'}`;
    case 'type':
    case 'method':
    case 'name':
      return `${name}=${wordOrNothing(value)}`;
    default:
      return wordOrNothing(name) === '_' ? '' : name;
  }
}

/** Where a URL leads, without what only it has. */
function placeOf({ protocol, hostname, pathname, searchParams }: URL): string {
  if (protocol !== 'https:' && protocol !== 'http:') return 'elsewhere';
  const host = hostname === 'here' ? '' : HOSTS.has(hostname) ? hostname : 'elsewhere';
  const path = pathname
    .split('/')
    .slice(0, 6)
    .map((part) => (part === '' ? '' : wordOrNothing(part)));
  const names = [...searchParams.keys()].slice(0, 12).map(wordOrNothing);
  return `${host}${path.join('/')}${names.length === 0 ? '' : `?${names.join('&')}`}`;
}

/** The everyday words of a text, in their order; everything between them becomes one `_`. */
function wordsOf(text: string): string {
  const words: string[] = [];
  for (const [word] of text.slice(0, 4_000).matchAll(/[^\s]+/g)) {
    const known = word.toLowerCase().replace(/^[("'“]+|[.,:;!?)"'”…]+$/g, '');
    const next = WORDS.has(known) ? known : '_';
    if (next !== '_' || words.at(-1) !== '_') words.push(next);
    if (words.length === MOST_WORDS) break;
  }
  return words.join(' ').replace(/^_$/, '');
}

/** Of what a script holds: `"downloadUrl":` and its like. */
function memberNames(script: string): string[] {
  const names = [...script.slice(0, 32_000).matchAll(/"([A-Za-z]{1,40})"\s{0,4}:/g)].map(
    ([, name = '']) => name,
  );
  const known = names.filter((name) => wordOrNothing(name) !== '_');
  return [...new Set(known)].slice(0, 20).map((name) => `"${name}":`);
}

/** A name that is made of everyday words: `downloadUrl`, `request-access`. */
function wordOrNothing(name: string): string {
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[-_]/);
  const isKnown = words.length <= 5 && words.every((word) => WORDS.has(word) || SHORT.has(word));
  return isKnown ? name : '_';
}

/** Names of fields and paths that are no words. */
const SHORT: ReadonlySet<string> = new Set(
  'value charset alt rel width height role target uc usp hl hidden text checkbox radio post get authuser uuid resourcekey signin servicelogin securesc d e v'.split(
    ' ',
  ),
);

/** An id or class as people write them: short words of letters. */
function isPlain(name: string): boolean {
  return /^[A-Za-z]{1,12}([-_][A-Za-z]{1,12}){0,4}$/.test(name);
}
