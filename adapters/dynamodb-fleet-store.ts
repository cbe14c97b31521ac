import type { FleetIncident } from '../domain/monitoring/fleet.ts';
import type { FleetStore } from '../domain/monitoring/ports.ts';
import { type IncidentRow, incidentId } from '../domain/monitoring/rows.ts';
import { withoutKeys } from './dynamodb-lineage-store.ts';
import { OPEN_INCIDENT } from './dynamodb-monitoring-store.ts';
import { ConditionFailedError, type DynamoDbTable, keys, type TransactItem } from './dynamodb-table.ts';

/** As many rows as one transaction marks beside the fleet's own. */
const MOST_CHILDREN = 90;

/** Fleet incidents under a partition of their own; open incidents of all models by the table's index. */
export class DynamoDbFleetStore implements FleetStore {
  readonly #table: DynamoDbTable;

  constructor(table: DynamoDbTable) {
    this.#table = table;
  }

  listOpenIncidents(): Promise<IncidentRow[]> {
    return this.#table.lookUp<IncidentRow>(OPEN_INCIDENT);
  }

  async findFleet(id: string): Promise<FleetIncident | undefined> {
    return withoutKeys(await this.#table.get<FleetIncident>(keys.fleet(id)));
  }

  async joinFleet(fleet: FleetIncident, children: readonly IncidentRow[]): Promise<FleetIncident> {
    for (let from = 0; from < children.length; from += MOST_CHILDREN) {
      await this.#join(fleet, children.slice(from, from + MOST_CHILDREN));
    }
    return (await this.findFleet(fleet.id))!;
  }

  async #join(fleet: FleetIncident, children: readonly IncidentRow[]): Promise<void> {
    const { id, detector, shared, severity, openedAt } = fleet;
    await this.#table.transact([
      {
        Update: {
          Key: keys.fleet(id),
          UpdateExpression:
            'SET #id = :id, detector = :detector, #shared = :shared, severity = :severity, openedAt = if_not_exists(openedAt, :openedAt), #status = :open REMOVE closedAt ADD children :children',
          ExpressionAttributeNames: { '#id': 'id', '#shared': 'shared', '#status': 'status' },
          ExpressionAttributeValues: {
            ...{ ':id': id, ':detector': detector, ':shared': shared, ':severity': severity, ':openedAt': openedAt },
            ':open': 'Open',
            ':children': new Set(children.map(incidentId)),
          },
        },
      },
      ...children.map(
        ({ model, detector: of, start }): TransactItem => ({
          Update: {
            Key: keys.incident(model, of, start),
            UpdateExpression: 'SET fleet = if_not_exists(fleet, :id)',
            ConditionExpression: 'attribute_exists(pk)',
            ExpressionAttributeValues: { ':id': id },
          },
        }),
      ),
    ]);
  }

  claimFleetTelling(id: string, at: string, staleBefore: string): Promise<boolean> {
    return this.#held({
      Update: {
        Key: keys.fleet(id),
        UpdateExpression: 'SET tellingSince = :at',
        ConditionExpression:
          'attribute_exists(pk) AND attribute_not_exists(notifiedAt) AND (attribute_not_exists(tellingSince) OR tellingSince < :stale)',
        ExpressionAttributeValues: { ':at': at, ':stale': staleBefore },
      },
    });
  }

  async releaseFleetTelling(id: string, at: string): Promise<void> {
    await this.#held({
      Update: {
        Key: keys.fleet(id),
        UpdateExpression: 'REMOVE tellingSince',
        ConditionExpression: 'tellingSince = :at',
        ExpressionAttributeValues: { ':at': at },
      },
    });
  }

  async recordFleetNotified(id: string, at: string, toldTo: readonly string[]): Promise<void> {
    await this.#held({
      Update: {
        Key: keys.fleet(id),
        UpdateExpression: 'SET notifiedAt = if_not_exists(notifiedAt, :at), toldTo = :toldTo',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeValues: { ':at': at, ':toldTo': toldTo },
      },
    });
  }

  closeFleet(id: string, at: string): Promise<boolean> {
    return this.#held({
      Update: {
        Key: keys.fleet(id),
        UpdateExpression: 'SET #status = :closed, closedAt = :at',
        ConditionExpression: '#status = :open',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':closed': 'Closed', ':open': 'Open', ':at': at },
      },
    });
  }

  /** @returns whether its condition held */
  async #held(item: TransactItem): Promise<boolean> {
    try {
      await this.#table.transact([item]);
      return true;
    } catch (error) {
      if (error instanceof ConditionFailedError) return false;
      throw error;
    }
  }
}
