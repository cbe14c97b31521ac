import type { AuditEvent } from '../domain/audit.ts';
import { checkMayDeploy } from '../domain/deployment/lease.ts';
import type { DeploymentLease } from '../domain/deployment/ports.ts';
import { ApprovalRevokedError, UnlawfulTransitionError } from '../domain/errors.ts';
import type { ModelRow } from '../domain/model.ts';
import { lawfulBefore } from '../domain/release.ts';
import { DynamoDbLineageStore, moveItem } from './dynamodb-lineage-store.ts';
import { ConditionFailedError, type DynamoDbTable, keys, type TransactItem } from './dynamodb-table.ts';

const ATTEMPTS = 6;

/** The model's lease, taken in the transaction that moves the release to Deploying. */
export class DynamoDbDeploymentLease implements DeploymentLease {
  readonly #table: DynamoDbTable;
  readonly #lineage: DynamoDbLineageStore;

  constructor(table: DynamoDbTable) {
    this.#table = table;
    this.#lineage = new DynamoDbLineageStore(table);
  }

  async beginDeployment(model: string, release: number, audit: AuditEvent): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const { status, version } = await this.#lineage.getRelease(model, release);
      if (status === 'Deploying') return;
      if (!lawfulBefore('Deploying').includes(status)) {
        throw new UnlawfulTransitionError(`expected release ${model}/${release} in AwaitingApproval, got ${status}`);
      }
      const row = await this.#lineage.getModel(model);
      const holder =
        row.activeRelease === undefined ? undefined : await this.#lineage.getRelease(model, row.activeRelease);
      checkMayDeploy(row, release, holder);
      try {
        await this.#table.transactAudited(model, audit, [
          takeLease(row, release),
          moveItem(keys.release(model, release), 'Deploying', lawfulBefore('Deploying'), {}),
          ...(version === undefined ? [] : [stillApproved(model, version)]),
        ]);
        return;
      } catch (error) {
        if (!(error instanceof ConditionFailedError) || attempt === ATTEMPTS) throw error;
        if (error.failed[2]) throw new ApprovalRevokedError(`the approval of version ${version} was taken back`);
      }
    }
  }
}

/** An approval that is taken back in the same moment is either seen here, or comes after the deployment began. */
const stillApproved = (model: string, version: number): TransactItem => ({
  ConditionCheck: {
    Key: keys.version(model, version),
    ConditionExpression: 'attribute_not_exists(approval.revoked)',
  },
});

/** Where lease and newest question are as they were read. */
function takeLease({ model, activeRelease, newestAsked }: ModelRow, release: number): TransactItem {
  const as = (name: string, value: number | undefined) =>
    value === undefined ? `attribute_not_exists(${name})` : `${name} = :${name}`;
  return {
    Update: {
      Key: keys.model(model),
      UpdateExpression: 'SET activeRelease = :release',
      ConditionExpression: [
        'attribute_exists(pk)',
        'attribute_not_exists(rollingBack)',
        as('activeRelease', activeRelease),
        as('newestAsked', newestAsked),
      ].join(' AND '),
      ExpressionAttributeValues: {
        ':release': release,
        ...(activeRelease !== undefined && { ':activeRelease': activeRelease }),
        ...(newestAsked !== undefined && { ':newestAsked': newestAsked }),
      },
    },
  };
}
