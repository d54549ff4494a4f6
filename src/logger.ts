import { pino, destination as pinoDestination } from 'pino';
import { quotedInJson } from './domain/quoting/quoted.ts';

/** The project's only logger; also the Temporal Runtime's (see `worker.ts`). */
export type Logger = ReturnType<typeof pino>;

/**
 * Logs go to standard error, so that standard output stays for what was asked; to `file` when a live display owns the
 * terminal. This is the one door to them: each line is JSON, in which what is not printable is escaped.
 */
export function makeLogger(options: { readonly level: string; readonly file?: string }): Logger {
  const log = pinoDestination({ dest: options.file ?? 2, sync: true, mkdir: true, append: true });
  return pino(
    { level: options.level, base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` },
    { write: (line) => log.write(`${quotedInJson(line.trimEnd())}\n`) },
  );
}
