import { refusalOfUrl } from '../../../domain/network/request-url.ts';
import type { SourceRequest } from '../../../domain/run/request.ts';
import { type SourceDefinition, SourceRequestError } from '../contract/source-definition.ts';

const FLAG = '--mirror-url';

/** Base URL + `file_path`: `{ name, baseUrl }`. A token that it asks for is the workers' (`FFHQ_TOKENS`). */
export const httpMirror: SourceDefinition = {
  name: 'http-mirror',
  flags: [{ flag: FLAG, value: '<url>', help: 'base URL in front of every file_path' }],
  secrets: [],
  asksFileUrls: false,
  read(flags) {
    const base = flags.url(FLAG);
    if (base === undefined) throw flags.refused(FLAG, 'expected the base URL of the mirror, got nothing');
    return { name: 'http-mirror', baseUrl: base.href };
  },
  flagsOf: (request) => [[FLAG, baseUrlOf(request).href]],
  describe: (request) => baseUrlOf(request).href,
  namedUrls: (request) => [baseUrlOf(request)],
};

/** The URL that stands in front of every `file_path`. */
export function baseUrlOf({ name, baseUrl }: SourceRequest): URL {
  // What stands there instead may hold a secret, so it is not repeated.
  if (typeof baseUrl !== 'string' || !/^https?:/.test(baseUrl) || !URL.canParse(baseUrl))
    throw new SourceRequestError(name, 'expected an http(s) URL as baseUrl, got none');
  const url = new URL(baseUrl);
  const problem = refusalOfUrl(url);
  if (problem !== undefined) throw new SourceRequestError(name, `baseUrl: ${problem}`);
  return url;
}
