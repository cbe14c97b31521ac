import { childrenOf, element, parseXml, type XmlElement } from '../xml.ts';

/** Repeated elements of a request without a list element around them, and the member they make. */
const REPEATED = new Map([
  ['Part', 'Parts'],
  ['Object', 'Objects'],
]);
/** List elements and what they hold. */
const LISTS = new Map([
  ['TagSet', 'Tag'],
  ['Buckets', 'Bucket'],
]);
const NUMBERS = new Set(['PartNumber', 'Size']);
const BOOLEANS = new Set(['Quiet']);

/** Members of an answer that are written as repeated elements under another name. */
const SINGULAR = new Map([
  ['Parts', 'Part'],
  ['Versions', 'Version'],
  ['DeleteMarkers', 'DeleteMarker'],
  ['Uploads', 'Upload'],
  ['Errors', 'Error'],
  ['Rules', 'Rule'],
]);

/** A request's XML as the API's members. @throws {ServiceError} MalformedXML */
export const membersInXml = (source: string): Record<string, unknown> => structure(parseXml(source));

function structure(parent: XmlElement): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  for (const child of parent.children) {
    const plural = REPEATED.get(child.name);
    const item = LISTS.get(child.name);
    if (plural) members[plural] ??= childrenOf(parent, child.name).map(structure);
    else if (item) members[child.name] = childrenOf(child, item).map(structure);
    else members[child.name] = child.children.length > 0 ? structure(child) : scalar(child);
  }
  return members;
}

function scalar({ name, text }: XmlElement): unknown {
  if (NUMBERS.has(name)) return Number(text);
  return BOOLEANS.has(name) ? text.trim() === 'true' : text;
}

/** An answer's members as S3's XML: lists flat, dates in ISO 8601. */
export function xmlOf(members: unknown): string {
  if (typeof members !== 'object' || members === null)
    return members === undefined || members === null ? '' : element('x', [String(members)]).slice(3, -4);
  return Object.entries(members)
    .map(([name, value]) => memberXml(name, value))
    .join('');
}

function memberXml(name: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  const item = LISTS.get(name);
  if (item && Array.isArray(value)) return element(name, value.map((entry) => memberXml(item, entry)).join(''));
  const singular = SINGULAR.get(name) ?? name;
  if (Array.isArray(value)) return value.map((entry) => memberXml(singular, entry)).join('');
  if (value instanceof Date) return element(name, [value.toISOString()]);
  return typeof value === 'object' ? element(name, xmlOf(value)) : element(name, [String(value)]);
}
