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
  ['Successful', 'ResultEntry'],
  ['Failed', 'BatchResultErrorEntry'],
  ['Tags', 'Tag'],
]);

/** Writes an output's members as the query protocol's XML, dates in ISO 8601. */
export function outputToXml(service: string, output: Readonly<Record<string, unknown>>): string {
  return Object.entries(output)
    .map(([name, value]) => (service === 'sqs' ? flattened(name, value) : member(service, name, value)))
    .join('');
}

function member(service: string, name: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return element(name, value.map((item) => member(service, 'member', item)).join(''));
  if (!isStructure(value)) return element(name, [text(value)]);
  if (!MAPS.has(name)) return element(name, outputToXml(service, value));
  const entries = Object.entries(value).map(([key, item]) =>
    element('entry', `${element('key', [key])}${member(service, 'value', item)}`),
  );
  return element(name, entries.join(''));
}

function flattened(name: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  const singular = SQS_NAMES.get(name) ?? name;
  if (Array.isArray(value)) return value.map((item) => flattened(singular, item)).join('');
  if (!isStructure(value)) return element(singular, [text(value)]);
  if (!MAPS.has(name)) return element(singular, outputToXml('sqs', value));
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
