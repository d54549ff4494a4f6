import { filledFor, isTemplate, problemOfTemplate } from '../../../domain/mirrors/file-template.ts';
import { refusalOfUrl } from '../../../domain/network/request-url.ts';
import type { SourceRequest } from '../../../domain/run/request.ts';
import {
  type SourceDefinition,
  type SourceFlagReader,
  SourceRequestError,
} from '../contract/source-definition.ts';

const FLAG = '--mirror-url';
const MOST_MIRRORS = 16;

/**
 * Servers that hold the dataset's tree, each by a base URL or a template: `{ name, baseUrl, baseUrl2, ... }`. A token that one
 * asks for is the workers' (`FFHQ_TOKENS`).
 */
export const httpMirror: SourceDefinition = {
  name: 'http-mirror',
  flags: [
    {
      flag: FLAG,
      value: '<url>',
      help: 'base URL in front of every file_path, or a template with {path}, {id}, {id5}, {folder} (repeatable)',
      isList: true,
    },
  ],
  secrets: [],
  asksFileUrls: false,
  read(flags) {
    const urls = [...new Set(flags.texts(FLAG).map((text) => given(text, flags)))];
    if (urls.length === 0) throw flags.refused(FLAG, 'expected the base URL of the mirror, got nothing');
    if (urls.length > MOST_MIRRORS)
      throw flags.refused(FLAG, `expected at most ${MOST_MIRRORS} mirrors, got ${urls.length}`);
    return { name: 'http-mirror', ...Object.fromEntries(urls.map((url, at) => [fieldOf(at), url])) };
  },
  flagsOf: (request) => mirrorsOf(request).map(({ text }) => [FLAG, text]),
  describe(request) {
    const mirrors = mirrorsOf(request);
    const [first] = mirrors;
    if (mirrors.length <= 1) return first?.text ?? '';
    return `${mirrors.length} mirrors (${mirrors.map(({ host }) => host).join(', ')})`;
  },
  places: (request) => mirrorsOf(request).map(({ text }) => ({ name: request.name, baseUrl: text })),
  namedUrls: (request) => mirrorsOf(request).map(({ url }) => url),
};

/** One of a request's mirrors. */
export interface Mirror {
  /** As it was given: what tells it from others. */
  readonly text: string;
  readonly host: string;
  /** Its URL, with the places of a template as they are. */
  readonly url: URL;
  /** Where it has a file; undefined: nowhere. */
  urlOf(file: Parameters<typeof filledFor>[1]): URL | undefined;
}

/** The mirrors of a request, at least one; throws {@link SourceRequestError}. */
export function mirrorsOf(request: SourceRequest): readonly [Mirror, ...Mirror[]] {
  const [first, ...others] = Array.from({ length: MOST_MIRRORS }, (_, at) => fieldOf(at));
  const more = others.filter((field) => request[field] !== undefined);
  return [mirrorOf(request, first ?? ''), ...more.map((field) => mirrorOf(request, field))];
}

function fieldOf(at: number): string {
  return at === 0 ? 'baseUrl' : `baseUrl${at + 1}`;
}

function given(text: string, flags: SourceFlagReader): string {
  const url = flags.url(FLAG, text);
  const problem = url && problemOf(text, url);
  if (url === undefined || problem !== undefined)
    throw flags.refused(FLAG, problem ?? 'expected a URL, got nothing');
  return isTemplate(text) ? withBraces(url) : url.href;
}

/** What is wrong with a mirror's URL or template. Its host is allowed by being named, and is the same for all files. */
function problemOf(text: string, { host }: URL): string | undefined {
  if (/[{}]/.test(host))
    return 'expected a plain host, got one with braces: they may stand in the path alone';
  return isTemplate(text) ? problemOfTemplate(text) : undefined;
}

/** URLs spell braces otherwise. */
function withBraces({ href }: URL): string {
  return href.replace(/%7b/gi, '{').replace(/%7d/gi, '}');
}

function mirrorOf(request: SourceRequest, field: string): Mirror {
  const { name, [field]: text } = request;
  // What stands there instead may hold a secret, so it is not repeated.
  if (typeof text !== 'string' || !/^https?:/.test(text) || !URL.canParse(text))
    throw new SourceRequestError(name, `expected an http(s) URL as ${field}, got none`);
  const url = new URL(text);
  const problem = refusalOfUrl(url) ?? problemOf(text, url);
  if (problem !== undefined) throw new SourceRequestError(name, `${field}: ${problem}`);
  const template = isTemplate(text) ? text : `${url.href.replace(/\/+$/, '')}/{path}`;
  return {
    text,
    host: url.host,
    url,
    urlOf(file) {
      const filled = filledFor(template, file);
      return filled === undefined ? undefined : new URL(filled);
    },
  };
}
