/** A run's Task Queue for one kind of slot: its own (`work`), or the one beside it whose slots are processors (`align`). */
export function taskQueueOf(runs: string, slots: 'work' | 'align'): string {
  return slots === 'work' ? runs : `${runs}-${slots}`;
}
