import { type ClientConfigProfile, loadClientConfigProfile, toClientOptions } from '@temporalio/envconfig';
import type { NativeConnectionOptions } from '@temporalio/worker';
import type { SaysLines } from '../domain/failure/said-lines.ts';

/** What the command line may say about the connection; the rest is the environment's and the profile's. */
export interface ConnectionFlags {
  readonly address?: string | undefined;
  readonly namespace?: string | undefined;
  /** A profile of temporal.toml. @default TEMPORAL_PROFILE, then `default` */
  readonly profile?: string | undefined;
}

export interface ConnectionSettings {
  /** Whether the user named a server at all; only when not is the embedded server used. */
  readonly configured: boolean;
  /** Host and port. @default 127.0.0.1:7233 */
  readonly address: string;
  /** @default default */
  readonly namespace: string;
  /** TLS, API key and headers as the SDK takes them; holds secrets, so it is never printed. */
  readonly connectionOptions: NativeConnectionOptions;
}

/** Settings that cannot be read: a missing profile, a certificate file that is not there, an address without host. */
export class ConnectionSettingsError extends Error implements SaysLines {
  override readonly name = 'ConnectionSettingsError';
  /** Those of the user's own file, where its syntax is wrong: the message shows the place. */
  readonly lines: readonly string[];

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.lines = message.trimEnd().split('\n');
  }
}

const DEFAULT_PORT = 7233;

/**
 * Reads the ecosystem's settings (TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_..., profiles in
 * temporal.toml) with the flags on top of them.
 */
export function connectionSettings(
  flags: ConnectionFlags,
  env: Readonly<Record<string, string | undefined>>,
): ConnectionSettings {
  const overrideEnvVars: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && value !== '') overrideEnvVars[name] = value;
  }
  try {
    const profile = loadProfile(overrideEnvVars, flags.profile);
    const { connectionOptions } = toClientOptions(profile);
    const address = flags.address ?? profile.address;
    return {
      ...settingsForAddress(
        withPort(address ?? `127.0.0.1:${DEFAULT_PORT}`),
        flags.namespace ?? profile.namespace ?? 'default',
        connectionOptions,
      ),
      configured: address !== undefined,
    };
  } catch (error) {
    if (error instanceof ConnectionSettingsError) throw error;
    throw unreadable(error, overrideEnvVars);
  }
}

/** Settings of a server whose address is known otherwise, such as the embedded one. */
export function settingsForAddress(
  address: string,
  namespace: string,
  connectionOptions: NativeConnectionOptions = {},
): ConnectionSettings {
  return { configured: true, address, namespace, connectionOptions: { ...connectionOptions, address } };
}

function loadProfile(overrideEnvVars: Record<string, string>, name: string | undefined): ClientConfigProfile {
  const named = name === undefined ? {} : { profile: name };
  try {
    return loadClientConfigProfile({ overrideEnvVars, ...named });
  } catch (error) {
    // That is how the library meets a temporal.toml without any profile, such as an empty one.
    const asked = name ?? overrideEnvVars.TEMPORAL_PROFILE;
    if (!(error instanceof TypeError) || asked !== undefined) throw error;
    return loadClientConfigProfile({ overrideEnvVars, disableFile: true });
  }
}

/** The parser quotes the lines around its error, and one of them may hold the API key: only their place is told. */
function unreadable(error: unknown, { TEMPORAL_CONFIG_FILE }: Record<string, string>) {
  if (isPlaced(error)) {
    const place = `file=${TEMPORAL_CONFIG_FILE ?? 'temporal.toml'}, line=${error.line}, column=${error.column}`;
    return new ConnectionSettingsError(`connection settings [${place}]: expected TOML, got something else`);
  }
  return new ConnectionSettingsError(`connection settings: ${(error as Error).message}`, { cause: error });
}

function isPlaced(error: unknown): error is { readonly line: number; readonly column: number } {
  const { line, column } = error as { readonly line?: unknown; readonly column?: unknown };
  return typeof line === 'number' && typeof column === 'number';
}

function withPort(address: string): string {
  const url = URL.canParse(`tcp://${address}`) ? new URL(`tcp://${address}`) : undefined;
  if (!url?.hostname || address.includes('@') || !['', '/'].includes(url.pathname)) {
    // Before an @ stands what somebody logs in with.
    const shown = address.replace(/^.*@/s, '...@');
    throw new ConnectionSettingsError(`server address: expected HOST:PORT, got ${shown}`);
  }
  return url.port ? address : `${url.hostname}:${DEFAULT_PORT}`;
}
