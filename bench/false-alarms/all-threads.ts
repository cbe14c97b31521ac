import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

/**
 * Every task by whichever thread is free.
 *
 * @param worker answers each task that it is sent with one message
 * @param tell how many are done
 */
export async function onAllThreads<Task, Answer>(
  worker: URL,
  tasks: readonly Task[],
  tell?: (done: number) => void,
): Promise<Answer[]> {
  const left = [...tasks];
  const done: Answer[] = [];
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const thread = new Worker(worker);
      const next = (): void => {
        const task = left.shift();
        if (task) thread.postMessage(task);
        else thread.terminate().then(() => resolve(), reject);
      };
      thread.on('message', (answer: Answer) => {
        done.push(answer);
        tell?.(done.length);
        next();
      });
      thread.on('error', reject);
      next();
    });
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), tasks.length) }, work));
  return done;
}
