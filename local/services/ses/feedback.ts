import { randomUUID } from 'node:crypto';
import { deliver } from '../../delivery.ts';
import { type PendingDelivery, RetriedDeliveries } from '../../retried-deliveries.ts';
import type { Cloud } from '../../service.ts';
import type { ConfigurationSets } from './configuration-sets.ts';
import type { Mail } from './mailbox.ts';
import { eventsOf, type SendingEvent } from './sending-events.ts';

/** An event on its way to one destination. */
interface PendingEvent extends PendingDelivery {
  readonly set: string;
  readonly topicArn?: string;
  readonly event: SendingEvent;
}

/** Tells the destinations of a mail's configuration set what became of the mail. */
export class Feedback {
  readonly #cloud: Cloud;
  readonly #sets: ConfigurationSets;
  readonly #pending: RetriedDeliveries<PendingEvent>;

  constructor(cloud: Cloud, sets: ConfigurationSets) {
    this.#cloud = cloud;
    this.#sets = sets;
    this.#pending = new RetriedDeliveries<PendingEvent>(cloud, 'ses.events', {
      attempt: (pending) => this.#publish(pending),
      // SES drops what it cannot publish; the cloud reports it.
      giveUp: async () => false,
    });
  }

  resume(): void {
    this.#pending.resume();
  }

  /** Stores what is to be told of a mail; the returned function begins to tell it. May be part of a transaction. */
  accept(mail: Mail): () => void {
    const set = mail.configurationSet;
    const destinations = set === undefined ? [] : this.#sets.destinations(set).filter(({ enabled }) => enabled);
    if (set === undefined || destinations.length === 0) return () => {};
    const since = Date.parse(mail.at);
    const begin = eventsOf(this.#cloud, mail, set).flatMap((event) =>
      destinations
        .filter(({ types }) => types.includes(event.type))
        .map(({ topicArn }) =>
          this.#pending.accept({
            id: `${mail.id}/${randomUUID()}`,
            since,
            dueAt: since + event.after,
            attempts: 0,
            set,
            event,
            ...(topicArn !== undefined && { topicArn }),
          }),
        ),
    );
    return () => {
      for (const one of begin) one();
    };
  }

  async #publish({ set, topicArn, event }: PendingEvent): Promise<void> {
    const setArn = this.#sets.arnOf(set);
    if (topicArn === undefined) {
      const { detailType, detail } = event;
      this.#cloud.publish({ source: 'aws.ses', 'detail-type': detailType, resources: [setArn], detail });
      return;
    }
    const principal = { kind: 'service', arn: 'ses.amazonaws.com', sourceArn: setArn } as const;
    await deliver(this.#cloud, principal, topicArn, { body: JSON.stringify(event.detail) });
  }
}
