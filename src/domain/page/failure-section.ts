import { type Html, html } from '../quoting/html.ts';
import { formatCount } from '../words/format.ts';
import { coded, folded, paragraph, section, table, text } from './parts.ts';
import type { FoundFailures, ListedFailure } from './run-facts.ts';

/** Failures by what is to be done about them, then the first ones one by one. */
export function failureSection({ count, groups, first }: FoundFailures): Html {
  if (count === 0) return html``;
  const rows = groups.map((group) => [
    text(formatCount(group.count)),
    text(group.kind, 40),
    html`<span class="bad">${text(group.outcome, 40)}</span>`,
    text(group.reason, 60),
    text(group.whatToDo),
    text(formatCount(group.retries)),
  ]);
  const columns = [
    { title: 'Files', form: 'n' },
    { title: 'Kind' },
    { title: 'Outcome' },
    { title: 'Reason' },
    { title: 'What to do', form: 't' },
    { title: 'Tried again', form: 'n' },
  ] as const;
  const rest =
    count > first.length
      ? paragraph(
          `The first ${formatCount(first.length)} of ${formatCount(count)} are listed; .ffhq/report.txt and report.json have them all.`,
        )
      : html``;
  return section(
    `Failures: ${formatCount(count)}`,
    table(columns, rows),
    folded(`Each file (${formatCount(first.length)})`, html`${list(first)}${rest}`),
  );
}

function list(failures: readonly ListedFailure[]): Html {
  const columns = [
    { title: 'File', form: 't' },
    { title: 'Reason' },
    { title: 'Attempts', form: 'n' },
    { title: 'Detail', form: 't' },
  ] as const;
  return table(
    columns,
    failures.map(({ path, reason, attempts, detail }) => [
      coded(path),
      text(reason, 60),
      text(formatCount(attempts)),
      text(detail),
    ]),
  );
}
