import { NotImplementedError, ServiceError } from '../../service.ts';
import type { EngineAction } from './engine.ts';
import type { AttributeMap } from './item.ts';

const MOST_ACTIONS = 100;
const LONGEST_TOKEN = 36;
const MOST_BYTES = 4 * 1024 * 1024;

/** A single-item write's input, as far as it is looked at here. */
export interface WriteInput {
  readonly TableName: string;
  readonly Key?: AttributeMap;
  readonly Item?: AttributeMap;
  readonly ReturnValuesOnConditionCheckFailure?: string;
}

/** `{ Put: … }`, `{ Update: … }`, `{ Delete: … }` or `{ ConditionCheck: … }` */
export type TransactItem = Readonly<Record<string, WriteInput>>;

export interface CancellationReason {
  readonly Code: string;
  readonly Message?: string;
  readonly Item?: AttributeMap;
}

/** Members of a transaction's item that are implemented; the engine would drop any other in silence. */
const ITEM_MEMBERS: ReadonlySet<string> = new Set([
  'TableName',
  'Key',
  'Item',
  'UpdateExpression',
  'ConditionExpression',
  'ExpressionAttributeNames',
  'ExpressionAttributeValues',
  'ReturnValuesOnConditionCheckFailure',
]);

const KINDS = new Map<string, { readonly action: EngineAction; readonly required: readonly string[] }>([
  ['Put', { action: 'PutItem', required: ['item', 'tableName'] }],
  ['Update', { action: 'UpdateItem', required: ['key', 'updateExpression', 'tableName'] }],
  ['Delete', { action: 'DeleteItem', required: ['key', 'tableName'] }],
  // A check is a delete that is thrown away.
  ['ConditionCheck', { action: 'DeleteItem', required: ['key', 'tableName', 'conditionExpression'] }],
]);

/** @throws {ServiceError} ValidationException, NotImplemented */
export function actionOf(
  item: TransactItem,
  index: number,
): { action: EngineAction; input: WriteInput; checkOnly: boolean } {
  const [[kind, input] = ['nothing', undefined], ...more] = Object.entries(item);
  const known = KINDS.get(kind);
  if (!known || !input || more.length > 0) {
    if (input && !known) throw new NotImplementedError(`dynamodb:TransactWriteItems ${kind}`);
    throw new ServiceError('ValidationException', 'TransactItems can only contain one of Check, Put, Update or Delete');
  }
  const unknown = Object.keys(input).find((member) => !ITEM_MEMBERS.has(member));
  if (unknown) throw new NotImplementedError(`dynamodb:TransactWriteItems ${kind} ${unknown}`);
  const given = new Set(Object.keys(input).map(lowerFirst));
  const missing = known.required.find((member) => !given.has(member));
  if (missing) {
    const member = `transactItems.${index + 1}.member.${lowerFirst(kind)}.${missing}`;
    throw violated('null', member, 'Member must not be null');
  }
  return { action: known.action, input, checkOnly: kind === 'ConditionCheck' };
}

/** @throws {ServiceError} ValidationException for none, or more than a hundred */
export function checkCount(items: readonly object[]): void {
  if (items.length > MOST_ACTIONS)
    throw violated(
      JSON.stringify(items),
      'transactItems',
      `Member must have length less than or equal to ${MOST_ACTIONS}`,
    );
  if (items.length === 0) throw violated('[]', 'transactItems', 'Member must have length greater than or equal to 1');
}

/** @throws {ServiceError} ValidationException */
export function checkToken(token: string | undefined): void {
  if (token === undefined || (token.length >= 1 && token.length <= LONGEST_TOKEN)) return;
  const bound = token === '' ? 'greater than or equal to 1' : `less than or equal to ${LONGEST_TOKEN}`;
  throw violated(token, 'clientRequestToken', `Member must have length ${bound}`);
}

/** @throws {ServiceError} ValidationException for items of more than 4 MB together */
export function checkTotalSize(bytes: number): void {
  if (bytes <= MOST_BYTES) return;
  throw new ServiceError('ValidationException', `Transaction request size cannot exceed ${MOST_BYTES} bytes`);
}

export function cancelled(reasons: readonly CancellationReason[]): ServiceError {
  const codes = reasons.map(({ Code }) => Code).join(', ');
  return new ServiceError(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    400,
    { CancellationReasons: reasons },
  );
}

const violated = (value: string, member: string, constraint: string): ServiceError =>
  new ServiceError(
    'ValidationException',
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${constraint}`.replace(
      "Value 'null'",
      'Value null',
    ),
  );

const lowerFirst = (name: string): string => `${name[0]!.toLowerCase()}${name.slice(1)}`;
