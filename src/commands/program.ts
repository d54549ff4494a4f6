import { Command } from 'commander';
import { type SpokenAs, spokenAs } from '../domain/words/spoken-as.ts';
import type { Verb } from './context/context.ts';
import { addAttributionFlags, attribution } from './describe/attribution.ts';
import { addRecordFlags } from './describe/chosen-records.ts';
import { licenses } from './describe/licenses.ts';
import { addMetadataFlags, metadata } from './describe/metadata.ts';
import { search } from './describe/search.ts';
import { addShowFlags, show } from './describe/show.ts';
import { addStatsFlags, stats } from './describe/stats.ts';
import { addAlignFlags, addOriginalFlags } from './flags/align-flags.ts';
import { addConnectionFlags, addTaskQueueFlag } from './flags/connection-flags.ts';
import { addCookiesFlag } from './flags/cookies-flag.ts';
import { addDisplayFlags, addOutputFlag } from './flags/display-flags.ts';
import { addNetworkFlags } from './flags/network-flags.ts';
import { addNotifyFlags } from './flags/notify-flags.ts';
import {
  addBundleFlags,
  addDataFlags,
  addOutFlag,
  addTakeOverFlag,
  addTaskFlags,
} from './flags/run-flags.ts';
import { addIdsFlag } from './flags/selection/ids-flag.ts';
import { addPlanningFlags } from './flags/selection/planning-flags.ts';
import { addSelectionFlags } from './flags/selection/selection-flags.ts';
import { addFilesFlag, addLimitFlags, addRootFlag, addWorkerFlags } from './flags/worker-flags.ts';
import { cancel } from './follow/cancel.ts';
import { list } from './follow/list.ts';
import { pause, resume, retryNow } from './follow/pause-resume.ts';
import { set } from './follow/set.ts';
import { status } from './follow/status.ts';
import { watch } from './follow/watch.ts';
import { examplesOf, exitCodeHelp, flagNames, introduction, jsonHelp } from './help-text.ts';
import { alignPhotos } from './launch/align-photos.ts';
import { run } from './launch/run.ts';
import { start } from './launch/start.ts';
import { verify } from './launch/verify.ts';
import { addCheckFlickrFlags, checkFlickr } from './let-go/check-flickr.ts';
import { addExcludeFlags, exclude } from './let-go/exclude.ts';
import { addPurgeFlags, purge } from './let-go/purge.ts';
import { login } from './login/login.ts';
import { report } from './report/report.ts';
import { addReportFlags } from './report/report-flags.ts';
import { doctor } from './serve/doctor.ts';
import { server } from './serve/server.ts';
import { worker } from './serve/worker.ts';

/** What the command line chose; the caller runs it. */
export type Chosen = (verb: Verb, values: Record<string, unknown>, words: readonly string[]) => Promise<void>;

type AddFlags = (command: Command) => Command;

/** A heading of `--help` and the flags below it. */
type FlagGroup = readonly [heading: string, ...AddFlags[]];

/**
 * The whole command line: verbs, flags, help. Parsing throws CommanderErrors and never ends the process.
 *
 * @param spoken how help names commands
 */
