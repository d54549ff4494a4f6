import { examplePath } from '../../../domain/dataset/layout.ts';
import { refusalOfUrl } from '../../../domain/network/request-url.ts';
import { noTokens, type Tokens } from '../../../domain/network/tokens.ts';
import type { SourceRequest } from '../../../domain/run/request.ts';
import { type SourceDefinition, SourceRequestError } from '../contract/source-definition.ts';
import { isOfTars, pathIn, problemOfLayout, usualLayoutOf } from './layouts.ts';

const REPO = '--hf-repo';
const REVISION = '--hf-revision';
const LAYOUT = '--hf-layout';

/** Where the hub is, unless a worker's environment says otherwise. */
const HUB = 'https://huggingface.co';
const ENDPOINT = 'HF_ENDPOINT';
const TOKEN = 'HF_TOKEN';

const problems = {
  repo: (text: string) =>
    /^[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95}$/.test(text)
      ? undefined
      : 'expected OWNER/NAME of a dataset repository, got something else',
  // A branch or a tag may mean other bytes tomorrow: two commands that ask the same would not.
  revision: (text: string) =>
    /^[0-9a-f]{40}$/.test(text)
      ? undefined
      : 'expected a commit, 40 hex digits, got something else: a branch or tag may move; its commit stands on the page ' +
        '"Files and versions", and `git ls-remote` prints it',
  layout: problemOfLayout,
};

/**
 * A dataset repository at one commit: `{ name, repo, revision, layout }`. Which hub (`HF_ENDPOINT`) and with whose token
 * (`HF_TOKEN`) is the workers'.
 */
export const huggingFace: SourceDefinition = {
  name: 'huggingface',
  flags: [
    { flag: REPO, value: '<owner/name>', help: 'dataset repository' },
    { flag: REVISION, value: '<commit>', help: 'its commit, 40 hex digits' },
    {
      flag: LAYOUT,
      value: '<name>',
      help: 'tree, parts, tars, or a template with {path}, {id}, {id5}, {folder}',
      ofSample: { field: 'layout', values: ['tree', 'tars'] },
    },
  ],
  secrets: [],
  settings: [ENDPOINT, TOKEN],
  asksFileUrls: false,
  read(flags) {
    const read = (flag: string, problemOf: (text: string) => string | undefined, otherwise?: string) => {
      const text = flags.text(flag) ?? otherwise;
      const problem = text === undefined ? 'expected it, got nothing' : problemOf(text);
      if (text === undefined || problem !== undefined) throw flags.refused(flag, problem ?? '');
      return text;
    };
    const repo = read(REPO, problems.repo);
    const revision = read(REVISION, problems.revision);
    return {
      name: 'huggingface',
      repo,
      revision,
      layout: read(LAYOUT, problems.layout, usualLayoutOf(repo)),
    };
  },
  flagsOf(request) {
    const { repo, revision, layout } = hubFilesOf(request);
    return [
      [REPO, repo],
      [REVISION, revision],
      [LAYOUT, layout],
    ];
  },
  describe(request) {
    const { repo, revision } = hubFilesOf(request);
    return `Hugging Face ${repo} at ${revision.slice(0, 12)}`;
  },
  hasPixelsAlone: ({ layout }) => layout !== undefined && isOfTars(layout),
  planned(request) {
    const { layout } = hubFilesOf(request);
    return {
      mayHave: (kind) => pathIn(layout, { kind, key: '0', path: examplePath(kind) }) !== undefined,
      // One to see what is there, one for its bytes.
      ...(isOfTars(layout) ? { requestsPerFolder: 2 } : {}),
    };
  },
  namedUrls: () => [new URL(HUB)],
  tokensOf(env) {
    const token = env[TOKEN] ?? '';
    const endpoint = hubOf(env[ENDPOINT]);
    return endpoint === undefined || !isToken(token)
      ? noTokens
      : (new Map([[endpoint.origin, token]]) as Tokens);
  },
};

/** What a request asks the hub for. */
export interface HubFiles {
  readonly repo: string;
  readonly revision: string;
  readonly layout: string;
}

export function hubFilesOf(request: SourceRequest): HubFiles {
  const field = (name: keyof typeof problems): string => {
    const text: unknown = request[name];
    if (typeof text !== 'string')
      throw new SourceRequestError(request.name, `expected a text as ${name}, got none`);
    const problem = problems[name](text);
    if (problem !== undefined) throw new SourceRequestError(request.name, `${name}: ${problem}`);
    return text;
  };
  return { repo: field('repo'), revision: field('revision'), layout: field('layout') };
}

/** What a worker's environment says of the hub; throws {@link SourceRequestError}, and repeats nothing. */
export function endpointOf(name: string, settings: Readonly<Record<string, string>>): URL {
  const endpoint = hubOf(settings[ENDPOINT]);
  if (endpoint === undefined)
    throw new SourceRequestError(
      name,
      `environment [${ENDPOINT}]: expected an http(s) URL without credentials`,
    );
  const token = settings[TOKEN];
  if (token !== undefined && !isToken(token))
    throw new SourceRequestError(name, `environment [${TOKEN}]: expected a token, got something else`);
  return endpoint;
}

function hubOf(text: string | undefined): URL | undefined {
  const url = text || HUB;
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return undefined;
  return refusalOfUrl(new URL(url)) === undefined ? new URL(url) : undefined;
}

function isToken(text: string): boolean {
  return /^[\w.~+/=-]{1,500}$/.test(text);
}
