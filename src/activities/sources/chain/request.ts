import { CHAIN, patienceOf, USUAL_PATIENCE } from '../../../domain/chain/patience.ts';
import type { SourceRequest } from '../../../domain/run/request.ts';
import { HOUR, MINUTE, SECOND } from '../../../domain/run/time-units.ts';
import {
  type SourceDefinition,
  type SourceFlagReader,
  SourceRequestError,
} from '../contract/source-definition.ts';

const FLAG = '--patience';
const LONGEST_PATIENCE = 7 * 24 * HOUR;
const MOST_MEMBERS = 8;

/**
 * Several sources, asked one after the other: `{ name: 'chain', patience, source1, 'source1.baseUrl', source2, ... }`. Each of
 * them reads its own flags, and has its own fields, so that each is looked at for secrets by itself.
 *
 * @param definitionOf the sources that may be in it
 */
export function chainDefinition(
  definitionOf: (request: SourceRequest) => SourceDefinition,
): SourceDefinition {
  const eachOf = <Value>(
    request: SourceRequest,
    of: (definition: SourceDefinition, member: SourceRequest) => readonly Value[],
  ) => membersOf(request).flatMap((member) => of(definitionOf(member), member));
  return {
    name: CHAIN,
    flags: [
      {
        flag: FLAG,
        value: '<time>',
        help: `how long a file waits for one of several sources before the next is asked (default: ${USUAL_PATIENCE / MINUTE}m)`,
      },
    ],
    secrets: [],
    // Whether one of them does is asked of each.
    asksFileUrls: false,
    read(flags) {
      const names = namesIn(flags.text('--source') ?? '', flags);
      const patience = flags.time(FLAG, SECOND, LONGEST_PATIENCE) ?? USUAL_PATIENCE;
      return chainOf(
        names.map((name) => definitionOf({ name }).read(flags)),
        patience,
      );
    },
    flagsOf: (request) => [
      ...eachOf(request, (definition, member) => definition.flagsOf(member)),
      [FLAG, `${Math.ceil(patienceOf(request) / SECOND)}s`],
    ],
    describe: (request) =>
      eachOf(request, (definition, member) => [definition.describe(member)]).join(', then '),
    places: (request) => eachOf(request, (definition, member) => definition.places?.(member) ?? [member]),
    namedUrls: (request) => eachOf(request, (definition, member) => definition.namedUrls(member)),
  };
}

/** A request for these sources, in this order. */
export function chainOf(members: readonly SourceRequest[], patienceMs: number): SourceRequest {
  const fields = members.flatMap(({ name, ...own }, at) => [
    [fieldOf(at), name],
    ...Object.entries(own).map(([field, value]) => [`${fieldOf(at)}.${field}`, value]),
  ]);
  return { name: CHAIN, patience: String(patienceMs), ...Object.fromEntries(fields) };
}

/** The sources of a chain, in their order; throws {@link SourceRequestError}. */
export function membersOf(request: SourceRequest): readonly SourceRequest[] {
  const members: SourceRequest[] = [];
  for (let at = 0; at < MOST_MEMBERS; at++) {
    const name: unknown = request[fieldOf(at)];
    if (name === undefined) break;
    if (typeof name !== 'string' || name === CHAIN || members.some((one) => one.name === name))
      throw new SourceRequestError(
        CHAIN,
        `expected another source as ${fieldOf(at)}, got the same, or a chain`,
      );
    const prefix = `${fieldOf(at)}.`;
    const own = Object.entries(request)
      .filter(([field]) => field.startsWith(prefix))
      .map(([field, value]) => [field.slice(prefix.length), value]);
    members.push({ ...Object.fromEntries(own), name });
  }
  if (members.length >= 2) return members;
  throw new SourceRequestError(CHAIN, `expected at least two sources, got ${members.length}`);
}

/** The sources that `--source a,b` names. */
export function namesOf(text: string): readonly string[] {
  return text.split(',').map((name) => name.trim());
}

function namesIn(text: string, flags: SourceFlagReader): readonly string[] {
  const names = namesOf(text);
  const problem = (expected: string, got: string) =>
    flags.refused('--source', `expected ${expected}, got ${got}`);
  if (names.length > MOST_MEMBERS) throw problem(`at most ${MOST_MEMBERS} sources`, String(names.length));
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw problem('each source once', `${twice.slice(0, 40)} twice`);
  return names;
}

function fieldOf(at: number): string {
  return `source${at + 1}`;
}
