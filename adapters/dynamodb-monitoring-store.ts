import type { AuditEvent } from '../domain/audit.ts';
import type { TimeWindow } from '../domain/drift/persistence.ts';
import { type OwedEvent, owedOfBeginning, owedOfEnd, owedOfWindow } from '../domain/monitoring/events.ts';
import type { MonitoringBaseline } from '../domain/monitoring/monitoring-baseline.ts';
import type { MonitoringStore } from '../domain/monitoring/ports.ts';
import type { RetrainRow } from '../domain/monitoring/retrain-decision.ts';
import type {
  Detector,
  DetectorState,
  Expectation,
  IncidentAnswer,
  IncidentRow,
  ProfileRow,
  WindowRow,
} from '../domain/monitoring/rows.ts';
import { type DynamoDbTable, held, keys, type TransactItem } from './dynamodb-table.ts';

/** What `byLookup` finds open incidents under, of all models. */
export const OPEN_INCIDENT = 'OPEN_INCIDENT';

const DAY_MS = 86_400_000;

/** Profiles, windows and incidents in the one table. */
export class DynamoDbMonitoringStore implements MonitoringStore {
  readonly #table: DynamoDbTable;

  constructor(table: DynamoDbTable) {
    this.#table = table;
  }

  async listProfiles(model: string, version: number, during: TimeWindow): Promise<ProfileRow[]> {
    const rows: ProfileRow[] = [];
    const firstDay = Date.parse(`${during.start.slice(0, 10)}T00:00:00.000Z`);
    for (let day = firstDay; day < Date.parse(during.end); day += DAY_MS) {
      const { pk, sk } = keys.profile(model, version, new Date(day).toISOString().slice(0, 10));
      rows.push(...(await this.#table.query<ProfileRow>(pk, sk)));
    }
    return rows.filter(({ hour }) => hour >= during.start && hour < during.end);
  }

  async saveProfile(row: ProfileRow, seen: string | undefined): Promise<boolean> {
    const Item = { ...keys.profile(row.model, row.version, row.hour.slice(0, 13)), ...row };
    const condition =
      seen === undefined
        ? { ConditionExpression: 'attribute_not_exists(pk)' }
        : { ConditionExpression: 'revision = :seen', ExpressionAttributeValues: { ':seen': seen } };
    return held(() => this.#table.transact([{ Put: { Item, ...condition } }]));
  }

  async lastWindows(model: string, version: number, most: number): Promise<WindowRow[]> {
    const { pk, sk } = keys.window(model, version, '');
    return (await this.#table.query<WindowRow>(pk, sk, { newestFirst: true, limit: most })).reverse();
  }

  findWindow(model: string, version: number, start: string): Promise<WindowRow | undefined> {
    return this.#table.get<WindowRow>(keys.window(model, version, start));
  }

  async saveWindow(row: WindowRow, audit: AuditEvent): Promise<boolean> {
    const Item = { ...keys.window(row.model, row.version, row.start), ...row };
    return held(() =>
      this.#table.transactAudited(row.model, audit, [
        { Put: { Item, ConditionExpression: 'attribute_not_exists(pk)' } },
        ...owedOfWindow(row).map(owing),
      ]),
    );
  }

  async recordSettled(row: WindowRow, at: string): Promise<void> {
    await held(() =>
      this.#table.transact([
        {
          Update: {
            Key: keys.window(row.model, row.version, row.start),
            UpdateExpression: 'SET settledAt = :at',
            ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(settledAt)',
            ExpressionAttributeValues: { ':at': at },
          },
        },
      ]),
    );
  }

  async openIncident(model: string, detector: Detector): Promise<IncidentRow | undefined> {
    const lease = await this.#table.get<{ openStart?: string }>(leaseKey(model, detector));
    return lease?.openStart === undefined
      ? undefined
      : this.#table.get<IncidentRow>(keys.incident(model, detector, lease.openStart));
  }

  async detectorState(model: string, detector: Detector): Promise<DetectorState> {
    const lease = await this.#table.get<{ openStart?: string; expected?: Expectation }>(leaseKey(model, detector));
    const open = lease?.openStart === undefined ? undefined : await this.findIncident(model, detector, lease.openStart);
    return { ...(open && { open }), ...(lease?.expected && { expected: lease.expected }) };
  }

