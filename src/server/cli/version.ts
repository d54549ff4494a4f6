/**
 * The pinned version of the official Temporal CLI, which carries the embedded server. The same version is downloaded,
 * built (tools/temporal-cli/go.mod) and looked for on PATH, so that one database file fits all of them.
 */
export const TEMPORAL_CLI_VERSION = '1.8.2';
