import { exitCodes } from '../domain/failure/exit-code.ts';

/** Parts of `--help` that are no list of flags. */
export const runExamples = `Examples (behind npm start, flags come after a lone --):
  npm start -- --sample              a first look: a small made-up dataset, served on this machine
  npm start -- --json --images       the reference's tasks, into the current folder
  ffhq verify --repair --out DIR     hash everything again and fetch what is wrong
  ffhq run --help                    every flag; underscores and hyphens are equal in their names`;

export const exitCodeHelp = `Exit codes:
  ${lines([
    [exitCodes.complete, 'complete; for other verbs: done'],
    [exitCodes.internalError, 'internal error'],
    [exitCodes.refusedInput, 'refused: flags, folder, manifest, or another run on the folder'],
    [exitCodes.completeWithFailures, 'complete, with failures (see the report)'],
    [exitCodes.cancelled, 'cancelled'],
    [exitCodes.paused, 'paused (status)'],
    [exitCodes.serverUnreachable, 'no Temporal server reached'],
    [exitCodes.interrupted, 'interrupted by Ctrl-C; the run goes on when the command is given again'],
  ])}`;

export const jsonHelp = `With --output json every line is an object with "event" and "at":
  folder, note, server, run, worker, progress, plan, stats, status, runs, report, error, and at last
  result (with "status" and "exitCode") from verbs that see a run to its end.`;

function lines(codes: readonly (readonly [number, string])[]): string {
  return codes.map(([code, meaning]) => `${String(code).padStart(3)}  ${meaning}`).join('\n  ');
}