export function makeProgram(chosen: Chosen, version: string, spoken: SpokenAs = spokenAs('')): Command {
  const program = new Command('ffhq')
    .description(introduction(spoken))
    .version(version, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show this help')
    .showSuggestionAfterError()
    .configureHelp({ sortSubcommands: false })
    .addHelpText('after', `\n${exitCodeHelp}\n\n${jsonHelp}\n\n${flagNames}`)
    .exitOverride();
  const verb = (usage: string, summary: string, does: Verb, groups: readonly FlagGroup[]): void => {
    const [name = ''] = usage.split(' ');
    const command = program.command(usage, { isDefault: does === run }).description(summary);
    for (const [heading, ...adds] of groups) {
      command.optionsGroup(heading);
      for (const add of adds) add(command);
    }
    command
      .helpOption('-h, --help', 'show this help')
      .addHelpText('after', () => examplesOf(name, spoken))
      .action(() => chosen(does, command.opts(), command.processedArgs.filter(isText)));
  };

  program.commandsGroup('Get a dataset:');
  verb('run', `everything in one process: server, worker, display (${spoken('run')})`, run, [
    ['What to get:', addTaskFlags, addOutFlag, addPlanningFlags],
    ...howToGetItHere,
    ['Temporal:', ...serverFlags, addKeepFlag],
    ['Display:', addDisplayFlags, addOutputFlag],
  ]);
  verb('start', 'start a run on a server and return at once', start, [
    ['What to get:', addTaskFlags, addOutFlag, addPlanningFlags],
    ...howToGetIt,
    ['Temporal:', ...serverFlags],
    ['Display:', flag('--watch', 'follow the run until it ends'), addDisplayFlags, addOutputFlag],
  ]);
  verb('verify', 'hash everything again; list what is missing, damaged or foreign', verify, [
    ['What to verify:', flag('--repair', 'fetch what is wrong'), addTaskFlags, addOutFlag],
    ...howToGetItHere,
    ['Temporal:', ...serverFlags, addKeepFlag],
    ['Display:', addDisplayFlags, addOutputFlag],
  ]);
  verb('align-photos <dir>', "align your own photographs as the dataset's were", alignPhotos, [
    [
      'Photographs:',
      flag('--landmarks <file>', '68 points per face, in dlib order: JSON or CSV'),
      addOutFlag,
    ],
    ['Aligning:', addAlignFlags],
    ['How fast:', addWorkerFlags],
    ['Temporal:', ...serverFlags, addKeepFlag],
    ['Display:', addDisplayFlags, addOutputFlag],
  ]);

  program.commandsGroup('Follow a run:');
  const oneRun: FlagGroup = ['Which run:', addOutFlag];
  const temporal: FlagGroup = ['Temporal:', addConnectionFlags];
  const display: FlagGroup = ['Display:', addOutputFlag];
  verb('watch [workflow-id]', 'follow a run until it ends; Ctrl-C detaches', watch, [
    oneRun,
    temporal,
    ['Display:', addDisplayFlags, addOutputFlag],
  ]);
  verb('status [workflow-id]', 'show how far a run is', status, [oneRun, temporal, display]);
  verb('list', 'list the runs that the server knows', list, [
    ['Selection:', flag('--limit <n>', 'at most so many runs', '100')],
    temporal,
    display,
  ]);
  verb('pause [workflow-id]', 'pause a run', pause, [oneRun, temporal, display]);
  verb('resume [workflow-id]', 'resume a paused run', resume, [oneRun, temporal, display]);
  verb('retry-now [workflow-id]', 'ask again now for what waits for a quota', retryNow, [
    oneRun,
    temporal,
    display,
  ]);
  verb('set [workflow-id]', 'change how fast a run fetches, while it runs', set, [
    oneRun,
    ['How fast:', addLimitFlags, addFilesFlag],
    temporal,
    display,
  ]);
  verb('cancel [workflow-id]', 'end a run; what is stored stays', cancel, [
    ['Which run:', addOutFlag, flag('--force', 'terminate it without waiting for its workers')],
    temporal,
    display,
  ]);
  verb('report', "the last run's report, from the folder: as text, JSON or a page", report, [
    ['Which run:', addOutFlag],
    ['Page:', addReportFlags],
    ['What of the folder it tells of:', addRecordFlags],
    ['Temporal (for --watch):', addConnectionFlags],
    display,
  ]);

  program.commandsGroup('What is in the folder:');
  const records: FlagGroup = ['Which records:', addOutFlag, addRecordFlags];
  verb('stats', 'how many pictures of which part, licence and country', stats, [
    records,
    ['As what:', addStatsFlags],
    display,
  ]);
  verb('licenses', 'which licences there are, and what each asks for', licenses, [records, display]);
  verb('show <id>', 'everything about one picture: whose, where, verified when, its crop', show, [
    ['Where:', addOutFlag],
    ['A page:', addShowFlags],
    display,
  ]);
  verb('search <name>', "find somebody's pictures: by account, name or address", search, [
    ['Where:', addOutFlag],
    display,
  ]);
  verb('attribution', 'write whose photographs the files are: Markdown, CSV, HTML', attribution, [
    records,
    ['What to write:', addAttributionFlags],
    display,
  ]);
  verb('metadata', 'what stewards ask for: digests, Croissant, RO-Crate, card, citation, bag', metadata, [
    ['What to write:', addMetadataFlags],
    records,
    display,
  ]);

  program.commandsGroup('Let go:');
  verb('exclude', 'let records go: never fetched, aligned or missed here again', exclude, [
    ['What is excluded:', addExcludeFlags],
    ['Where:', addOutFlag],
    display,
  ]);
  verb('purge', 'remove what is excluded, and all that tells of it; goes on after a kill', purge, [
    ['What goes:', addPurgeFlags, addOutFlag],
    ['Temporal:', ...serverFlags],
    display,
  ]);
  verb('check-flickr', 'make an exclusion list of what is gone, private or no_cv on Flickr', checkFlickr, [
    ['Photographs:', addCheckFlickrFlags],
    ['Where:', addOutFlag],
    display,
  ]);

  program.commandsGroup('Look at the machine:');
  verb('doctor', 'look at everything that a run needs, and change nothing', doctor, [
    ['What a run is to get:', addTaskFlags, addOutFlag],
    ['Selection:', addIdsFlag],
    ['Where from:', addDataFlags],
    ['How fast:', addWorkerFlags],
    ['Network:', addNetworkFlags],
    ['Temporal:', addConnectionFlags, addTaskQueueFlag],
    display,
  ]);

  program.commandsGroup('Run the parts on their own:');
  verb('worker', 'one more worker, on this or any other host', worker, [
    ['Where:', addRootFlag],
    ['How fast:', addWorkerFlags],
    ['Network:', addNetworkFlags, addCookiesFlag],
    ['Temporal:', addConnectionFlags, addTaskQueueFlag],
    display,
  ]);
  verb('login <service>', 'sign in at Google, for what Drive gives only to accounts', login, [
    [
      'Signing in (<service> is google):',
      flag('--client <file>', 'the JSON file of your OAuth client ("Desktop app")'),
      flag('--no-browser', "open no browser: paste the redirect's URL"),
      flag('--forget', 'end the login, here and at Google'),
    ],
    ['Network:', addNetworkFlags],
    display,
  ]);
  verb('server', 'the embedded Temporal server with its UI, until Ctrl-C', server, [
    [
      'Server:',
      flag('--port <n>', 'port of the server'),
      flag('--ui-port <n>', 'port of the UI'),
      flag('--prepare', 'only find, download or build the executable'),
    ],
    display,
  ]);
  return program.helpCommand('help [command]', 'show the help of a command');
}

/** Every long flag of every verb, as declared. */
export function longFlagsOf(program: Command): string[] {
  const flags = program.commands.flatMap((command) => command.options.map(({ long }) => long ?? ''));
  return [...new Set(flags.filter((long) => long !== ''))];
}

/** Those that take a value. */
export function valueFlagsOf(program: Command): string[] {
  const flags = program.commands.flatMap((command) => command.options.filter(({ required }) => required));
  return flags.map(({ long }) => long ?? '').filter((long) => long !== '');
}

function flag(flags: string, description: string, byDefault?: string): AddFlags {
  return (command) => command.option(flags, description, byDefault);
}

const addKeepFlag = flag('--keep', 'leave server and UI up at the end, until Ctrl-C');

const serverFlags: readonly AddFlags[] = [addConnectionFlags, addTaskQueueFlag, addTakeOverFlag];

const howToGetIt: readonly FlagGroup[] = [
  ['Selection:', addSelectionFlags],
  ['Aligning:', addAlignFlags, addOriginalFlags],
  ['Where from:', addDataFlags],
  ['How fast:', addLimitFlags, addWorkerFlags, addBundleFlags],
  ['Network:', addNetworkFlags],
  ['Notices:', addNotifyFlags],
];

const howToGetItHere: readonly FlagGroup[] = howToGetIt.map((group) =>
  group[0] === 'Network:' ? [...group, addCookiesFlag] : group,
);

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
