import type { StartedRun } from '../../runs/start-run.ts';
import type { Display } from '../../terminal/display.ts';

/** Which run it is, and where to see it. */
export function sayRun(display: Display, run: StartedRun, link: string | undefined): void {
  const { workflowId, runId, how, taskQueue } = run;
  const seen = link === undefined ? [] : [`in the UI: ${link}`];
  display.say({ event: 'run', how, workflowId, runId, taskQueue, ui: link }, [
    `${words[how]}: ${workflowId}`,
    ...seen,
  ]);
}

const words = {
  started: 'run started',
  attached: 'this run is open already; going on with it',
  renewed: 'the open run belonged to an older version: ended, and begun anew from what is on the disk',
} as const satisfies Record<StartedRun['how'], string>;
