/** What the columns mean; `schema/schema.json` in training. */
export interface Schema {
  /** In the order of the training columns and of a request. */
  readonly features: readonly { readonly name: string; readonly type: 'numeric' | 'categorical' }[];
  readonly target: string;
  readonly positiveClass: string;
  readonly problem: 'binary-classification';
}

/** Data that is not as the schema says; the message is for whoever sent it. */
export class DataError extends Error {
  override readonly name = 'DataError';
}

/** @throws {DataError} */
export function parseSchema(text: string): Schema {
  const schema = JSON.parse(text) as Partial<Schema>;
  if (schema.problem !== 'binary-classification') {
    throw new DataError(`expected problem binary-classification, got ${schema.problem}`);
  }
  if (!schema.features?.length || !schema.target || schema.positiveClass === undefined) {
    throw new DataError('expected a schema with features, target and positiveClass');
  }
  return schema as Schema;
}
