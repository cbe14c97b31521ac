import { type Cloud, NotImplementedError, ServiceError } from '../../service.ts';

const SETS = 'ses.configuration-sets';
const DESTINATIONS = 'ses.event-destinations';

const EVENT_TYPES = [
  'SEND',
  'REJECT',
  'BOUNCE',
  'COMPLAINT',
  'DELIVERY',
  'OPEN',
  'CLICK',
  'RENDERING_FAILURE',
  'DELIVERY_DELAY',
  'SUBSCRIPTION',
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/** Where the events of a configuration set's mails go. */
export interface EventDestination {
  readonly set: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly types: readonly EventType[];
  /** The default event bus. */
  readonly busArn?: string;
  readonly topicArn?: string;
}

/** What an API or a template says of a destination. */
// biome-ignore lint/suspicious/noExplicitAny: checked here
type Definition = any;

/** Configuration sets with their event destinations. */
export class ConfigurationSets {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  arnOf(name: string): string {
    return `arn:aws:ses:${this.#cloud.region}:${this.#cloud.account}:configuration-set/${name}`;
  }

  put(name: string, options: object): void {
    this.#cloud.store.put(SETS, name, options);
  }

  find(name: string): object | undefined {
    return this.#cloud.store.get(SETS, name);
  }

  /** @throws {ServiceError} NotFoundException */
  get(name: string): object {
    const found = this.find(name);
    if (found) return found;
    throw new ServiceError('NotFoundException', `Configuration set <${name}> does not exist.`, 404);
  }

  names(): string[] {
    return this.#cloud.store.list(SETS).map(({ key }) => key);
  }

  delete(name: string): void {
    this.#cloud.store.transaction(() => {
      for (const destination of this.destinations(name)) this.deleteDestination(name, destination.name);
      this.#cloud.store.delete(SETS, name);
    });
  }

  destinations(set: string): EventDestination[] {
    return this.#cloud.store.list<EventDestination>(DESTINATIONS, `${set}/`).map(({ value }) => value);
  }

  /** @throws {ServiceError} NotFoundException, BadRequestException; NotImplemented for what is no bus and no topic */
  putDestination(set: string, name: string, definition: Definition): EventDestination {
    this.get(set);
    if (!/^[\w-]{1,64}$/.test(name)) {
      throw new ServiceError('BadRequestException', `expected a name of letters, digits, _ and -, got ${name}`);
    }
    const destination = { set, name, ...read(definition) };
    const { busArn } = destination;
    if (busArn !== undefined && !busArn.endsWith(`:${this.#cloud.account}:event-bus/default`)) {
      throw new ServiceError('BadRequestException', `expected the default event bus, got ${busArn}`);
    }
    this.#cloud.store.put(DESTINATIONS, `${set}/${name}`, destination);
    return destination;
  }

  deleteDestination(set: string, name: string): void {
    this.#cloud.store.delete(DESTINATIONS, `${set}/${name}`);
  }
}

function read(definition: Definition): Omit<EventDestination, 'set' | 'name'> {
  const { Enabled, MatchingEventTypes = [], EventBridgeDestination, SnsDestination, ...rest } = definition ?? {};
  const other = Object.keys(rest).find((key) => rest[key] !== undefined && key !== 'Name');
  if (other) throw new NotImplementedError(`ses:EventDestination ${other}`);
  const types = MatchingEventTypes.map(typeOf);
  const busArn: string | undefined = EventBridgeDestination?.EventBusArn;
  // CloudFormation spells it TopicARN, the API TopicArn.
  const topicArn: string | undefined = SnsDestination?.TopicArn ?? SnsDestination?.TopicARN;
  if ((busArn === undefined) === (topicArn === undefined) || types.length === 0) {
    throw new ServiceError('BadRequestException', 'expected one destination and at least one event type');
  }
  return {
    enabled: Enabled === true || Enabled === 'true',
    types,
    ...(busArn && { busArn }),
    ...(topicArn && { topicArn }),
  };
}

/** CloudFormation writes types in its own way: `renderingFailure`. */
function typeOf(name: string): EventType {
  const type = EVENT_TYPES.find((known) => known.replace('_', '') === name.replace('_', '').toUpperCase());
  if (type) return type;
  throw new ServiceError('BadRequestException', `expected event types of ${EVENT_TYPES.join(', ')}, got ${name}`);
}
