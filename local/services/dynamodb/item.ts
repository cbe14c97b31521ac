/** `{ S: 'text' }`, `{ N: '1' }`, …: one key, DynamoDB's own JSON. */
export type AttributeValue = Readonly<Record<string, unknown>>;

export type AttributeMap = Readonly<Record<string, AttributeValue>>;

/** Bytes, names included. */
export const LARGEST_ITEM = 400 * 1024;

/**
 * Bytes an item counts.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export const itemSize = (item: AttributeMap): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueSize(value), 0);

function valueSize(value: AttributeValue): number {
  const [[type, content] = ['', undefined]] = Object.entries(value);
  switch (type) {
    case 'S':
      return Buffer.byteLength(content as string);
    case 'N':
      return numberSize(content as string);
    case 'B':
      return Buffer.byteLength(content as string, 'base64');
    case 'SS':
    case 'NS':
    case 'BS':
      return (content as string[]).reduce((sum, member) => sum + valueSize({ [type[0]!]: member }), 0);
    case 'L':
      return (content as AttributeValue[]).reduce((sum, member) => sum + 1 + valueSize(member), 3);
    case 'M':
      return 3 + Object.keys(content as AttributeMap).length + itemSize(content as AttributeMap);
    default:
      return 1;
  }
}

/** About one byte per two significant digits, plus one; plus one for a sign. */
function numberSize(text: string): number {
  const digits = text
    .replace(/e.*$/i, '')
    .replace(/[-+.]/g, '')
    .replace(/^0+|0+$/g, '');
  return Math.ceil(digits.length / 2) + 1 + (text.startsWith('-') ? 1 : 0);
}
