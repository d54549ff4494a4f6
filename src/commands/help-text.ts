import { type ExitCode, exitCodes } from '../domain/failure/exit-code.ts';
import type { SpokenAs } from '../domain/words/spoken-as.ts';
import { table } from '../domain/words/table.ts';

/** What the program is, and the three commands that a newcomer needs. */
export function introduction(spoken: SpokenAs): string {
  return `Downloads, verifies and aligns the Flickr-Faces-HQ dataset with durable Temporal workflows.

Three commands to know:
${indented([
  [spoken('run', '--sample'), 'try it on a small made-up dataset'],
  [spoken('run', '--json', '--images', '--out', 'DIR'), 'download; the same command resumes'],
  [spoken('verify', '--repair', '--out', 'DIR'), 'check everything, fetch what is wrong'],
])}`;
}

/** Remarks and examples for the end of a verb's help; empty for verbs whose flags say it all. */
export function examplesOf(verb: string, spoken: SpokenAs): string {
  const examples: readonly (readonly [words: string, what: string])[] = examplesByVerb[verb] ?? [];
  const remarks = remarksByVerb[verb] ?? '';
  if (examples.length === 0) return remarks;
  return `${remarks}\nExamples:\n${indented(
    examples.map(([words, what]) => [spoken(verb, ...(words === '' ? [] : words.split(' '))), what]),
  )}`;
}

const remarksByVerb: Readonly<Record<string, string>> = {
  'retry-now': `
Ends the waits for a quota: of folders, of archives, and of the files that a run
begins with. A paused run asks when it is resumed. What a folder is fetching at
this moment comes first. Other waits (a full disk, no network, a host that is
away) are Temporal's, last a minute at most, and go on. So does a wait that a
busy bundle has not told its folder of yet: give the command again later.
`,
  search: `
<name> is a Flickr account, whole; a part of an author's name; or the address
of a photograph, of its picture or of somebody's page. Case, accents and width
do not count: jose finds José. Put a name with spaces into quotes. It is looked
up here, and neither kept nor sent. At most 3,000 records are shown, by account.
Exit code 1: nothing is found.
`,
  metadata: `
Lists hold the files that were verified and are as they were then; manifest.md5
and manifest-sha256.txt are for \`md5sum -c\` and \`sha256sum -c\` in the dataset
folder. Nothing is replaced that this program did not write: with a README.md of
yours there, the card is DATASET_CARD.md. No file holds a name of a photographer.
The MAJOR part of the version rises with every record that was removed.
`,
};

const examplesByVerb: Readonly<Record<string, readonly (readonly [words: string, what: string])[]>> = {
  run: [
    ['--sample', 'a first look'],
    ['--sample --quota', 'and while Drive says no'],
    ['--json --images --out DIR', 'the 1024x1024 images'],
    ['--images --ids 0-999 --out DIR', 'a part of them'],
    ['--wilds --align --out DIR', 'originals, and align them'],
    ['--images --out DIR --dry-run', 'what it would take'],
  ],
  start: [
    ['--images --out DIR', 'returns at once'],
    ['--images --out DIR --watch', 'follows the run'],
  ],
  verify: [
    ['--out DIR', 'everything in the folder'],
    ['--repair --out DIR', 'and fetch what is wrong'],
    ['--images --out DIR', 'the 1024x1024 images alone'],
  ],
  'align-photos': [['PHOTOS --landmarks faces.json --out DIR', 'into DIR/aligned']],
  exclude: [
    ['--account NAME --out DIR', 'all photographs of one account'],
    ['--ids 17,80-82 --out DIR', 'some records'],
    ['--from list.json --out DIR', "somebody else's list"],
  ],
  purge: [['--out DIR', 'after `exclude`: removes what lies here of it']],
  'check-flickr': [
    ['--from photos.csv --out DIR', 'lines such as https://www.flickr.com/photos/A/1/,private'],
  ],
  set: [
    ['--bwlimit 5M --out DIR', '5 MiB a second, over all workers'],
    ['--bwlimit off --num_threads 4 --out DIR', 'as fast as 4 files at a time go'],
  ],
  watch: [['--out DIR', 'the run of a folder']],
  stats: [
    ['--out DIR', "the dataset's tables, as NVIDIA's script prints them"],
    ['--license by,cc0 --present --out DIR', 'of what lies in the folder under these licences'],
    ['--format png --out-file stats.png --out DIR', 'pie charts'],
  ],
  attribution: [
    ['--out DIR', 'ATTRIBUTION.md, .csv and .html beside the files'],
    ['--license by --format md --to EXPORT --out DIR', 'of a part, for an export'],
  ],
  show: [
    ['42 --out DIR', 'the picture 00042'],
    ['42 --open --out DIR', 'and look at it'],
  ],
  search: [
    ['jane --out DIR', 'authors with jane in their names'],
    ['12345678@N00 --out DIR', 'a Flickr account'],
    ['https://www.flickr.com/photos/ACCOUNT/PHOTO/ --out DIR', 'a photograph'],
  ],
  report: [
    ['--out DIR', 'what became of every file'],
    ['--format html --contact-sheet 200 --out DIR', 'one page, with faces'],
    ['--watch --out DIR', 'the same, live, in your browser'],
  ],
  metadata: [
    ['--out DIR', 'into DIR itself'],
    ['--format sha256,croissant --present --out DIR', 'of the records that are there'],
    ['--format bagit --ids 0-999 -i --to BAGS --out DIR', 'a recipe for a thousand images'],
  ],
  doctor: [
    ['--images --out DIR', 'is there room, and can it be fetched?'],
    ['--mirror-url URL', 'does the mirror answer?'],
  ],
  login: [
    ['google --client client_secret.json', 'in your browser'],
    ['google --no-browser', 'on a machine without one'],
  ],
  licenses: [
    ['--out DIR', 'of all photographs'],
    ['--only-commercial --out DIR', 'of those for commercial use'],
  ],
  worker: [
    ['', 'downloads and aligns'],
    ['--align_threads 0', 'only downloads'],
  ],
};

export const flagNames = 'Underscores and hyphens are equal in the names of flags.';

const exitCodeMeanings: readonly (readonly [code: ExitCode, meaning: string])[] = [
  [exitCodes.complete, 'complete; other verbs: done'],
  [exitCodes.internalError, 'internal error; search: nothing is found'],
  [exitCodes.refusedInput, 'refused: flags, folder, manifest, or another run on the folder'],
  [exitCodes.completeWithFailures, 'complete, with failures (see the report)'],
  [exitCodes.cancelled, 'cancelled'],
  [exitCodes.paused, 'paused (status)'],
  [exitCodes.serverUnreachable, 'no Temporal server could be reached'],
  [exitCodes.interrupted, 'interrupted by Ctrl-C; the same command resumes the run'],
];

export const exitCodeHelp = `Exit codes:
${indented(exitCodeMeanings.map(([code, meaning]) => [String(code).padStart(3), meaning]))}`;

export const jsonHelp = `With --output json, every line is an object with "event" and "at". The events
are folder, note, server, run, worker, progress, plan, stats, status, runs,
report, check, doctor, login, licenses, attribution, search, show, metadata,
exclusions and error. Verbs that see a run to its end finish with result, which
has "status" and "exitCode".`;

/** A table as help has them: two spaces in, no spaces at the end of a line. */
function indented(rows: readonly (readonly string[])[]): string {
  return table(rows)
    .map((line) => `  ${line.trimEnd()}`)
    .join('\n');
}
