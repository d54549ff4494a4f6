import type { HostRest } from '../../domain/failure/source-failure.ts';
import type { Probe } from '../../domain/gate/source-gate.ts';
import type { SourceRequest } from '../../domain/run/request.ts';
import type { Source } from './contract/source.ts';
import { type SourceDefinition, SourceRequestError } from './contract/source-definition.ts';
import type { GateBook } from './gates/gate-book.ts';
import { gatedSource } from './gates/gated-source.ts';
import { type HttpClientOptions, makeHttpClient, probing } from './http/client.ts';
import { definitionOf, makeNamedUrl, makeSource } from './index.ts';

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
  /** A host asked for a rest, as a worker was told: nobody in this process asks it before that. */
  rest(host: string, rest: HostRest): void;
  /** Closes every connection, those in use too. */
  close(): Promise<void>;
}

/** @default 'as all': not where a gate is closed. `as a probe`: there, too. */
export type Asking = 'as all' | 'as a probe';

export interface SourceBookOptions extends Omit<HttpClientOptions, 'gates'> {
  /** @default none */
  readonly gates?: GateBook;
  /** The worker's own environment: secrets come from it alone. */
  readonly env: Environment;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Made once per worker process. */
export function makeSourceBook({ env, ...options }: SourceBookOptions): SourceBook {
  const { gates } = options;
  const http = makeHttpClient(options);
  const clients = { 'as all': http, 'as a probe': probing(http) };
  const gated = (source: Source, how: Asking, probe: Omit<Probe, 'file'>) =>
    gates === undefined || how === 'as a probe' ? source : gatedSource(source, gates, probe);
  return {
    open: async (request, allowedHosts, how = 'as all') => {
      const secrets = secretsOf(definitionOf(request), env);
      const source = await makeSource(request, { http: clients[how], allowedHosts, secrets });
      return gated(source, how, { source: request, allowedHosts });
    },
    namedUrl: async (allowedHosts, how = 'as all') => {
      const source = await makeNamedUrl({ http: clients[how], allowedHosts });
      return gated(source, how, { allowedHosts });
    },
    gates,
    rest: (host, rest) => http.hosts.rest(host, rest),
    close: () => http.close(),
  };
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
