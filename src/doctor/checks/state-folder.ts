import { accessSync, constants } from 'node:fs';
import { readConfig } from '../../config.ts';
import { CommandFailure } from '../../domain/failure/command-failure.ts';
import { serverFiles } from '../../server/server-state.ts';
import { type Answer, note, ok, problem } from '../finding.ts';
import { lookAt, mountWords } from '../place.ts';
import { refusalOf } from '../said.ts';

const CHECK = 'state folder';

/** Where the embedded server's database and this user's key lie. */
export default async function checkStateFolder(): Promise<Answer> {
  const { stateDir } = readConfig(process.env);
  try {
    const { folder, unfit } = serverFiles(stateDir);
    const place = lookAt(stateDir);
    accessSync(place.nearest, constants.W_OK | constants.X_OK);
    const there = `${stateDir}${place.isThere ? '' : ' (not there yet)'} on ${mountWords(place)}`;
    if (unfit !== undefined) {
      return {
        findings: [
          note(CHECK, `${there}; a server's database is not safe on ${unfit}: it lies in ${folder}`),
        ],
      };
    }
    return { findings: [ok(CHECK, `${there}; can be written to`)] };
  } catch (error) {
    // Refusals of the program's own name the folder, and what to do.
    if (error instanceof CommandFailure) {
      const [found = '', todo = 'name another with XDG_STATE_HOME'] = error.message.split('; ', 2);
      return { findings: [problem(CHECK, found, todo)] };
    }
    const found = `${stateDir}: expected one that can be written to, got ${refusalOf(error)}`;
    return { findings: [problem(CHECK, found, 'name another with XDG_STATE_HOME')] };
  }
}
