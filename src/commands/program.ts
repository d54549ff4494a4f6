import { Command } from 'commander';
import type { Verb } from './context/context.ts';
import { addAlignFlags, addOriginalFlags } from './flags/align-flags.ts';
import { addConnectionFlags, addTaskQueueFlag } from './flags/connection-flags.ts';
import { addOutputFlag } from './flags/output-flag.ts';
import {
  addDataFlags,
  addDisplayFlags,
  addOutFlag,
  addTaskFlags,
  addWorkerFlags,
} from './flags/run-options.ts';
import { cancel } from './follow/cancel.ts';
import { list } from './follow/list.ts';
import { pause, resume } from './follow/pause-resume.ts';
import { report } from './follow/report.ts';
import { status } from './follow/status.ts';
import { watch } from './follow/watch.ts';
import { exitCodeHelp, jsonHelp, runExamples } from './help-text.ts';
import { alignPhotos } from './launch/align-photos.ts';
import { run } from './launch/run.ts';
import { start } from './launch/start.ts';
import { verify } from './launch/verify.ts';
import { server } from './serve/server.ts';
import { worker } from './serve/worker.ts';

/** What the command line chose; the caller runs it. */
export type Chosen = (verb: Verb, values: Record<string, unknown>, words: readonly string[]) => Promise<void>;

/** The whole command line: verbs, flags, help. Parsing throws CommanderErrors and never ends the process. */
export function makeProgram(chosen: Chosen, version: string): Command {
  const program = new Command('ffhq')
    .description('The Flickr-Faces-HQ dataset, downloaded and verified by durable Temporal workflows')
    .version(version)
    .showSuggestionAfterError()
    .configureHelp({ sortSubcommands: false })
    .addHelpText('after', `\n${runExamples}\n\n${exitCodeHelp}\n\n${jsonHelp}`)
    .exitOverride();
  const verb = (name: string, summary: string, does: Verb, isDefault = false): Command => {
    const command = program.command(name, { isDefault }).description(summary);
    command.action(() => chosen(does, command.opts(), command.processedArgs.filter(isText)));
    return addOutputFlag(command);
  };
  const ofRun = (command: Command) => addConnectionFlags(addOutFlag(command.argument('[workflow-id]')));

  everythingOfARun(verb('run', 'server, worker, run and display in one process (npm start)', run, true))
    .option('--keep', 'leave server and UI up at the end, until Ctrl-C')
    .option('--dry-run', 'print the plan and start nothing');
  everythingOfARun(verb('start', 'start a run on a server and return at once', start))
    .option('--watch', 'look on until it ends')
    .option('--dry-run', 'print the plan and start nothing');
  addDisplayFlags(ofRun(verb('watch', 'look on until the run ends; Ctrl-C detaches', watch)));
  ofRun(verb('status', 'one look at a run', status));
  addConnectionFlags(verb('list', 'the runs that the server knows', list)).option(
    '--limit <n>',
    'runs at most',
    '100',
  );
  ofRun(verb('pause', 'park a run', pause));
  ofRun(verb('resume', 'let a parked run go on', resume));
  ofRun(verb('cancel', 'end a run; what is stored stays', cancel)).option(
    '--force',
    'terminate it, without waiting for its workers',
  );
  everythingOfARun(verb('verify', 'hash everything again, list what is missing, damaged, foreign', verify))
    .option('--repair', 'fetch what is wrong')
    .option('--keep', 'leave server and UI up at the end, until Ctrl-C');
  alignPhotosFlags(
    verb('align-photos', "the dataset's recipe for your own photographs", alignPhotos).argument('<dir>'),
  ).option('--keep', 'leave server and UI up at the end, until Ctrl-C');
  addOutFlag(verb('report', 'the report of the last run, from the folder', report));
  addTaskQueueFlag(
    addWorkerFlags(addConnectionFlags(verb('worker', 'one more worker, on this or any host', worker))),
  );
  verb('server', 'the embedded Temporal server with its UI, until Ctrl-C', server)
    .option('--port <n>', 'port of the server')
    .option('--ui-port <n>', 'port of the UI')
    .option('--prepare', 'only find, download or build the executable');
  return program;
}

/** Every long flag of every verb, as declared. */
export function longFlagsOf(program: Command): string[] {
  const flags = program.commands.flatMap((command) => command.options.map(({ long }) => long ?? ''));
  return [...new Set(flags.filter((flag) => flag !== ''))];
}

/** Those that take a value. */
export function valueFlagsOf(program: Command): string[] {
  const flags = program.commands.flatMap((command) => command.options.filter(({ required }) => required));
  return flags.map(({ long }) => long ?? '').filter((flag) => flag !== '');
}

function everythingOfARun(command: Command): Command {
  for (const add of [
    addTaskFlags,
    addOutFlag,
    addAlignFlags,
    addOriginalFlags,
    addDataFlags,
    addWorkerFlags,
    addDisplayFlags,
    addConnectionFlags,
    addTaskQueueFlag,
  ]) {
    add(command);
  }
  return command;
}

function alignPhotosFlags(command: Command): Command {
  command.option('--landmarks <file>', '68 points per face, in dlib order: JSON or CSV');
  for (const add of [
    addAlignFlags,
    addOutFlag,
    addWorkerFlags,
    addDisplayFlags,
    addConnectionFlags,
    addTaskQueueFlag,
  ]) {
    add(command);
  }
  return command.option('--take-over', 'take the folder over from a run that is gone for good');
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
