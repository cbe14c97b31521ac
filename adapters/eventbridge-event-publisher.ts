import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { EVENT_SOURCE, type MonitoringEvent } from '../domain/monitoring/events.ts';
import type { EventPublisher } from '../domain/monitoring/ports.ts';

/** EventBridge took a call and refused what it held. */
export class EventRefusedError extends Error {
  override readonly name = 'EventRefusedError';
}

/** Whoever tells other systems holds nobody up for it: what is not taken now is owed. */
const PATIENCE = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
};

/** Events on the account's default bus; `detail.deployment` says whose they are, `resources` which model's. */
export class EventBridgeEventPublisher implements EventPublisher {
  readonly #deployment: string;
  readonly #client: EventBridgeClient;

  /** @param deployment `namePrefix-stage` */
  constructor(deployment: string, client: EventBridgeClient = new EventBridgeClient(PATIENCE)) {
    this.#deployment = deployment;
    this.#client = client;
  }

  /** @throws {EventRefusedError} it was not taken */
  async publish({ type, detail }: MonitoringEvent): Promise<void> {
    const entry = {
      Source: EVENT_SOURCE,
      DetailType: type,
      Detail: JSON.stringify({ ...detail, deployment: this.#deployment }),
      Resources: [`${this.#deployment}/${detail.model}`],
    };
    const { Entries = [] } = await this.#client.send(new PutEventsCommand({ Entries: [entry] }));
    const refused = Entries.find(({ ErrorCode }) => ErrorCode !== undefined);
    if (!refused) return;
    throw new EventRefusedError(
      `expected ${type} of ${detail.model} to be taken, got ${refused.ErrorCode}: ${refused.ErrorMessage ?? 'no message'}`,
    );
  }
}
