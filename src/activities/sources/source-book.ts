import type { HostRest } from '../../domain/failure/source-failure.ts';
import type { SavedCookies } from '../../domain/network/cookie-file.ts';
import type { SourceRequest } from '../../domain/run/request.ts';
import type { Source } from './contract/source.ts';
import { type SourceDefinition, SourceRequestError } from './contract/source-definition.ts';
import { type HttpClientOptions, makeHttpClient } from './http/client.ts';
import { definitionOf, makeNamedUrl, makeSource } from './index.ts';

/** Opens every source of a worker process: what must outlive a bundle, such as connections, has its home here. */
export interface SourceBook {
  /**
   * The source that a run asked for.
   *
   * @param allowedHosts - as `parseAllowedHost` spells them
   * @throws SourceRequestError when this worker cannot serve the request: a name it does not know, a secret it lacks
   */
  open(request: SourceRequest, allowedHosts: readonly string[]): Promise<Source>;
  /** The source of a file that the user named by URL (a manifest, a licence), whatever the run's own source is. */
  namedUrl(allowedHosts: readonly string[]): Promise<Source>;
  /** A host asked for a rest, as a worker was told: nobody in this process asks it before that. */
  rest(host: string, rest: HostRest): void;
  /** Closes every connection, those in use too. */
  close(): Promise<void>;
}

export interface SourceBookOptions extends HttpClientOptions {
  /** The worker's own environment: secrets come from it alone. */
  readonly env: Environment;
  /** Google's, of a file that the user named. */
  readonly cookies?: SavedCookies | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Made once per worker process. */
export function makeSourceBook({ env, cookies, ...options }: SourceBookOptions): SourceBook {
  const http = makeHttpClient(options);
  return {
    open: async (request, allowedHosts) =>
      makeSource(request, { http, allowedHosts, cookies, secrets: secretsOf(definitionOf(request), env) }),
    namedUrl: (allowedHosts) => makeNamedUrl({ http, allowedHosts, cookies }),
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
