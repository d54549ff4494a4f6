import { pino, destination as pinoDestination } from 'pino';

/** The project's only logger; also the Temporal Runtime's (see `worker.ts`). */
export type Logger = ReturnType<typeof pino>;

/**
 * Logs go to standard error, so that standard output stays for what was asked; to `file` when a live display owns the
 * terminal.
 */
export function makeLogger(options: { readonly level: string; readonly file?: string }): Logger {
  return pino(
    { level: options.level, base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` },
    pinoDestination({ dest: options.file ?? 2, sync: true, mkdir: true, append: true }),
  );
}
