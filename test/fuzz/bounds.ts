/** Processor time (ms) of one case; those that are wanted take a hundredth of it. */
const MOST_TIME = 3_000;

/** Bytes by which a case may raise the most that the process ever took. */
const MOST_MEMORY = 400 * 1024 ** 2;

/**
 * Throws where a case takes more time or memory than it may, or changes what every object has. Memory is what the kernel
 * saw of it at its highest, so that what is given back again counts too.
 */
export async function watched(one: () => Promise<void>): Promise<void> {
  const [highest, memory, began] = [mostMemory(), process.memoryUsage.rss(), process.cpuUsage()];
  await one();
  const { user, system } = process.cpuUsage(began);
  const time = (user + system) / 1000;
  if (time > MOST_TIME) throw new Error(`time: expected at most ${MOST_TIME} ms, got ${time.toFixed(0)}`);
  const now = mostMemory();
  if (now > highest && now - memory > MOST_MEMORY)
    throw new Error(`memory: expected at most ${MOST_MEMORY} bytes more, got ${now - memory}`);
  for (const shared of [Object.prototype, Array.prototype, Function.prototype])
    if (Object.keys(shared).length > 0)
      throw new Error(`prototype: expected nothing of a case, got ${Object.keys(shared)}`);
}

function mostMemory(): number {
  return process.resourceUsage().maxRSS * 1024;
}
