/** Workflow Types only: everything exported here can be started by name. */
export { buildDataset } from './build-dataset.ts';
export { fetchLargeFile } from './fetch-large-file.ts';
export { processShard } from './process-shard.ts';
export { purgeRecords } from './purge-records.ts';
export { sourceGate } from './source-gate.ts';
