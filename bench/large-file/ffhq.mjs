/**
 * `ffhq`, for which one file of our own is all of the TFRecords: the real ones have sizes that are not a bench's.
 * FFHQ_BENCH_FILE: the file as JSON.
 */
import { realServices } from '../../dist/commands/real-services.js';
import { largeFiles } from '../../dist/domain/dataset/reference-files.js';

const file = JSON.parse(process.env.FFHQ_BENCH_FILE ?? '');
largeFiles.tfrecords = [file];
const { startWorker } = realServices;
realServices.startWorker = (options) => startWorker({ ...options, largeFiles: [file] });
await import('../../dist/client.js');
