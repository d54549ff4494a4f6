import { readConfig } from '../../config.ts';
import { TEMPORAL_CLI_VERSION } from '../../server/cli/version.ts';
import { lookForExecutable } from '../../server/look-for-executable.ts';
import { type Answer, note, ok, problem } from '../finding.ts';
import type { Question } from '../question.ts';

const CHECK = 'Temporal CLI';

/** The executable of the embedded server: there, or to be made. Nothing is downloaded or built. */
export default async function checkTemporalCli({ spoken }: Question): Promise<Answer> {
  const seen = await lookForExecutable(readConfig(process.env), process.env);
  switch (seen.where) {
    case 'named':
    case 'path': {
      const place = seen.where === 'named' ? 'by TEMPORAL_CLI_PATH' : 'on PATH';
      return { findings: [ok(CHECK, `${seen.version} ${place}: ${seen.path}`)] };
    }
    case 'cache':
      return { findings: [ok(CHECK, `${TEMPORAL_CLI_VERSION} in the cache: ${seen.path}`)] };
    case 'unusable': {
      const todo = `install Temporal CLI ${TEMPORAL_CLI_VERSION}, or unset TEMPORAL_CLI_PATH`;
      const found = `TEMPORAL_CLI_PATH [file=${seen.path}]: expected a Temporal CLI, got ${seen.got}`;
      return { findings: [problem(CHECK, found, todo)] };
    }
    case 'nowhere': {
      const go = seen.go === undefined ? 'no `go` on PATH' : `by ${seen.go}`;
      const found = `${TEMPORAL_CLI_VERSION} is not there: \`${spoken.run}\` downloads its release, or builds it (${go})`;
      const todo = `install Temporal CLI ${TEMPORAL_CLI_VERSION}, or Go 1.26.4 or newer, where nothing can be downloaded`;
      return { findings: [note(CHECK, found, todo)] };
    }
    default:
      return seen satisfies never;
  }
}
