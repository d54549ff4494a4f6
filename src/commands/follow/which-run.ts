import type { OptionValues } from 'commander';
import { refused } from '../../domain/failure/command-failure.ts';
import { workflowIdOf } from '../../runs/workflow-id.ts';
import type { CommandContext } from '../context/context.ts';
import { chooseOut } from '../flags/out-folder.ts';

/** The run that a verb speaks of. */
export interface NamedRun {
  readonly workflowId: string;
  /** Its folder, when it was named by that. */
  readonly out: string | undefined;
}

/** The Workflow Id given, or the run of `--out` or of the folder in which the command was given. */
export async function whichRun(
  context: CommandContext,
  values: OptionValues,
  words: readonly string[],
): Promise<NamedRun> {
  const [workflowId] = words;
  const given: string | undefined = values.out;
  if (workflowId !== undefined) {
    if (given !== undefined) throw refused(`run [${workflowId}]: expected a Workflow Id or --out, got both`);
    return { workflowId, out: undefined };
  }
  // In the project's own folder the only run can be the sample's.
  const out = chooseOut(given, given === undefined, context.folders);
  const store = await context.services.findStore(out);
  if (store === undefined) {
    throw refused(
      `run of folder [${out}]: expected a dataset folder with .ffhq/store.json, got none; ` +
        `name the folder with --out, or the run by its Workflow Id (see \`${context.spoken('list')}\`)`,
    );
  }
  return { workflowId: workflowIdOf(store), out: store.path };
}
