import type { AuditEvent } from '../domain/audit.ts';
import { NotFoundError, UnlawfulTransitionError } from '../domain/errors.ts';
import type { ModelRow } from '../domain/model.ts';
import type { LineageStore } from '../domain/ports.ts';
import { lawfulBefore, type ReleaseOutcome, type ReleaseRow, type ReleaseStatus } from '../domain/release.ts';
import { type VersionRow, versionLawfulBefore } from '../domain/version.ts';
import { ConditionFailedError, type DynamoDbTable, keys, type TransactItem } from './dynamodb-table.ts';

type Steps = Partial<ReleaseRow['steps']>;

/** Models, releases and versions in the one table; statuses move by condition, with their audit entry in the same transaction. */
export class DynamoDbLineageStore implements LineageStore {
  protected readonly table: DynamoDbTable;

  constructor(table: DynamoDbTable) {
    this.table = table;
  }

  async getModel(model: string): Promise<ModelRow> {
    return found(await this.findModel(model), `model ${model}`);
  }

  async findModel(model: string): Promise<ModelRow | undefined> {
    return withoutKeys(await this.table.get<ModelRow>(keys.model(model)));
  }

  async getRelease(model: string, release: number): Promise<ReleaseRow> {
    return found(
      withoutKeys(await this.table.get<ReleaseRow>(keys.release(model, release))),
      `release ${model}/${release}`,
    );
  }

  async getVersion(model: string, version: number): Promise<VersionRow> {
    return found(
      withoutKeys(await this.table.get<VersionRow>(keys.version(model, version))),
      `version ${model}/${version}`,
    );
  }

  async listReleases(model: string): Promise<ReleaseRow[]> {
    return (await this.table.query<ReleaseRow>(keys.model(model).pk, 'RELEASE#')).map((row) => withoutKeys(row)!);
  }

  async listVersions(model: string): Promise<VersionRow[]> {
    return (await this.table.query<VersionRow>(keys.model(model).pk, 'VERSION#')).map((row) => withoutKeys(row)!);
  }

  async moveRelease(
    model: string,
    release: number,
    next: ReleaseStatus,
    change: { readonly steps?: Steps; readonly outcome?: ReleaseOutcome },
    audit: AuditEvent,
  ): Promise<void> {
    const item = moveItem(keys.release(model, release), next, lawfulBefore(next), {
      ...prefixedSteps(change.steps ?? {}),
      ...(change.outcome && { outcome: change.outcome }),
    });
    await this.#move(model, audit, item, next, `release ${model}/${release}`);
  }

  async moveVersion(
    model: string,
    version: number,
    next: VersionRow['status'],
    change: { readonly evaluation?: VersionRow['evaluation']; readonly approval?: VersionRow['approval'] },
    audit: AuditEvent,
  ): Promise<void> {
    const item = moveItem(keys.version(model, version), next, versionLawfulBefore(next), { ...change });
    await this.#move(model, audit, item, next, `version ${model}/${version}`);
  }

  async recordSteps(model: string, release: number, steps: Steps, audit: AuditEvent): Promise<void> {
    const { steps: recorded } = await this.getRelease(model, release);
    const fresh = Object.fromEntries(
      Object.entries(steps).filter(([name, result]) => result !== undefined && !(name in recorded)),
    );
    if (Object.keys(fresh).length === 0) return;
    const { names, values, assignments } = assign(prefixedSteps(fresh));
    const absent = Object.keys(names)
      .filter((name) => name !== '#steps')
      .map((name) => `attribute_not_exists(#steps.${name})`);
    const item: TransactItem = {
      Update: {
        Key: keys.release(model, release),
        UpdateExpression: `SET ${assignments.join(', ')}`,
        ConditionExpression: ['attribute_exists(pk)', ...absent].join(' AND '),
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: values,
      },
    };
    try {
      await this.table.transactAudited(model, audit, [item]);
    } catch (error) {
      // Another delivery of the same task wrote a step between the look and the write; look again.
      if (!(error instanceof ConditionFailedError) || error.failed[0] !== true) throw error;
      await this.recordSteps(model, release, steps, audit);
    }
  }

  async #move(model: string, audit: AuditEvent, item: TransactItem, next: string, what: string): Promise<void> {
    try {
      await this.table.transactAudited(model, audit, [item]);
    } catch (error) {
      if (!(error instanceof ConditionFailedError) || error.failed[0] !== true) throw error;
      const row = error.items[0];
      if (!row) throw new NotFoundError(`expected ${what} to exist, got none`);
      if (row.status === next) return;
      throw new UnlawfulTransitionError(`expected ${what} in a status before ${next}, got ${row.status}`, {
        status: row.status,
        next,
      });
    }
  }
}

/** A status change with whatever it records; step results are written where none is. */
export function moveItem(
  key: { readonly pk: string; readonly sk: string },
  next: string,
  from: readonly string[],
  change: Readonly<Record<string, unknown>>,
): TransactItem {
  const { names, values, assignments } = assign(change);
  const lawful = Object.fromEntries(from.map((status, i) => [`:from${i}`, status]));
  return {
    Update: {
      Key: { pk: key.pk, sk: key.sk },
      UpdateExpression: `SET ${['#status = :next', ...assignments].join(', ')}`,
      ConditionExpression: `attribute_exists(pk) AND #status IN (${Object.keys(lawful).join(', ')})`,
      ExpressionAttributeNames: { '#status': 'status', ...names },
      ExpressionAttributeValues: { ':next': next, ...lawful, ...values },
    },
  };
}

const prefixedSteps = (steps: Steps) =>
  Object.fromEntries(Object.entries(steps).map(([name, result]) => [`steps.${name}`, result]));

/** SET clauses for top-level attributes and `steps.{name}`; members that are undefined are left out. */
function assign(change: Readonly<Record<string, unknown>>) {
  const names: Record<string, string> = {};
  const values: Record<string, unknown> = {};
  const assignments = Object.entries(change)
    .filter(([, value]) => value !== undefined)
    .map(([path, value], i) => {
      const step = path.startsWith('steps.') ? path.slice('steps.'.length) : undefined;
      const name = step === undefined ? `#a${i}` : `#s${i}`;
      names[name] = step ?? path;
      if (step !== undefined) names['#steps'] = 'steps';
      values[`:v${i}`] = value;
      const target = step === undefined ? name : `#steps.${name}`;
      return step === undefined ? `${target} = :v${i}` : `${target} = if_not_exists(${target}, :v${i})`;
    });
  return { names, values, assignments };
}

function found<Row>(row: Row | undefined, what: string): Row {
  if (row === undefined) throw new NotFoundError(`expected ${what} to exist, got none`);
  return row;
}

export function withoutKeys<Row>(row: Row | undefined): Row | undefined {
  if (row === undefined) return undefined;
  const { pk: _pk, sk: _sk, ...rest } = row as Row & { pk?: string; sk?: string };
  return rest as Row;
}
