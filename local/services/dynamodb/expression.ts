import { NotImplementedError } from '../../service.ts';
import type { AttributeMap, AttributeValue } from './item.ts';

/** A document path, a literal value, or a function of them. */
type Operand = readonly (string | number)[] | AttributeValue | Expression;

/** A condition as the engine's parser leaves it. */
export interface Expression {
  /** `and`, `or`, `not`, `function`, `between`, `in`, or a comparison sign. */
  readonly type: string;
  /** Of a function. */
  readonly name?: string;
  readonly args: readonly (Operand | Expression)[];
}

/** Always holds; takes the place of a condition that was judged here. */
export const ALWAYS: Expression = { type: 'function', name: 'attribute_not_exists', args: [['\u0000']] };

/**
 * Whether an item meets a condition or filter.
 *
 * The engine's own comparison knows neither documents nor empty and false values; this follows DynamoDB.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
 */
export function holds(expression: Expression, item: AttributeMap): boolean {
  const { type, args } = expression;
  if (type === 'and') return args.every((part) => holds(part as Expression, item));
  if (type === 'or') return args.some((part) => holds(part as Expression, item));
  if (type === 'not') return !holds(args[0] as Expression, item);
  const [first, ...rest] = args.map((arg) => valueOfOperand(arg, item));
  if (type === 'function') return functionHolds(expression.name!, first, rest[0]);
  if (type === 'in') return rest.some((value) => equal(first, value));
  if (type === 'between')
    return ordered(first, rest[0], (sign) => sign >= 0) && ordered(first, rest[1], (sign) => sign <= 0);
  return comparisonHolds(type, first, rest[0]);
}

type Value = AttributeValue | undefined;

function comparisonHolds(sign: string, left: Value, right: Value): boolean {
  switch (sign) {
    case '=':
      return equal(left, right);
    case '<>':
      return !equal(left, right);
    case '<':
      return ordered(left, right, (order) => order < 0);
    case '<=':
      return ordered(left, right, (order) => order <= 0);
    case '>':
      return ordered(left, right, (order) => order > 0);
    case '>=':
      return ordered(left, right, (order) => order >= 0);
    default:
      throw new NotImplementedError(`dynamodb:ConditionExpression ${sign}`);
  }
}

function functionHolds(name: string, value: Value, argument: Value): boolean {
  switch (name) {
    case 'attribute_exists':
      return value !== undefined;
    case 'attribute_not_exists':
      return value === undefined;
    case 'attribute_type':
      return value !== undefined && typeOf(value) === argument?.S;
    case 'begins_with':
      return startsWith(value, argument);
    case 'contains':
      return contains(value, argument);
    default:
      throw new NotImplementedError(`dynamodb:ConditionExpression ${name}`);
  }
}

function valueOfOperand(operand: Operand | Expression, item: AttributeMap): Value {
  if (isPath(operand)) return valueAt(operand, item);
  if ((operand as Expression).type !== 'function') return operand as AttributeValue;
  const { name, args } = operand as Expression;
  if (name !== 'size') throw new NotImplementedError(`dynamodb:ConditionExpression ${name}`);
  const size = sizeOf(valueOfOperand(args[0]!, item));
  return size === undefined ? undefined : { N: String(size) };
}

const isPath = (operand: Operand | Expression): operand is readonly (string | number)[] => Array.isArray(operand);

function valueAt(path: readonly (string | number)[], item: AttributeMap): Value {
  let value: Value = { M: item };
  for (const step of path) {
    const members: unknown = typeof step === 'number' ? value?.L : value?.M;
    if (typeof members !== 'object' || members === null || !Object.hasOwn(members, step)) return undefined;
    value = (members as Record<string | number, AttributeValue>)[step];
  }
  return value;
}

const typeOf = (value: AttributeValue): string => Object.keys(value)[0]!;

function sizeOf(value: Value): number | undefined {
  if (!value) return undefined;
  const type = typeOf(value);
  const content = value[type];
  if (type === 'S') return [...(content as string)].length;
  if (type === 'B') return Buffer.byteLength(content as string, 'base64');
  if (type === 'M') return Object.keys(content as object).length;
  return Array.isArray(content) ? content.length : undefined;
}

