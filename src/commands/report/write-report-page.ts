import { basename, dirname, join, resolve } from 'node:path';
import { writeDocument } from '../../activities/describe/document-file.ts';
import { statePaths } from '../../domain/dataset/layout.ts';
import { refused } from '../../domain/failure/command-failure.ts';
import { type ExitCode, exitCodes } from '../../domain/failure/exit-code.ts';
import { RUN_PAGE_HEAD } from '../../domain/page/document.ts';
import { runPage } from '../../domain/page/run-page.ts';
import { formatBytes } from '../../domain/words/format.ts';
import { notesOf } from '../describe/chosen-records.ts';
import { endedRun, noReport } from './facts-of-folder.ts';
import type { ReportAsk } from './report-flags.ts';

/** `--format html`: takes the place of the last one as a whole, and of nothing that is another's. */
export async function writeReportPage(ask: ReportAsk): Promise<ExitCode> {
  const { context, flags, out, display } = ask;
  const facts = await endedRun(ask);
  if (facts === undefined) throw refused(noReport(join(out, statePaths.reportJson), context.spoken));
  const file =
    flags.to === undefined ? join(out, statePaths.reportHtml) : resolve(context.folders.given, flags.to);
  const document = {
    ...{ folder: dirname(file), name: basename(file), head: RUN_PAGE_HEAD },
    pieces: [runPage(facts).slice(RUN_PAGE_HEAD.length)],
    ...(await notesOf(context, out)),
  };
  const { path, bytes } = await writeDocument(document, context.interrupt);
  display.say({ event: 'report', path, bytes }, `page: ${path} (${formatBytes(bytes)})`);
  return exitCodes.complete;
}
