import { NotImplementedError, ServiceError } from '../service.ts';

/** Context of one request: condition key (any case) → value or values. */
export type Context = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Operator (`ForAllValues:StringLikeIfExists`) → key → expected values. */
export type ConditionBlock = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** Principals by kind (`AWS`, `Service`, …); `*` alone is `{ AWS: ['*'] }`. */
type Principals = ReadonlyMap<string, readonly string[]>;

/** One statement in the shape the decision works on: lists everywhere. */
export interface Statement {
  readonly sid: string | undefined;
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  /** True for NotAction: the statement applies to every action but these. */
  readonly actionsExcluded: boolean;
  /** Undefined in a trust policy, whose resource is the role itself. */
  readonly resources: readonly string[] | undefined;
  readonly resourcesExcluded: boolean;
  /** Undefined in an identity policy, whose principal is its owner. */
  readonly principals: Principals | undefined;
  readonly conditions: ConditionBlock;
}

const ELEMENTS = new Set([
  'Sid',
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Principal',
  'NotPrincipal',
  'Condition',
]);

/**
 * Reads a policy document.
 *
 * @param document JSON from a template or an API call
 * @throws {ServiceError} MalformedPolicyDocument, naming the element
 * @throws {NotImplementedError} NotPrincipal
 */
export function statementsOf(document: unknown): Statement[] {
  if (!isRecord(document)) throw malformed(`expected a policy object, got ${typeof document}`);
  const statements = document.Statement;
  return (Array.isArray(statements) ? statements : [statements]).map(statementOf);
}

function statementOf(raw: unknown): Statement {
  if (!isRecord(raw)) throw malformed(`expected a statement object, got ${JSON.stringify(raw)}`);
  for (const element of Object.keys(raw)) {
    if (!ELEMENTS.has(element)) throw malformed(`expected a statement element, got ${element}`);
  }
  if (raw.NotPrincipal !== undefined) throw new NotImplementedError('iam:Policy NotPrincipal');
  if (raw.Effect !== 'Allow' && raw.Effect !== 'Deny') {
    throw malformed(`expected Effect Allow or Deny, got ${JSON.stringify(raw.Effect)}`);
  }
  const actions = raw.Action ?? raw.NotAction;
  if (actions === undefined) throw malformed('expected Action or NotAction, got neither');
  const resources = raw.Resource ?? raw.NotResource;
  return {
    sid: typeof raw.Sid === 'string' ? raw.Sid : undefined,
    effect: raw.Effect,
    actions: texts(actions, 'Action'),
    actionsExcluded: raw.Action === undefined,
    resources: resources === undefined ? undefined : texts(resources, 'Resource'),
    resourcesExcluded: raw.Resource === undefined && resources !== undefined,
    principals: raw.Principal === undefined ? undefined : principalsOf(raw.Principal),
    conditions: conditionsOf(raw.Condition),
  };
}

function principalsOf(raw: unknown): Principals {
  if (raw === '*') return new Map([['AWS', ['*']]]);
  if (!isRecord(raw)) throw malformed(`expected "*" or an object as Principal, got ${JSON.stringify(raw)}`);
  return new Map(Object.entries(raw).map(([kind, values]) => [kind, texts(values, 'Principal')]));
}

function conditionsOf(raw: unknown): ConditionBlock {
  if (raw === undefined) return {};
  if (!isRecord(raw)) throw malformed(`expected an object as Condition, got ${JSON.stringify(raw)}`);
  return Object.fromEntries(
    Object.entries(raw).map(([operator, keys]) => {
      if (!isRecord(keys)) throw malformed(`expected an object under ${operator}, got ${JSON.stringify(keys)}`);
      return [
        operator,
        Object.fromEntries(Object.entries(keys).map(([key, values]) => [key, texts(values, `Condition ${key}`)])),
      ];
    }),
  );
}

function texts(raw: unknown, element: string): string[] {
  return (Array.isArray(raw) ? raw : [raw]).map((value) => {
    if (typeof value === 'string') return value;
    if (typeof value === 'boolean' || typeof value === 'number') return String(value);
    throw malformed(`expected text in ${element}, got ${JSON.stringify(value)}`);
  });
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const malformed = (message: string): ServiceError => new ServiceError('MalformedPolicyDocument', message);
