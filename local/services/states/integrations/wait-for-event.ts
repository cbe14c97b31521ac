import type { CloudEvent } from '../../../service.ts';
import type { TaskCall } from '../interpreter/ports.ts';
import type { Json } from '../json.ts';
import type { Caller } from './caller.ts';

/**
 * Resolves once `ask` has an answer: asked at once, so after a restart too, and again with every event that concerns the work.
 *
 * @param ask the result of work that has ended, or undefined while it goes on; throws what the work failed with
 */
export function waitForEvent(
  caller: Caller,
  { signal }: Pick<TaskCall, 'signal'>,
  concerns: (event: CloudEvent) => boolean,
  ask: () => Promise<Json | undefined>,
): Promise<Json> {
  return new Promise((resolve, reject) => {
    const settle = async () => {
      const result = await ask();
      if (result === undefined) return;
      stop();
      resolve(result);
    };
    const look = () =>
      void caller.cloud.track(
        settle().catch((error) => {
          stop();
          reject(error);
        }),
      );
    const stop = caller.cloud.onEvent((event) => {
      if (concerns(event)) look();
    });
    signal.addEventListener('abort', stop);
    look();
  });
}
