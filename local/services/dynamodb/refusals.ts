import { ServiceError } from '../../service.ts';
import { type AttributeMap, type AttributeValue, itemSize, LARGEST_ITEM } from './item.ts';
import type { Table } from './tables.ts';

/** The engine counts UTF-16 units where DynamoDB counts bytes, and takes keys that no index can hold. */
export function refusedItem(item: AttributeMap, indexes: Table['indexes']): ServiceError | undefined {
  if (itemSize(item) > LARGEST_ITEM) return invalid('Item size has exceeded the maximum allowed size');
  for (const [index, keys] of Object.entries(indexes)) {
    const empty = keys.find(({ AttributeName: name }) => isEmpty(item[name]));
    if (empty) {
      return invalid(
        'One or more parameter values are not valid. A value specified for a secondary index key is not supported. ' +
          `The AttributeValue for a key attribute cannot contain an empty string value. IndexName: ${index}, IndexKey: ${empty.AttributeName}`,
      );
    }
  }
  return undefined;
}

interface Search {
  readonly Select?: string;
  readonly ProjectionExpression?: string;
  readonly KeyConditions?: Readonly<Record<string, { readonly AttributeValueList: readonly AttributeValue[] }>>;
}

/** A Query or Scan that the engine would run and DynamoDB refuses. */
export function refusedSearch({ Select, ProjectionExpression, KeyConditions = {} }: Search): ServiceError | undefined {
  if (Select === 'SPECIFIC_ATTRIBUTES' && ProjectionExpression === undefined) {
    return invalid('Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES');
  }
  if (Select !== undefined && Select !== 'SPECIFIC_ATTRIBUTES' && ProjectionExpression !== undefined) {
    return invalid(`Cannot specify the ProjectionExpression when choosing to get ${Select}`);
  }
  const empty = Object.entries(KeyConditions).find(([, { AttributeValueList: values }]) => values.some(isEmpty));
  if (!empty) return undefined;
  return invalid(
    `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: ${empty[0]}`,
  );
}

const isEmpty = (value: AttributeValue | undefined): boolean => value?.S === '' || value?.B === '';

const invalid = (message: string): ServiceError => new ServiceError('ValidationException', message);
