/** The Task Queue of the Activities that align, beside the run's own. */
export function alignQueueOf(taskQueue: string): string {
  return `${taskQueue}-align`;
}
