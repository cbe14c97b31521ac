import type { AuditEvent } from '../domain/audit.ts';
import type { ChampionStore } from '../domain/deployment/ports.ts';
import { NotFoundError, UnlawfulTransitionError } from '../domain/errors.ts';
import type { Champion, ModelRow } from '../domain/model.ts';
import { versionLawfulBefore } from '../domain/version.ts';
import { moveItem } from './dynamodb-lineage-store.ts';
import { SERVED } from './dynamodb-served-models.ts';
import { ConditionFailedError, type DynamoDbTable, keys, type TransactItem } from './dynamodb-table.ts';

/** The champion on the model's row, and the statuses of the two versions it changes. */
export class DynamoDbChampionStore implements ChampionStore {
  readonly #table: DynamoDbTable;

  constructor(table: DynamoDbTable) {
    this.#table = table;
  }

  async switchTo(model: string, champion: Champion, audit: AuditEvent): Promise<{ readonly previous?: number }> {
    const row = await this.#table.get<ModelRow>(keys.model(model));
    if (!row) throw new NotFoundError(`expected model ${model} to exist, got none`);
    const former = row.champion;
    if (former?.version === champion.version && former.endpointConfigName === champion.endpointConfigName) return {};
    const writes: TransactItem[] = [championItem(model, champion, former)];
    if (former?.version !== champion.version) {
      writes.push(
        moveItem(keys.version(model, champion.version), 'Deployed', versionLawfulBefore('Deployed'), {}),
        ...(former
          ? [moveItem(keys.version(model, former.version), 'Retired', versionLawfulBefore('Retired'), {})]
          : []),
      );
    }
    try {
      await this.#table.transactAudited(model, audit, writes);
    } catch (error) {
      if (!(error instanceof ConditionFailedError) || !error.failed.includes(true)) throw error;
      const [, version, retired] = error.items;
      throw new UnlawfulTransitionError(
        `expected version ${champion.version} to take over from ${former?.version ?? 'none'}, got ${
          error.failed[0]
            ? 'another champion meanwhile'
            : `it ${version?.status ?? 'as it should be'} and the former one ${retired?.status ?? 'as it should be'}`
        }`,
      );
    }
    return former && former.version !== champion.version ? { previous: former.version } : {};
  }
}

const championItem = (model: string, champion: Champion, former: Champion | undefined): TransactItem => ({
  Update: {
    Key: keys.model(model),
    UpdateExpression: 'SET champion = :champion, #lookup = :served',
    ExpressionAttributeNames: { '#lookup': 'lookup' },
    ConditionExpression: former
      ? 'attribute_exists(pk) AND champion.version = :former AND champion.endpointConfigName = :configuration'
      : 'attribute_exists(pk) AND attribute_not_exists(champion)',
    ExpressionAttributeValues: {
      ':champion': champion,
      ':served': SERVED,
      ...(former && { ':former': former.version, ':configuration': former.endpointConfigName }),
    },
  },
});
