import { ChainMemory } from '../../domain/chain/chain-memory.ts';
import { CHAIN, patienceOf } from '../../domain/chain/patience.ts';
import type { HostRest } from '../../domain/failure/source-failure.ts';
import { sourceFailure } from '../../domain/failure/source-failure.ts';
import { defaultGoogleQuota, type GoogleQuota } from '../../domain/flow/google-quota.ts';
import type { Probe } from '../../domain/gate/source-gate.ts';
import { RateWindows } from '../../domain/limits/rate-window.ts';
import { MirrorBook } from '../../domain/mirrors/mirror-book.ts';
import type { SavedCookies } from '../../domain/network/cookie-file.ts';
import { isLoopback, secretsOfProxy } from '../../domain/network/proxies.ts';
import { ShownSecrets } from '../../domain/network/shown-secrets.ts';
import { noTokens, secretsOfToken, type Tokens } from '../../domain/network/tokens.ts';
import type { WaitingSource } from '../../domain/run/progress.ts';
import { canonicalJson, type SourceRequest } from '../../domain/run/request.ts';
import { ArchiveShelf } from './archive/archive-shelf.ts';
import type { ProbeNotes } from './contract/request-gates.ts';
import type { Source } from './contract/source.ts';
import { type SourceDefinition, SourceRequestError } from './contract/source-definition.ts';
import { Crowds } from './flow/crowd.ts';
import type { Asker } from './flow/flow.ts';
import { flowingClient } from './flow/flowing-client.ts';
import type { GateBook } from './gates/gate-book.ts';
import { gatedSource } from './gates/gated-source.ts';
import type { GoogleCredential } from './google-login/credential.ts';
import { findCredential, lookAtCredentials } from './google-login/find-credential.ts';
import { type HttpClient, type HttpClientOptions, makeHttpClient, probing } from './http/client.ts';
import type { NetworkSettings } from './http/connections.ts';
import type { AskForUrl } from './http/source-tools.ts';
import {
  definitionOf,
  makeAskForUrl,
  makeNamedUrl,
  makeSource,
  sourceDefinitions,
  sourcesIn,
} from './index.ts';

/** Opens every source of a worker process: what must outlive a bundle, such as connections, has its home here. */
export interface SourceBook {
  /**
   * The source that a run asked for.
   *
   * @param allowedHosts - as `parseAllowedHost` spells them
   * @throws SourceRequestError when this worker cannot serve the request: a name it does not know, a secret it lacks
   */
  open(request: SourceRequest, allowedHosts: readonly string[], how?: Asking): Promise<Source>;
  /** The source of a file that the user named by URL (a manifest, a licence), whatever the run's own source is. */
  namedUrl(allowedHosts: readonly string[], how?: Asking): Promise<Source>;
  /** What this process knows of gates; undefined: there are none, and whoever is refused waits by himself. */
  readonly gates?: GateBook | undefined;
  /** The sources of a chain that this process does not ask at present: behind a closed gate, or resting. */
  waiting(request: SourceRequest): readonly WaitingSource[];
  /** A host asked for a rest, as a worker was told: nobody in this process asks it before that. */
  rest(host: string, rest: HostRest): void;
  /** What is wrong with what should sign, and what is not used of it: sentences that repeat no secret. Asks nobody. */
  lookAtCredentials(): Promise<{ readonly problem: string | undefined; readonly note: string | undefined }>;
  /** Closes every connection, those in use too. */
  close(): Promise<void>;
}

/** @default 'as all': not where a gate is closed. Notes of a probe: behind that one gate, too. An asker: as all, and within its limits. */
export type Asking = 'as all' | ProbeNotes | Asker;

export interface SourceBookOptions extends Omit<HttpClientOptions, 'gates'> {
  /** @default none */
  readonly gates?: GateBook;
  /** The worker's own environment: secrets come from it alone. */
  readonly env: Environment;
  /** Google's, of a file that the user named. */
  readonly cookies?: SavedCookies | undefined;
  /** Where indexes of archives are kept. @default nowhere: they are made anew by each process */
  readonly cacheDir?: string;
  /** @default a credential of the environment is used, as Google's usual limits bear */
  readonly google?: GoogleAccess;
}

