import { readConfig } from '../../config.ts';
import { someWorkerPolls } from '../../runs/worker-polls.ts';
import { readState, serverFate, serverFiles } from '../../server/server-state.ts';
import {
  type Connected,
  type ConnectionSettings,
  ConnectionSettingsError,
  connectClient,
  connectionSettings,
  ServerUnreachableError,
  settingsForAddress,
} from '../../temporal/connection.ts';
import { addSearchAttributesCommand, missingSearchAttributes } from '../../temporal/search-attributes.ts';
import { type Answer, type Finding, note, ok, problem } from '../finding.ts';
import type { Question } from '../question.ts';
import { said } from '../said.ts';

const SERVER = 'Temporal server';
const ATTRIBUTES = 'search attributes';
const WORKERS = 'workers';

/** The server that a run would use, and what it has for us. Starts none. */
export default async function checkTemporalServer(question: Question): Promise<Answer> {
  let found: Found | undefined;
  try {
    found = await findServer(question);
  } catch (error) {
    if (!(error instanceof ConnectionSettingsError)) throw error;
    return { findings: [problem(SERVER, said(error), 'look at TEMPORAL_... and temporal.toml')] };
  }
  if (found === undefined) {
    const words = `none is named and none runs: \`${question.spoken.run}\` starts its own`;
    return { findings: [ok(SERVER, words)] };
  }
  const { settings, isEmbedded } = found;
  let connected: Connected;
  try {
    connected = await connectClient(settings, 'give up');
  } catch (error) {
    if (!(error instanceof ServerUnreachableError)) throw error;
    return { findings: [problem(SERVER, said(error), todoFor(error))] };
  }
  try {
    const words = `${settings.address}${isEmbedded ? ' (embedded)' : ''}, namespace ${settings.namespace}`;
    return {
      findings: [
        ok(SERVER, words),
        await attributesFinding(connected, settings),
        await workersFinding(connected, question),
      ],
    };
  } finally {
    await connected.connection.close();
  }
}

interface Found {
  readonly settings: ConnectionSettings;
  readonly isEmbedded: boolean;
}

async function findServer({ connection }: Question): Promise<Found | undefined> {
  const env = process.env;
  const named = connectionSettings(connection, env);
  if (named.configured) return { settings: named, isEmbedded: false };
  const files = serverFiles(readConfig(env).stateDir);
  const state = readState(files);
  if (state === undefined || (await serverFate(files, state)) === 'gone') return undefined;
  return { settings: settingsForAddress(`127.0.0.1:${state.port}`, 'default'), isEmbedded: true };
}

function todoFor({ reason }: ServerUnreachableError): string {
  switch (reason) {
    case 'no answer':
      return 'start it, or look at --address, TEMPORAL_ADDRESS and the network';
    case 'tls':
      return 'look at TEMPORAL_TLS and the certificates';
    case 'credentials':
      return 'look at TEMPORAL_API_KEY or the client certificate';
    case 'namespace':
      return 'have it made (`temporal operator namespace create`), or name another with --namespace';
    case 'not temporal':
      return 'look at --address or TEMPORAL_ADDRESS: something else answers there';
    default:
      return reason satisfies never;
  }
}

async function attributesFinding(
  { connection, namespace }: Connected,
  { address }: ConnectionSettings,
): Promise<Finding> {
  try {
    const missing = await missingSearchAttributes(connection, namespace);
    if (missing.length === 0) return ok(ATTRIBUTES, 'all there');
    const names = missing.map(({ name }) => name).join(', ');
    const todo = addSearchAttributesCommand(missing, { address, namespace });
    return problem(ATTRIBUTES, `${names} missing: runs cannot be filtered in the UI`, todo);
  } catch (error) {
    return note(ATTRIBUTES, `the server does not list them (${said(error)}): a run goes on without`);
  }
}

async function workersFinding({ client }: Connected, { taskQueue, spoken }: Question): Promise<Finding> {
  try {
    if (await someWorkerPolls(client, taskQueue))
      return ok(WORKERS, `at least one polls Task Queue ${taskQueue}`);
    const found = `none polls Task Queue ${taskQueue}; \`${spoken.run}\` brings its own`;
    return note(WORKERS, found, `start one with \`${spoken.worker}\` for \`ffhq start\``);
  } catch (error) {
    return note(WORKERS, `the server does not tell who polls Task Queue ${taskQueue} (${said(error)})`);
  }
}
