import type { ServedModel, ServedModels } from '../domain/monitoring/ports.ts';
import type { DynamoDbTable } from './dynamodb-table.ts';

/** What `byLookup` finds the rows of serving models under; the row is given it with its first champion. */
export const SERVED = 'SERVED';

/** Serving models, by the table's index. */
export class DynamoDbServedModels implements ServedModels {
  readonly #table: DynamoDbTable;

  constructor(table: DynamoDbTable) {
    this.#table = table;
  }

  async listServed(): Promise<string[]> {
    return (await this.listServedModels()).map(({ model }) => model);
  }

  listServedModels(): Promise<ServedModel[]> {
    return this.#table.lookUp<ServedModel>(SERVED);
  }
}
