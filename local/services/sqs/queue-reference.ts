import { type Call, type Need, ServiceError } from '../../service.ts';
import type { Queue } from './queue.ts';
import type { Queues } from './queues.ts';

/** The queue's name in a queue URL; whichever host was used to reach it. */
export const nameFromUrl = (url: unknown): string => {
  const name = typeof url === 'string' ? /^(?:https?:\/\/[^/]+)?\/?\d{12}\/([\w.-]{1,80})$/.exec(url)?.[1] : undefined;
  if (!name) throw new ServiceError('InvalidAddress', `The address ${url} is not valid for this endpoint.`);
  return name;
};

/** Needs one permission on the queue that the call's QueueUrl names. */
export const needsQueue =
  (queues: Queues, action: string) =>
  (call: Call): readonly Need[] => [{ action, resource: queues.arnOf(nameFromUrl(call.input.QueueUrl)) }];

export const queueOf = (queues: Queues, call: Call): Queue => queues.get(nameFromUrl(call.input.QueueUrl));
