/** Every state that a power cut may leave behind, settled and judged: `npm run crash-states -- --all`. */
import { existsSync, rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readConfig } from '../../src/config.ts';
import { ensureEmbeddedServer } from '../../src/server/embedded-server.ts';
import { connectClient, settingsForAddress } from '../../src/temporal/connection.ts';
import { writeTree } from './disk/tree.ts';
import { findingLines, wayLines } from './judge/findings.ts';
import { judgeAll, StateBook, type Verdict } from './judge/judge-all.ts';
import { isForCommands, judgeByCommand } from './judge/whole-command.ts';
import { lastRecordings, type Recordings, recordAnew, recordingFolder } from './recordings/session.ts';
import { chosen } from './states/crash-states.ts';

const help = `npm run crash-states -- [flags]

  --all             every state, and 50 of them by the whole command (otherwise 300 states)
  --states N        so many states
  --commands N      so many of them by the whole command too
  --state ID        this one state of the last recording: what was lost, and what comes of it
  --keep DIR        with --state: lay it out in DIR, and leave it there
  --of-test         with --state: one of the last recording of npm test
  --again           judge the last recording; do not record anew
`;

const root = recordingFolder('command');

const { values: flags } = parseArgs({
  options: {
    all: { type: 'boolean', default: false },
    states: { type: 'string' },
    commands: { type: 'string' },
    state: { type: 'string' },
    keep: { type: 'string' },
    'of-test': { type: 'boolean', default: false },
    again: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (flags.help) console.log(help);
else if (flags.state !== undefined) process.exitCode = await showState(flags.state, flags.keep);
else process.exitCode = await withServer((address) => judgeStates(address));

async function judgeStates(address: string): Promise<number> {
  const began = performance.now();
  const recordings = flags.again ? lastRecordings(root) : await recordAnew(address, root);
  const book = new StateBook(recordings);
  const all = book.all();
  const operations = recordings.recordings.reduce((sum, { history }) => sum + history.operations.length, 0);
  const names = recordings.recordings.map(({ name }) => name).join(', ');
  console.log(
    `${operations} operations of ${recordings.recordings.length} recordings (${names}) in ${since(began)}`,
  );
  console.log(`${all.length} different states`);
  const states = flags.all ? all : chosen(all, Number(flags.states ?? 300));

  const settling = performance.now();
  const verdicts = await judgeAll(recordings, book, states, counter(states.length, 'by the Activities'));
  console.log(`${states.length} states settled by the Activities in ${since(settling)}`);
  console.log(['', ...wayLines(verdicts), '', ...findingLines(verdicts), ''].join('\n'));

  const commands = Number(flags.commands ?? (flags.all ? 50 : 0));
  const giving = performance.now();
  const byCommand = commands === 0 ? [] : await giveCommands(address, recordings, book, commands);
  if (commands > 0) console.log(`${byCommand.length} of them by the whole command in ${since(giving)}`);

  if (commands > 0) console.log(findingLines(byCommand).join('\n'));
  const broken = [...verdicts, ...byCommand].filter(({ violations }) => violations.length > 0).length;
  console.log(
    `\n${states.length + byCommand.length} states judged in ${since(began)}: ${broken} break a law`,
  );
  if (broken > 0) console.log('look at one: npm run crash-states -- --state ID --keep DIR');
  return broken > 0 ? 1 : 0;
}

async function giveCommands(
  address: string,
  recordings: Recordings,
  book: StateBook,
  count: number,
): Promise<Verdict[]> {
  const settings = { ...settingsForAddress(address, 'default'), configured: true };
  const { client, connection } = await connectClient(settings);
  try {
    const states = chosen(book.all().filter(isForCommands), count);
    const commands = { recordings, book, client, address, root };
    return await judgeByCommand(commands, states, counter(count, 'by the command'));
  } finally {
    await connection.close();
  }
}

async function showState(id: string, keep: string | undefined): Promise<number> {
  const recordings = lastRecordings(flags['of-test'] ? recordingFolder('test') : root);
  const book = new StateBook(recordings);
  const state = book.all().find((one) => one.id === id);
  if (state === undefined) throw new Error(`state [${id}]: expected one of the last recording`);
  const { operations } = book.recordingOf(state).history;
  console.log(`${id}: the last operations before the cut, and what was lost of them`);
  for (const line of book.linesOf(state).slice(-60)) console.log(`  ${line}`);
  console.log(`  --- the cut, before ${operations.length - state.cut} more operations`);
  const tree = book.treeOf(state);
  for (const [path, one] of tree) if (one) console.log(`  ${String(one.bytes.length).padStart(8)} ${path}`);
  if (keep !== undefined) {
    if (existsSync(keep)) throw new Error(`--keep [${keep}]: expected no such folder`);
    writeTree(keep, tree);
    console.log(`laid out in ${keep}`);
  }
  const verdicts = await judgeAll(recordings, book, [state]);
  console.log(findingLines(verdicts).join('\n'));
  return verdicts.some(({ violations }) => violations.length > 0) ? 1 : 0;
}

/** Recordings name their server: whoever judges them again by commands needs the same one. */
async function withServer(work: (address: string) => Promise<number>): Promise<number> {
  const config = { ...readConfig(process.env), stateDir: `${root}/../server` };
  if (!flags.again) rmSync(config.stateDir, { recursive: true, force: true });
  const server = await ensureEmbeddedServer({ config, onLine: console.log });
  try {
    return await work(server.address);
  } finally {
    await server.release();
  }
}

function counter(of: number, how: string): () => void {
  let done = 0;
  return () => {
    done++;
    if (done % Math.ceil(of / 10) === 0) console.log(`  ${done} of ${of} ${how}`);
  };
}

function since(began: number): string {
  return `${((performance.now() - began) / 1000).toFixed(0)} s`;
}
