/**
 * Works a queue through with a bounded number of lanes. A lane takes the next item when its last one is finished;
 * `mayTakeNext` says no when the shard is paused, cancelled, or its history is long enough. Answers when all lanes have
 * ended; rejects with the first error after the other lanes have ended too, so that nothing runs on unseen.
 */
export async function runLanes<Item>(
  items: readonly Item[],
  lanes: number,
  mayTakeNext: () => boolean,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  let next = 0;
  let failed = false;
  const lane = async (): Promise<void> => {
    while (!failed && mayTakeNext()) {
      const item = items[next++];
      if (item === undefined) return;
      try {
        await work(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const results = await Promise.allSettled(Array.from({ length: Math.min(lanes, items.length) }, lane));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
