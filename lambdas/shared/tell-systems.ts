import { EventRefusedError } from '../../adapters/eventbridge-event-publisher.ts';
import type { MonitoringEvent } from '../../domain/monitoring/events.ts';
import type { EventPublisher, MonitoringStore } from '../../domain/monitoring/ports.ts';

export interface TellSystemsDependencies {
  readonly monitoring: MonitoringStore;
  readonly events: EventPublisher;
  /** Told of an event that was not taken; it is owed on. */
  readonly onUnheard: (error: unknown, event: MonitoringEvent) => void;
}

/** A bus that did not answer so often in one call is not asked for more; one that refuses an event may take the next. */
const MOST_UNANSWERED = 2;

/**
 * Tells other systems what they are owed, oldest first. Whoever calls it has done what people are to be told by: a bus that does
 * not answer delays nobody, and what it did not take is owed to the next call.
 *
 * @param model all models where it is absent
 * @returns events that are still owed
 */
export async function tellSystems(
  { monitoring, events, onUnheard }: TellSystemsDependencies,
  model?: string,
): Promise<number> {
  const owed = await monitoring.listOwedEvents(model);
  let [told, unanswered] = [0, 0];
  for (const one of owed) {
    try {
      await events.publish(one.event);
    } catch (error) {
      onUnheard(error, one.event);
      if (!(error instanceof EventRefusedError)) unanswered += 1;
      if (unanswered === MOST_UNANSWERED) break;
      continue;
    }
    await monitoring.forgetEvent(one);
    told += 1;
  }
  return owed.length - told;
}