/** How a worker asks for Drive's files. */
export interface GoogleAccess {
  readonly quota?: GoogleQuota;
  /** Path of the list of copies to ask for instead. @default none */
  readonly driveIds?: string | undefined;
  /** Are requests signed with what the environment names? @default true */
  readonly signs?: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Made once per worker process. */
export function makeSourceBook({
  env,
  google = {},
  cookies,
  cacheDir,
  ...options
}: SourceBookOptions): SourceBook {
  const { gates } = options;
  const network = { ...options.network, tokens: tokensOf(options.network?.tokens, env) };
  const secrets = new ShownSecrets();
  const http = makeHttpClient({ ...options, network, secrets });
  for (const secret of [...secretsOfNetwork(network), ...(cookies?.secrets ?? [])]) secrets.add(secret);
  const credential = credentialFor(google, options.googleOrigin, { env, http, secrets });
  const quota = google.quota ?? defaultGoogleQuota;
  const crowds = new Crowds(options.connections);
  const memory = {
    mirrors: new MirrorBook(),
    chains: new ChainMemory(),
    windows: new RateWindows(),
    good: new Set<string>(),
  };
  const archives = new ArchiveShelf(cacheDir);
  let asks: Promise<AskForUrl> | undefined;
  const clientFor = (how: Asking) => {
    if (how === 'as all') return http;
    return 'gate' in how ? probing(http, how) : flowingClient(http, crowds, how, secrets);
  };
  const accessFor = async (how: Asking, allowedHosts: readonly string[]) => {
    asks ??= makeAskForUrl({ credential, quota, driveIds: google.driveIds });
    return { http: clientFor(how), allowedHosts, cookies, asks: await asks, memory };
  };
  const gated = (source: Source, probe: Omit<Probe, 'file'>) =>
    gates === undefined ? source : gatedSource(source, gates, probe);
  const open: SourceBook['open'] = async (request, allowedHosts, how = 'as all') => {
    if (request?.name === CHAIN) return openChain(request, allowedHosts, how);
    const own = secretsOf(definitionOf(request), env);
    for (const secret of Object.values(own)) secrets.add(secret);
    const access = await accessFor(how, allowedHosts);
    const settings = settingsOf(definitionOf(request), env);
    const source = await makeSource(request, { ...access, secrets: own, settings, archives }, secrets);
    return gated(source, { source: request, allowedHosts });
  };
  // Each as if it were asked alone, with its own gates and its own probes.
  const openChain: SourceBook['open'] = async (request, allowedHosts, how) => {
    const members = await Promise.all(
      sourcesIn(request).map(async (member) => ({
        id: memberId(member),
        source: await open(member, allowedHosts, how).catch((error: unknown) =>
          refusingSource(member.name, error),
        ),
      })),
    );
    const { makeChain } = await import('./chain/open.ts');
    return makeChain(request.name, members, {
      patienceMs: patienceOf(request),
      memory: memory.chains,
      waitOf: async (gate) => gates?.waitOf(gate),
    });
  };
  return {
    open,
    namedUrl: async (allowedHosts, how = 'as all') => {
      const source = makeNamedUrl(await accessFor(how, allowedHosts), secrets);
      return gated(await source, { allowedHosts });
    },
    gates,
    waiting: (request) =>
      request.name === CHAIN ? memory.chains.waiting(sourcesIn(request).map(memberId), Date.now()) : [],
    rest: (host, rest) => http.hosts.rest(host, rest),
    lookAtCredentials: async () => {
      const found = google.signs === false ? [] : await lookAtCredentials(env);
      const [used, ...unused] = found.map(({ kind }) => kind);
      const problem = found[0]?.problem === undefined ? undefined : `${used} ${found[0].problem}`;
      const note =
        unused.length === 0 ? undefined : `credentials: ${used} is used, and ${unused.join(', ')} is not`;
      return { problem, note };
    },
    close: () => http.close(),
  };
}

/** The same source is the same in every chain of a process. */
function memberId(request: SourceRequest): string {
  return canonicalJson(request);
}

/** What signs, if anything. Where Google's hosts lead to another machine nothing is signed, and nothing is asked unsigned. */
function credentialFor(
  { signs = true }: GoogleAccess,
  googleOrigin: string | undefined,
  tools: { readonly env: Environment; readonly http: HttpClient; readonly secrets: ShownSecrets },
): GoogleCredential | undefined {
  const found = signs ? findCredential(tools) : undefined;
  if (found === undefined || googleOrigin === undefined || isLoopback(new URL(googleOrigin).hostname))
    return found;
  const detail =
    'credential [FFHQ_GOOGLE_ORIGIN]: expected none, or one on this machine, since an API key or login is set, got another';
  const failure = sourceFailure('credential', detail);
  return { kind: found.kind, headers: async () => ({ status: 'failed', failure }) };
}

/** Tokens of mirrors, and logins of proxies. */
function* secretsOfNetwork({ tokens, proxies }: NetworkSettings): Generator<string> {
  for (const token of tokens?.values() ?? []) yield* secretsOfToken(token);
  for (const proxy of [proxies?.http, proxies?.https]) if (proxy !== undefined) yield* secretsOfProxy(proxy);
}

/** The tokens that were given by server, and those that sources have by names of their own; what was given goes first. */
function tokensOf(given: Tokens = noTokens, env: Environment): Tokens {
  const own = sourceDefinitions.flatMap((definition) => [...(definition.tokensOf?.(env) ?? [])]);
  return new Map([...own, ...given]);
}

/** The values of a source's settings, of those that are set. */
function settingsOf({ settings = [] }: SourceDefinition, env: Environment): Readonly<Record<string, string>> {
  return Object.fromEntries(settings.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}

/** The values of a source's secrets; throws {@link SourceRequestError} that names those which are not set. */
export function secretsOf(
  { name, secrets }: Pick<SourceDefinition, 'name' | 'secrets'>,
  env: Environment,
): Readonly<Record<string, string>> {
  const lacking = secrets.filter((secret) => !env[secret]);
  if (lacking.length === 0) return Object.fromEntries(secrets.map((secret) => [secret, env[secret] ?? '']));
  throw new SourceRequestError(
    name,
    `expected ${lacking.join(', ')} in the environment of the worker, got none`,
  );
}

/** A member of a chain that refuses the whole request, by its own word: the others may have each file. */
function refusingSource(name: string, error: unknown): Source {
  if (!(error instanceof SourceRequestError) || error.answered === undefined) throw error;
  const { answered, message } = error;
  return {
    name,
    open: async ({ path }) => ({
      status: 'failed',
      failure: sourceFailure(answered, `open [file=${path}]: ${message}`),
    }),
  };
}
