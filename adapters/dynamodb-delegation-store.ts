import type { ApprovalRequest, Approver } from '../domain/approval/approval-request.ts';
import type { RecordedDelegation } from '../domain/approval/delegation.ts';
import type { DelegationStore } from '../domain/approval/ports.ts';
import type { AuditEvent } from '../domain/audit.ts';
import { changeRequest } from './dynamodb-approval-items.ts';
import { withoutKeys } from './dynamodb-lineage-store.ts';
import { type DynamoDbTable, keys, type TransactItem } from './dynamodb-table.ts';

/** Delegations in a partition of their own, and the seats that move by them. */
export class DynamoDbDelegationStore implements DelegationStore {
  readonly #table: DynamoDbTable;

  constructor(table: DynamoDbTable) {
    this.#table = table;
  }

  async list(): Promise<RecordedDelegation[]> {
    const { pk } = keys.delegation('', '');
    return (await this.#table.query<RecordedDelegation>(pk, 'AWAY#')).map((row) => withoutKeys(row)!);
  }

  moveSeats(
    request: ApprovalRequest,
    approvers: readonly Approver[],
    audit: AuditEvent,
    recorded?: RecordedDelegation,
  ): Promise<boolean> {
    const writes = [changeRequest(request, { approvers }, { pendingAt: this.#table.now().toISOString() })];
    if (recorded) writes.push(delegationItem(recorded));
    return this.#table.holds(() => this.#table.transactAudited(request.model, audit, writes));
  }

  end(
    { person, from, until: before }: RecordedDelegation,
    until: string,
    model: string,
    audit: AuditEvent,
  ): Promise<boolean> {
    const write: TransactItem = {
      Update: {
        Key: keys.delegation(person, from),
        UpdateExpression: 'SET #until = :until',
        ConditionExpression: '#until = :before',
        ExpressionAttributeNames: { '#until': 'until' },
        ExpressionAttributeValues: { ':until': until, ':before': before },
      },
    };
    return this.#table.holds(() => this.#table.transactAudited(model, audit, [write]));
  }
}

const delegationItem = (delegation: RecordedDelegation): TransactItem => ({
  Put: {
    Item: { ...keys.delegation(delegation.person, delegation.from), ...delegation },
    // One that was ended on its first day may be made anew.
    ConditionExpression: 'attribute_not_exists(pk) OR #until <= #from',
    ExpressionAttributeNames: { '#until': 'until', '#from': 'from' },
  },
});
