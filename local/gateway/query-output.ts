import { element } from './xml.ts';

/** Output members that are maps; anything else with members is a structure. */
const MAPS = new Set(['Attributes', 'MessageAttributes', 'Tags']);

/** SQS flattens lists and maps under singular names. */
const SQS_NAMES = new Map([
  ['QueueUrls', 'QueueUrl'],
  ['queueUrls', 'QueueUrl'],
  ['Messages', 'Message'],
  ['Attributes', 'Attribute'],
  ['MessageAttributes', 'MessageAttribute'],
  ['Failed', 'BatchResultErrorEntry'],
  ['Tags', 'Tag'],
]);

/** Writes an output's members as the query protocol's XML, dates in ISO 8601. */
export function outputToXml(service: string, operation: string, output: Readonly<Record<string, unknown>>): string {
  if (service !== 'sqs') return members(output);
  // SQS alone names a batch's results by the operation: SendMessageBatchResultEntry.
  const { Successful, ...rest } = output;
  return flattenedMembers(rest) + flattened(`${operation}ResultEntry`, Successful);
}

const members = (structure: Readonly<Record<string, unknown>>): string =>
  Object.entries(structure)
    .map(([name, value]) => member(name, value))
    .join('');

const flattenedMembers = (structure: Readonly<Record<string, unknown>>): string =>
  Object.entries(structure)
    .map(([name, value]) => flattened(name, value))
    .join('');

function member(name: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return element(name, value.map((item) => member('member', item)).join(''));
  if (!isStructure(value)) return element(name, [text(value)]);
  if (!MAPS.has(name)) return element(name, members(value));
  const entries = Object.entries(value).map(([key, item]) =>
    element('entry', `${element('key', [key])}${member('value', item)}`),
  );
  return element(name, entries.join(''));
}

function flattened(name: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  const singular = SQS_NAMES.get(name) ?? name;
  if (Array.isArray(value)) return value.map((item) => flattened(singular, item)).join('');
  if (!isStructure(value)) return element(singular, [text(value)]);
  if (!MAPS.has(name)) return element(singular, flattenedMembers(value));
  return Object.entries(value)
    .map(([key, item]) => element(singular, `${element('Name', [key])}${flattened('Value', item)}`))
    .join('');
}

const isStructure = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !(value instanceof Date) && !(value instanceof Uint8Array);

function text(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : String(value);
}