  findIncident(model: string, detector: Detector, start: string): Promise<IncidentRow | undefined> {
    return this.#table.get<IncidentRow>(keys.incident(model, detector, start));
  }

  async listIncidents(model: string): Promise<IncidentRow[]> {
    const { pk } = keys.model(model);
    const rows = await this.#table.query<Partial<IncidentRow>>(pk, 'INCIDENT#');
    // A detector's lease stands among them, without a start.
    return rows.filter((row): row is IncidentRow => row.start !== undefined);
  }

  async acknowledgeIncident(row: IncidentRow, answer: IncidentAnswer, audit: AuditEvent): Promise<boolean> {
    return held(() =>
      this.#table.transactAudited(row.model, audit, [
        {
          Update: {
            Key: keys.incident(row.model, row.detector, row.start),
            UpdateExpression: 'SET acknowledged = :answer',
            ConditionExpression: '#status = :open AND attribute_not_exists(acknowledged)',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: { ':answer': answer, ':open': 'Open' },
          },
        },
      ]),
    );
  }

  async expectIncident(
    row: IncidentRow,
    answer: IncidentAnswer & { readonly until: string },
    audit: AuditEvent,
  ): Promise<boolean> {
    const { by, until } = answer;
    const because = `expected until ${until}, says ${by}`;
    return held(() =>
      this.#table.transactAudited(row.model, audit, [
        closing(row, answer.at, because, answer),
        owing(owedOfEnd(row, answer.at, `expected until ${until.slice(0, 10)}`)),
        {
          Update: {
            Key: leaseKey(row.model, row.detector),
            UpdateExpression: 'SET expected = :expected REMOVE openStart',
            ConditionExpression: 'openStart = :start',
            ExpressionAttributeValues: { ':start': row.start, ':expected': { features: row.features, until, by } },
          },
        },
      ]),
    );
  }

  async raiseIncident(row: IncidentRow, audit: AuditEvent): Promise<boolean> {
    const Item = { ...keys.incident(row.model, row.detector, row.start), ...row, lookup: OPEN_INCIDENT };
    return held(() =>
      this.#table.transactAudited(row.model, audit, [
        { Put: { Item, ConditionExpression: 'attribute_not_exists(pk)' } },
        {
          Update: {
            Key: leaseKey(row.model, row.detector),
            UpdateExpression: 'SET openStart = :start',
            ConditionExpression: 'attribute_not_exists(openStart)',
            ExpressionAttributeValues: { ':start': row.start },
          },
        },
        ...owedOfBeginning(row).map(owing),
      ]),
    );
  }

  async claimTelling(row: IncidentRow, at: string, staleBefore: string): Promise<boolean> {
    return held(() =>
      this.#table.transact([
        {
          Update: {
            Key: keys.incident(row.model, row.detector, row.start),
            UpdateExpression: 'SET tellingSince = :at',
            ConditionExpression:
              'attribute_exists(pk) AND attribute_not_exists(notifiedAt) AND (attribute_not_exists(tellingSince) OR tellingSince < :stale)',
            ExpressionAttributeValues: { ':at': at, ':stale': staleBefore },
          },
        },
      ]),
    );
  }

  async releaseTelling(row: IncidentRow, at: string): Promise<void> {
    await held(() =>
      this.#table.transact([
        {
          Update: {
            Key: keys.incident(row.model, row.detector, row.start),
            UpdateExpression: 'REMOVE tellingSince',
            ConditionExpression: 'tellingSince = :at',
            ExpressionAttributeValues: { ':at': at },
          },
        },
      ]),
    );
  }

  async recordNotified(
    row: IncidentRow,
    at: string,
    toldTo: readonly string[],
    audit: AuditEvent,
    fleet?: string,
  ): Promise<void> {
    await held(() =>
      this.#table.transactAudited(row.model, audit, [
        {
          Update: {
            Key: keys.incident(row.model, row.detector, row.start),
            UpdateExpression: `SET notifiedAt = :at, toldTo = :toldTo${fleet === undefined ? '' : ', toldAs = :fleet'}`,
            ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(notifiedAt)',
            ExpressionAttributeValues: {
              ':at': at,
              ':toldTo': toldTo,
              ...(fleet !== undefined && { ':fleet': fleet }),
            },
          },
        },
      ]),
    );
  }

  async closeIncident(row: IncidentRow, at: string, because: string, audit: AuditEvent): Promise<void> {
    const release: TransactItem = {
      Update: {
        Key: leaseKey(row.model, row.detector),
        UpdateExpression: 'REMOVE openStart',
        ConditionExpression: 'openStart = :start',
        ExpressionAttributeValues: { ':start': row.start },
      },
    };
    await held(() =>
      this.#table.transactAudited(row.model, audit, [
        closing(row, at, because),
        release,
        owing(owedOfEnd(row, at, because)),
      ]),
    );
  }

  listOwedEvents(model?: string): Promise<OwedEvent[]> {
    const { pk, sk } = keys.owedEvent(model ?? '', '');
    return this.#table.query<OwedEvent>(pk, model === undefined ? '' : sk);
  }

  async forgetEvent({ since, event }: OwedEvent): Promise<void> {
    await this.#table.transact([{ Delete: { Key: keys.owedEvent(event.detail.model, since, event.detail.id) } }]);
  }

  async currentBaseline(model: string, version: number): Promise<MonitoringBaseline | undefined> {
    const { pk, sk } = keys.baseline(model, version, 0);
    const prefix = sk.slice(0, sk.lastIndexOf('#') + 1);
    const [newest] = await this.#table.query<MonitoringBaseline>(pk, prefix, { newestFirst: true, limit: 1 });
    return newest;
  }

  async setBaseline(row: MonitoringBaseline, audit: AuditEvent): Promise<boolean> {
    const Item = { ...keys.baseline(row.model, row.version, row.number), ...row };
    return held(() =>
      this.#table.transactAudited(row.model, audit, [
        { Put: { Item, ConditionExpression: 'attribute_not_exists(pk)' } },
      ]),
    );
  }

  findRetrainDecision(model: string, id: string): Promise<RetrainRow | undefined> {
    return this.#table.get<RetrainRow>(keys.retrain(model, id));
  }

  async listRetrainDecisions(model: string): Promise<RetrainRow[]> {
    const rows = await this.#table.query<RetrainRow>(keys.model(model).pk, 'RETRAIN#');
    return rows.sort((a, b) => (a.askedAt < b.askedAt ? -1 : 1));
  }

  async keepRetrainDecision(row: RetrainRow, audit: AuditEvent | undefined): Promise<void> {
    const put: TransactItem = {
      Put: {
        Item: { ...keys.retrain(row.model, row.id), ...row },
        ConditionExpression: 'attribute_not_exists(pk) OR #decision = :refused',
        ExpressionAttributeNames: { '#decision': 'decision' },
        ExpressionAttributeValues: { ':refused': 'refused' },
      },
    };
    await held(() => (audit ? this.#table.transactAudited(row.model, audit, [put]) : this.#table.transact([put])));
  }
}

const closing = (row: IncidentRow, at: string, because: string, expected?: IncidentRow['expected']): TransactItem => ({
  Update: {
    Key: keys.incident(row.model, row.detector, row.start),
    UpdateExpression: `SET #status = :closed, closedAt = :at, closedBecause = :because${expected ? ', expected = :expected' : ''} REMOVE #lookup`,
    ConditionExpression: '#status = :open',
    ExpressionAttributeNames: { '#status': 'status', '#lookup': 'lookup' },
    ExpressionAttributeValues: {
      ':closed': 'Closed',
      ':open': 'Open',
      ':at': at,
      ':because': because,
      ...(expected && { ':expected': expected }),
    },
  },
});

/** Written with what it tells of, so that a bus that does not answer loses none. */
const owing = ({ since, event }: OwedEvent): TransactItem => ({
  Put: { Item: { ...keys.owedEvent(event.detail.model, since, event.detail.id), since, event } },
});

/** Which incident of a detector is open: what keeps it to one at a time. */
const leaseKey = (model: string, detector: Detector) => ({ ...keys.model(model), sk: `INCIDENT#${detector}` });
