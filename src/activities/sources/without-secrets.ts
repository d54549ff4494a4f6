import type { SourceFailure } from '../../domain/failure/source-failure.ts';
import type { ShownSecrets } from '../../domain/network/shown-secrets.ts';
import { type OpenedFile, type Source, SourceBodyError } from './contract/source.ts';

/** The same source, of whose failures no word holds a secret: servers repeat what they were sent. */
export function withoutSecrets(source: Source, secrets: ShownSecrets): Source {
  const judged = source.judged?.bind(source);
  return {
    name: source.name,
    ...(judged && {
      judged: (file, verdict) => {
        const { said, ...answer } = judged(file, verdict);
        return { ...answer, said: secrets.hide(said) };
      },
    }),
    async open(file, range, signal) {
      const opened = await source.open(file, range, signal).catch((error: unknown) => {
        throw unsaid(error, secrets);
      });
      return opened.status === 'failed'
        ? { status: 'failed', failure: hidden(opened.failure, secrets) }
        : {
            ...opened,
            source: secrets.hide(opened.source ?? source.name),
            body: readWithout(opened.body, secrets),
          };
    },
  };
}

async function* readWithout(body: OpenedFile['body'], secrets: ShownSecrets): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw error instanceof SourceBodyError
      ? new SourceBodyError(hidden(error.failure, secrets))
      : unsaid(error, secrets);
  }
}

/** Causes of causes; a chain is somebody else's, and may be a ring. */
const MOST_CAUSES = 8;

/** What nobody foresaw may repeat what a server said: then it goes without its stack and its causes. */
function unsaid(error: unknown, secrets: ShownSecrets): unknown {
  const words: string[] = [];
  for (let one = error; one !== undefined && words.length < MOST_CAUSES; ) {
    words.push(String(one));
    one = one instanceof Error ? one.cause : undefined;
  }
  const [said = ''] = words;
  return words.every((text) => secrets.hide(text) === text) ? error : new Error(secrets.hide(said));
}

/** Every text of it, whichever fields it has. */
function hidden(failure: SourceFailure, secrets: ShownSecrets): SourceFailure {
  const texts = Object.entries(failure).filter(
    (field): field is [string, string] => typeof field[1] === 'string' && field[0] !== 'reason',
  );
  return { ...failure, ...Object.fromEntries(texts.map(([name, text]) => [name, secrets.hide(text)])) };
}
