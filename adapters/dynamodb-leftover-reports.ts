import type { LeftoverReports } from '../domain/leftovers/ports.ts';
import { type DynamoDbTable, keys } from './dynamodb-table.ts';

/** One row per day on which operators were told what is left over. */
export class DynamoDbLeftoverReports implements LeftoverReports {
  readonly #table: DynamoDbTable;

  constructor(table: DynamoDbTable) {
    this.#table = table;
  }

  claim(date: string): Promise<boolean> {
    const Put = { Item: { ...keys.leftovers(date), date }, ConditionExpression: 'attribute_not_exists(pk)' };
    return this.#table.holds(() => this.#table.transact([{ Put }]));
  }
}
