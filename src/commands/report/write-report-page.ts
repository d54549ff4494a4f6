import { join, resolve } from 'node:path';
import { readSmallFile, writeFileAtomically } from '../../activities/store/atomic-file.ts';
import { statePaths } from '../../domain/dataset/layout.ts';
import { refused } from '../../domain/failure/command-failure.ts';
import { type ExitCode, exitCodes } from '../../domain/failure/exit-code.ts';
import { isOurPage } from '../../domain/page/document.ts';
import { runPage } from '../../domain/page/run-page.ts';
import { formatBytes } from '../../domain/words/format.ts';
import { endedRun, noReport } from './facts-of-folder.ts';
import type { ReportAsk } from './report-flags.ts';

/** A page of ours, with every face that may be asked for. */
const MOST_PAGE = 64 * 1024 ** 2;

/** `--format html`: takes the place of the last one as a whole, and of nothing that is another's. */
export async function writeReportPage(ask: ReportAsk): Promise<ExitCode> {
  const { context, flags, out, display } = ask;
  const facts = await endedRun(ask);
  if (facts === undefined) throw refused(noReport(join(out, statePaths.reportJson), context.spoken));
  const path =
    flags.to === undefined ? join(out, statePaths.reportHtml) : resolve(context.folders.given, flags.to);
  const known = await readSmallFile(path, MOST_PAGE);
  if (known !== undefined && !isOurPage(known))
    throw refused(`flag [--to]: expected no file or a page of this program at ${path}, got another file`);
  const page = runPage(facts);
  await writeFileAtomically(path, page);
  const bytes = Buffer.byteLength(page);
  display.say({ event: 'report', path, bytes }, `page: ${path} (${formatBytes(bytes)})`);
  return exitCodes.complete;
}
