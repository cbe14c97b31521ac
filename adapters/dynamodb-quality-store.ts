import type { UploadClaim } from '../domain/admission.ts';
import type { AuditEvent } from '../domain/audit.ts';
import type { QualityStore } from '../domain/quality/ports.ts';
import type { LabelFileRow, LabelFileStatus, QualityRow } from '../domain/quality/rows.ts';
import { claimItem } from './dynamodb-release-ledger.ts';
import { type DynamoDbTable, held, keys, type TransactItem } from './dynamodb-table.ts';

const DAY_MS = 86_400_000;

/** Files of outcomes and the windows they belong to, in the one table. */
export class DynamoDbQualityStore implements QualityStore {
  readonly #table: DynamoDbTable;

  constructor(table: DynamoDbTable) {
    this.#table = table;
  }

  async receiveLabels(row: LabelFileRow, claim: UploadClaim, audit: AuditEvent): Promise<boolean> {
    const Item = { ...keys.labels(row.model, row.receivedAt, row.id), ...row };
    const standing: TransactItem = {
      Update: {
        Key: standingKey(row.model),
        UpdateExpression: 'SET settledUntil = if_not_exists(settledUntil, :at)',
        ExpressionAttributeValues: { ':at': row.receivedAt },
      },
    };
    return this.#held(row.model, audit, [
      claimItem(claim),
      { Put: { Item, ConditionExpression: 'attribute_not_exists(pk)' } },
      standing,
    ]);
  }

  async listOpenLabelFiles(model: string, until: Date): Promise<LabelFileRow[]> {
    const standing = await this.#table.get<{ settledUntil: string }>(standingKey(model));
    if (!standing) return [];
    const rows = await this.listLabelFiles(model, new Date(standing.settledUntil), until);
    return rows.filter(({ status }) => status === 'Received' || status === 'Joined');
  }

  async listLabelFiles(model: string, from: Date, until: Date): Promise<LabelFileRow[]> {
    const rows: LabelFileRow[] = [];
    for (let day = Math.floor(from.getTime() / DAY_MS) * DAY_MS; day <= until.getTime(); day += DAY_MS) {
      const { pk, sk } = keys.labels(model, new Date(day).toISOString().slice(0, 10));
      rows.push(...(await this.#table.query<LabelFileRow>(pk, sk)));
    }
    const [first, last] = [from.toISOString(), until.toISOString()];
    return rows.filter(({ receivedAt }) => receivedAt >= first && receivedAt <= last);
  }

  async saveLabelFile(row: LabelFileRow, seen: LabelFileStatus, audit: AuditEvent): Promise<boolean> {
    const Item = { ...keys.labels(row.model, row.receivedAt, row.id), ...row };
    const condition = {
      ConditionExpression: '#status = :seen',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ':seen': seen },
    };
    return this.#held(row.model, audit, [{ Put: { Item, ...condition } }]);
  }

  async markSettledUntil(model: string, receivedAt: string): Promise<void> {
    const forward = {
      Key: standingKey(model),
      UpdateExpression: 'SET settledUntil = :at',
      ConditionExpression: 'settledUntil < :at',
      ExpressionAttributeValues: { ':at': receivedAt },
    };
    await held(() => this.#table.transact([{ Update: forward }]));
  }

  async listQuality(model: string, version: number, from: string): Promise<QualityRow[]> {
    const { pk, sk } = keys.quality(model, version, '');
    return (await this.#table.query<QualityRow>(pk, sk)).filter(({ start }) => start >= from);
  }

  async saveQuality(row: QualityRow, audit?: AuditEvent): Promise<boolean> {
    const Item = { ...keys.quality(row.model, row.version, row.start), ...row };
    const put: TransactItem = {
      Put:
        row.revision === 1
          ? { Item, ConditionExpression: 'attribute_not_exists(pk)' }
          : {
              Item,
              ConditionExpression: 'revision = :before',
              ExpressionAttributeValues: { ':before': row.revision - 1 },
            },
    };
    return audit ? this.#held(row.model, audit, [put]) : held(() => this.#table.transact([put]));
  }

  #held(model: string, audit: AuditEvent, items: readonly TransactItem[]): Promise<boolean> {
    return held(() => this.#table.transactAudited(model, audit, items));
  }
}

/** Up to when files are settled: what is looked at hourly does not grow with what was uploaded. */
const standingKey = (model: string) => ({ ...keys.model(model), sk: 'LABELS' });