function equal(left: Value, right: Value): boolean {
  if (!left || !right || typeOf(left) !== typeOf(right)) return false;
  return canonical(left) === canonical(right);
}

/** A value's one spelling: numbers without zeros at the ends, sets and maps in order. */
function canonical(value: AttributeValue): string {
  const type = typeOf(value);
  const content = value[type];
  switch (type) {
    case 'N':
      return `N ${plainNumber(content as string)}`;
    case 'NS':
      return `NS ${JSON.stringify((content as string[]).map(plainNumber).sort())}`;
    case 'SS':
    case 'BS':
      return `${type} ${JSON.stringify([...(content as string[])].sort())}`;
    case 'L':
      return `L ${JSON.stringify((content as AttributeValue[]).map(canonical))}`;
    case 'M': {
      const members = Object.entries(content as AttributeMap).map(([name, member]) => [name, canonical(member)]);
      return `M ${JSON.stringify(members.sort(([a = ''], [b = '']) => (a < b ? -1 : 1)))}`;
    }
    default:
      return `${type} ${JSON.stringify(content)}`;
  }
}

/** `-12.50e1` is `-125`: sign, digits without zeros at the ends, exponent. */
function plainNumber(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^([-+]?)0*(\d*)\.?(\d*)(?:[eE]([-+]?\d+))?$/.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const trimmed = digits.replace(/0+$/, '');
  if (trimmed === '') return '0';
  const power = Number(exponent) - fraction.length + (digits.length - trimmed.length);
  return `${sign === '-' ? '-' : ''}${trimmed}e${power}`;
}

function ordered(left: Value, right: Value, accepts: (order: number) => boolean): boolean {
  if (!left || !right || typeOf(left) !== typeOf(right)) return false;
  const type = typeOf(left);
  if (type === 'N') return accepts(compareNumbers(left.N as string, right.N as string));
  if (type !== 'S' && type !== 'B') return false;
  const encoding = type === 'S' ? 'utf8' : 'base64';
  return accepts(
    Buffer.compare(Buffer.from(left[type] as string, encoding), Buffer.from(right[type] as string, encoding)),
  );
}

/** Up to 38 digits, so not by floating point alone. */
function compareNumbers(left: string, right: string): number {
  const a = plainNumber(left);
  const b = plainNumber(right);
  if (a === b) return 0;
  const rough = Number(left) - Number(right);
  if (Math.abs(rough) > Math.abs(Number(left)) * 1e-12) return Math.sign(rough);
  const scaled = [a, b].map((text) => text.split('e') as [string, string?]);
  const lowest = Math.min(...scaled.map(([, power = '0']) => Number(power)));
  const [x, y] = scaled.map(([digits, power = '0']) => BigInt(digits) * 10n ** BigInt(Number(power) - lowest));
  return x! < y! ? -1 : 1;
}

function startsWith(value: Value, prefix: Value): boolean {
  if (typeof value?.S === 'string' && typeof prefix?.S === 'string') return value.S.startsWith(prefix.S);
  if (typeof value?.B !== 'string' || typeof prefix?.B !== 'string') return false;
  const wanted = Buffer.from(prefix.B, 'base64');
  return Buffer.from(value.B, 'base64').subarray(0, wanted.length).equals(wanted);
}

function contains(value: Value, part: Value): boolean {
  if (!value || !part) return false;
  const type = typeOf(value);
  if (type === 'S') return typeof part.S === 'string' && (value.S as string).includes(part.S);
  if (type === 'B') {
    return (
      typeof part.B === 'string' && Buffer.from(value.B as string, 'base64').includes(Buffer.from(part.B, 'base64'))
    );
  }
  if (type === 'L') return (value.L as AttributeValue[]).some((member) => equal(member, part));
  const member = { SS: 'S', NS: 'N', BS: 'B' }[type];
  return member !== undefined && (value[type] as string[]).some((content) => equal({ [member]: content }, part));
}
