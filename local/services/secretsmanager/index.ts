import { randomUUID } from 'node:crypto';
import { type Call, type Cloud, type Operation, type Service, ServiceError } from '../../service.ts';
import { type Secret, Secrets } from './secrets.ts';

/** Secrets Manager with text secrets. Every secret is under the account's own key, so there is no KMS permission to check. */
export function createSecretsManagerService(cloud: Cloud): Service {
  const secrets = new Secrets(cloud);
  const on = (members: readonly string[], run: (call: Call, secret: Secret) => unknown): Operation => ({
    members: ['SecretId', ...members],
    needs: ({ operation, input }) => [
      {
        action: `secretsmanager:${operation}`,
        resource: secrets.find(input.SecretId)?.arn ?? secrets.arnOf(input.SecretId),
      },
    ],
    run: async (call) => run(call, secrets.get(call.input.SecretId)),
  });
  return {
    name: 'secretsmanager',
    operations: {
      CreateSecret: {
        members: ['Name', 'SecretString', 'Description', 'ClientRequestToken', 'Tags'],
        needs: ({ input }) => [{ action: 'secretsmanager:CreateSecret', resource: secrets.arnOf(input.Name) }],
        run: async ({ input }) => {
          const { arn, name, versionId } = secrets.create(input.Name, input.SecretString, input.ClientRequestToken);
          return { ARN: arn, Name: name, VersionId: versionId };
        },
      },
      GetSecretValue: on(['VersionStage'], ({ input }, secret) => {
        if (secret.deletionDate !== undefined) throw marked();
        if ((input.VersionStage ?? 'AWSCURRENT') !== 'AWSCURRENT' || secret.text === undefined) throw noValue();
        return {
          ARN: secret.arn,
          Name: secret.name,
          VersionId: secret.versionId,
          SecretString: secret.text,
          VersionStages: ['AWSCURRENT'],
          CreatedDate: new Date(secret.changedAt),
        };
      }),
      PutSecretValue: on(['SecretString', 'ClientRequestToken'], ({ input }, secret) => {
        if (secret.deletionDate !== undefined) throw marked();
        const versionId = input.ClientRequestToken ?? randomUUID();
        secrets.put({ ...secret, text: input.SecretString, versionId, changedAt: cloud.clock.now() });
        return { ARN: secret.arn, Name: secret.name, VersionId: versionId, VersionStages: ['AWSCURRENT'] };
      }),
      DescribeSecret: on([], (_, secret) => ({
        ARN: secret.arn,
        Name: secret.name,
        LastChangedDate: new Date(secret.changedAt),
        ...(secret.deletionDate !== undefined && { DeletedDate: new Date(secret.deletionDate) }),
      })),
      DeleteSecret: on(['ForceDeleteWithoutRecovery', 'RecoveryWindowInDays'], ({ input }, secret) => {
        const days = input.ForceDeleteWithoutRecovery ? 0 : (input.RecoveryWindowInDays ?? 30);
        const deletionDate = cloud.clock.now() + days * 86_400_000;
        if (days === 0) secrets.remove(secret);
        else secrets.put({ ...secret, deletionDate });
        return { ARN: secret.arn, Name: secret.name, DeletionDate: new Date(deletionDate) };
      }),
    },
  };
}

const marked = (): ServiceError =>
  new ServiceError(
    'InvalidRequestException',
    "You can't perform this operation on the secret because it was marked for deletion.",
  );

const noValue = (): ServiceError =>
  new ServiceError(
    'ResourceNotFoundException',
    "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
  );
