import { join } from 'node:path';
import { statePaths } from '../../domain/dataset/layout.ts';
import { askText, MOST_ASK_BYTES, parseAsk, type SelectionAsk } from '../../domain/selection/ask.ts';
import { digestOfAsk } from '../../domain/selection/ask-digest.ts';
import { inFolder } from '../folders/held-folder.ts';
import { readSmallFile, writeFileAtomically } from '../store/atomic-file.ts';

/** Lays what a client asks for into the dataset folder, where every worker finds it: workflows are told its digest only. */
export async function keepAsk(storePath: string, ask: SelectionAsk): Promise<void> {
  await inFolder(storePath, statePaths.asks, async () => {}, 'synced');
  const digest = digestOfAsk(ask);
  if ((await readAsk(storePath, digest)) !== undefined) return;
  await writeFileAtomically(join(storePath, statePaths.ask(digest)), askText(ask));
}

/** Undefined where it is not there, or is another one under its name: whoever asked signed the digest. */
export async function readAsk(storePath: string, digest: string): Promise<SelectionAsk | undefined> {
  const text = await readSmallFile(join(storePath, statePaths.ask(digest)), MOST_ASK_BYTES);
  const ask = text === undefined ? undefined : parseAsk(text);
  return ask !== undefined && digestOfAsk(ask) === digest ? ask : undefined;
}
