import { isAbsolute } from 'node:path';
import { mayHold } from '../../../domain/archive/pick-member.ts';
import { examplePath } from '../../../domain/dataset/layout.ts';
import { fileName } from '../../../domain/dataset/plain-path.ts';
import { printable } from '../../../domain/failure/printable.ts';
import { refusalOfUrl } from '../../../domain/network/request-url.ts';
import type { SourceRequest } from '../../../domain/run/request.ts';
import {
  MOST_SHOWN,
  type SourceDefinition,
  type SourceFlag,
  SourceRequestError,
} from '../contract/source-definition.ts';

/** Archives of one request. */
const MOST_ARCHIVES = 128;

/**
 * A source of archives, each an absolute path on every worker's host or a URL: `{ name, archive1, archive2, ... }`, a field
 * for each, so that each is looked at for secrets by itself.
 */
export function archiveDefinition(name: string, flag: SourceFlag): SourceDefinition {
  return {
    name,
    flags: [flag],
    secrets: [],
    asksFileUrls: false,
    hasPicturesAlone: true,
    read(flags) {
      const unsaid = flag.otherwise === 'fetched zips' ? flags.fetchedZips() : [];
      const places = flags.places(flag.flag) ?? unsaid;
      if (places.length === 0)
        throw flags.refused(flag.flag, `expected at least one ${name} archive, got nothing`);
      if (places.length > MOST_ARCHIVES)
        throw flags.refused(flag.flag, `expected at most ${MOST_ARCHIVES} archives, got ${places.length}`);
      return { name, ...Object.fromEntries(places.map((place, at) => [fieldOf(at), place])) };
    },
    ofSample: (urlOf) => ({ name, [fieldOf(0)]: urlOf(`sample.${name}`) }),
    flagsOf: (request) => [[flag.flag, placesOf(request).join(',')]],
    describe: (request) => placesOf(request).join(', '),
    planned(request) {
      const places = placesOf(request);
      const isAsked = places.some(isUrl);
      return {
        requestsFor: () => (isAsked ? 1 : 0),
        mayHave: (kind) => places.some((place) => mayHold(baseName(place), examplePath(kind))),
      };
    },
    namedUrls: (request) => placesOf(request).flatMap((place) => (isUrl(place) ? [new URL(place)] : [])),
  };
}

/** Where the archives lie, in the order in which they are asked. */
export function placesOf(request: SourceRequest): readonly string[] {
  const places: string[] = [];
  for (let at = 0; at < MOST_ARCHIVES && request[fieldOf(at)] !== undefined; at++)
    places.push(checkedPlace(request, fieldOf(at)));
  if (places.length > 0) return places;
  throw new SourceRequestError(request.name, 'expected a path or a URL as archive1, got none');
}

function checkedPlace(request: SourceRequest, field: string): string {
  const place: unknown = request[field];
  if (typeof place === 'string' && isUrl(place)) {
    const problem = URL.canParse(place) ? refusalOfUrl(new URL(place)) : 'expected a URL, got none';
    if (problem === undefined) return place;
    throw new SourceRequestError(request.name, `${field}: ${problem}`);
  }
  if (typeof place === 'string' && isAbsolute(place)) return place;
  // What stands there instead may hold a secret of a URL, of which no more than its scheme is repeated.
  const got = typeof place === 'string' ? printable(place.replace(/[:@].*/s, ':...'), MOST_SHOWN) : 'none';
  throw new SourceRequestError(
    request.name,
    `expected an absolute path or an http(s) URL as ${field}, got ${got}`,
  );
}

function fieldOf(at: number): string {
  return `archive${at + 1}`;
}

function baseName(place: string): string {
  return fileName(isUrl(place) ? new URL(place).pathname : place);
}

/** Of a place that the request names: otherwise it is a path. */
export function isUrl(place: string): boolean {
  return /^https?:/.test(place);
}
