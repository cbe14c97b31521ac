/** A form's dotted names as a tree: `MessageAttributes.entry.1.Name=x` → MessageAttributes → entry → 1 → Name. */
type Tree = Map<string, Tree | string>;

/** SQS writes lists without `member` and under singular names; the JSON API has other names. */
const SQS_LISTS = new Map([
  ['AttributeName', 'AttributeNames'],
  ['MessageAttributeName', 'MessageAttributeNames'],
  ['MessageSystemAttributeName', 'MessageSystemAttributeNames'],
  ['SendMessageBatchRequestEntry', 'Entries'],
  ['DeleteMessageBatchRequestEntry', 'Entries'],
  ['ChangeMessageVisibilityBatchRequestEntry', 'Entries'],
  ['TagKey', 'TagKeys'],
]);
const SQS_MAPS = new Map([
  ['Attribute', 'Attributes'],
  ['MessageAttribute', 'MessageAttributes'],
  ['MessageSystemAttribute', 'MessageSystemAttributes'],
  ['Tag', 'tags'],
]);

/** A form has only text; these members are numbers, booleans or times in the API's model. */
const NUMBERS = new Map([
  ['sqs', new Set(['MaxNumberOfMessages', 'WaitTimeSeconds', 'VisibilityTimeout', 'DelaySeconds', 'MaxResults'])],
  [
    'monitoring',
    new Set([
      'Values',
      'Counts',
      'Period',
      'EvaluationPeriods',
      'DatapointsToAlarm',
      'Threshold',
      'StorageResolution',
      'MaxRecords',
      'MaxDatapoints',
      'SampleCount',
      'Sum',
      'Minimum',
      'Maximum',
    ]),
  ],
  ['sts', new Set(['DurationSeconds'])],
]);
const TIMES = new Map([['monitoring', new Set(['Timestamp', 'StartTime', 'EndTime', 'StartDate', 'EndDate'])]]);
const BOOLEANS = new Map([
  ['monitoring', new Set(['ReturnData', 'ActionsEnabled'])],
  ['sns', new Set(['ReturnSubscriptionArn'])],
]);

/**
 * Reads a query request's input into the shape of the service's JSON API.
 *
 * Lists are `X.member.1`, maps `X.entry.1.key`/`.value` (SNS attributes: `.Name`/`.Value`); SQS flattens both.
 */
export function inputFromForm(service: string, form: URLSearchParams): Record<string, unknown> {
  const tree: Tree = new Map();
  for (const [name, value] of form) {
    if (name !== 'Action' && name !== 'Version') plant(tree, name.split('.'), value);
  }
  return structure(service, tree, '');
}

function plant(tree: Tree, [head = '', ...rest]: readonly string[], value: string): void {
  if (rest.length === 0) {
    tree.set(head, value);
    return;
  }
  const below = tree.get(head);
  const branch: Tree = below instanceof Map ? below : new Map();
  tree.set(head, branch);
  plant(branch, rest, value);
}

function structure(service: string, tree: Tree, within: string): Record<string, unknown> {
  const members = [...tree].map(([name, value]): [string, unknown] => {
    if (service === 'sqs' && value instanceof Map) {
      const list = SQS_LISTS.get(name);
      if (list) return [list, ordered(value).map((item) => convert(service, name, item))];
      const map = SQS_MAPS.get(name);
      if (map) return [map, mapOf(service, value)];
    }
    return [name, convert(service, name, value, within)];
  });
  return Object.fromEntries(members);
}

/** @param within the member that the value's structure belongs to */
function convert(service: string, name: string, value: Tree | string, within = ''): unknown {
  if (typeof value === 'string') return scalar(service, name, value, within);
  const list = value.get('member');
  if (list instanceof Map) return ordered(list).map((item) => convert(service, name, item));
  const entries = value.get('entry');
  if (entries instanceof Map) return mapOf(service, entries);
  return structure(service, value, name);
}

function mapOf(service: string, entries: Tree): Record<string, unknown> {
  const pairs = ordered(entries).map((entry): [string, unknown] => {
    if (!(entry instanceof Map)) return [entry, ''];
    const key = entry.get('key') ?? entry.get('Name') ?? entry.get('Key');
    return [String(key), convert(service, '', entry.get('value') ?? entry.get('Value') ?? '')];
  });
  return Object.fromEntries(pairs);
}

const ordered = (items: Tree): (Tree | string)[] =>
  [...items].sort(([a], [b]) => Number(a) - Number(b)).map(([, item]) => item);

function scalar(service: string, name: string, text: string, within: string): unknown {
  // A metric's value is a number, a dimension's or a tag's is not.
  if (name === 'Value' && within === 'MetricData') return Number(text);
  if (NUMBERS.get(service)?.has(name)) return Number(text);
  if (TIMES.get(service)?.has(name)) return Date.parse(text) / 1000;
  if (BOOLEANS.get(service)?.has(name)) return text === 'true';
  return text;
}
