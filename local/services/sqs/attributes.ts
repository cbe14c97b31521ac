import { NotImplementedError, ServiceError } from '../../service.ts';

/** A queue's settings; seconds and bytes. */
export interface QueueSettings {
  readonly delaySeconds: number;
  readonly maximumMessageSize: number;
  readonly retentionSeconds: number;
  readonly waitSeconds: number;
  readonly visibilitySeconds: number;
  readonly fifo: boolean;
  readonly contentBasedDeduplication: boolean;
  readonly redrive?: { readonly deadLetterTargetArn: string; readonly maxReceiveCount: number };
  /** JSON text. */
  readonly policy?: string;
  /** Recorded: server-side encryption has no observable effect here. */
  readonly recorded: Readonly<Record<string, string>>;
}

export const DEFAULTS: QueueSettings = {
  delaySeconds: 0,
  maximumMessageSize: 1_048_576,
  retentionSeconds: 345_600,
  waitSeconds: 0,
  visibilitySeconds: 30,
  fifo: false,
  contentBasedDeduplication: false,
  recorded: {},
};

const RANGES = {
  DelaySeconds: ['delaySeconds', 0, 900],
  MaximumMessageSize: ['maximumMessageSize', 1024, 1_048_576],
  MessageRetentionPeriod: ['retentionSeconds', 60, 1_209_600],
  ReceiveMessageWaitTimeSeconds: ['waitSeconds', 0, 20],
  VisibilityTimeout: ['visibilitySeconds', 0, 43_200],
} as const;

const RECORDED = new Set([
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
  'SqsManagedSseEnabled',
  'RedriveAllowPolicy',
]);

/**
 * Applies attributes of the API (all text) to a queue's settings.
 *
 * @throws {ServiceError} InvalidAttributeValue, InvalidAttributeName
 */
export const applyAttributes = (
  settings: QueueSettings,
  attributes: Readonly<Record<string, unknown>>,
): QueueSettings =>
  Object.entries(attributes).reduce((applied, [name, value]) => applyOne(applied, name, String(value)), settings);

const applyOne = (settings: QueueSettings, name: string, value: string): QueueSettings => {
  const range = RANGES[name as keyof typeof RANGES];
  if (range) return { ...settings, [range[0]]: integer(name, value, range[1], range[2]) };
  if (RECORDED.has(name)) return { ...settings, recorded: { ...settings.recorded, [name]: value } };
  switch (name) {
    case 'FifoQueue':
      return { ...settings, fifo: value === 'true' };
    case 'ContentBasedDeduplication':
      return { ...settings, contentBasedDeduplication: value === 'true' };
    case 'Policy':
      return { ...settings, policy: value === '' ? undefined : json(name, value) && value };
    case 'RedrivePolicy':
      return { ...settings, redrive: value === '' ? undefined : redrive(value) };
    case 'DeduplicationScope':
    case 'FifoThroughputLimit':
      throw new NotImplementedError(`sqs:SetQueueAttributes ${name}`);
    default:
      throw new ServiceError('InvalidAttributeName', `Unknown Attribute ${name}.`);
  }
};

const OTHERS = [
  'FifoQueue',
  'ContentBasedDeduplication',
  'Policy',
  'RedrivePolicy',
  'DeduplicationScope',
  'FifoThroughputLimit',
];

/** Whether there is such an attribute, set or not. */
export const isAttribute = (name: string): boolean => name in RANGES || RECORDED.has(name) || OTHERS.includes(name);

/** The settings as GetQueueAttributes writes them. */
export const attributesOf = (settings: QueueSettings): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(RANGES).map(([name, [member]]) => [name, String(settings[member])])),
  ...settings.recorded,
  ...(settings.fifo && {
    FifoQueue: 'true',
    ContentBasedDeduplication: String(settings.contentBasedDeduplication),
  }),
  ...(settings.policy && { Policy: settings.policy }),
  ...(settings.redrive && { RedrivePolicy: JSON.stringify(settings.redrive) }),
});

const invalid = (name: string, value: string): ServiceError =>
  new ServiceError('InvalidAttributeValue', `Invalid value for the parameter ${name}: ${value}.`);

const integer = (name: string, value: string, least: number, most: number): number => {
  const number = Number(value);
  if (value === '' || !Number.isInteger(number) || number < least || number > most) throw invalid(name, value);
  return number;
};

const json = (name: string, value: string): Record<string, unknown> => {
  try {
    return JSON.parse(value);
  } catch {
    throw invalid(name, value);
  }
};

const redrive = (value: string): QueueSettings['redrive'] => {
  const { deadLetterTargetArn, maxReceiveCount } = json('RedrivePolicy', value);
  if (typeof deadLetterTargetArn !== 'string') throw invalid('RedrivePolicy', value);
  return { deadLetterTargetArn, maxReceiveCount: integer('RedrivePolicy', String(maxReceiveCount), 1, 1000) };
};
