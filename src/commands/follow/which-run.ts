import type { OptionValues } from 'commander';
import { refused } from '../../domain/failure/command-failure.ts';
import { workflowIdOf } from '../../runs/workflow-id.ts';
import type { CommandContext } from '../context/context.ts';
import { chooseOut } from '../flags/values/out-folder.ts';

/** The run that a verb is about. */
export interface NamedRun {
  readonly workflowId: string;
  /** Its folder, if the run was named by it. */
  readonly out: string | undefined;
}

/** The run of the Workflow Id, or of `--out`, or of the current folder; throws a refusal where there is none. */
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
  // In the project's own folder, only the sample can have a run.
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
