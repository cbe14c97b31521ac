import { uniqueIdOf } from '../../principal-id.ts';
import type { Call, Cloud, Service } from '../../service.ts';
import { ServiceError } from '../../service.ts';

const DEFAULT_SESSION_SECONDS = 3600;

/** Who calls, and other roles' credentials. */
export function createStsService(cloud: Cloud): Service {
  return {
    name: 'sts',
    operations: {
      GetCallerIdentity: {
        members: [],
        needs: () => [],
        run: async ({ principal }) => ({
          UserId: uniqueIdOf(principal),
          Account: cloud.account,
          Arn: principal.arn,
        }),
      },
      AssumeRole: {
        members: ['RoleArn', 'RoleSessionName', 'DurationSeconds'],
        needs: ({ input }) => [{ action: 'sts:AssumeRole', resource: input.RoleArn }],
        run: (call) => assumeRole(cloud, call),
      },
    },
  };
}

async function assumeRole(cloud: Cloud, { input, principal }: Call) {
  const session: unknown = input.RoleSessionName;
  if (typeof session !== 'string' || !/^[\w+=,.@-]{2,64}$/.test(session)) {
    throw new ServiceError(
      'ValidationError',
      `expected a RoleSessionName of 2–64 of A–Z a–z 0–9 + = , . @ _ -, got ${session}`,
    );
  }
  const assumed = await cloud.assume(input.RoleArn, session, principal.arn);
  const { accessKeyId, secretAccessKey, sessionToken } = cloud.credentialsFor(assumed);
  const seconds = Number(input.DurationSeconds ?? DEFAULT_SESSION_SECONDS);
  return {
    Credentials: {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      SessionToken: sessionToken,
      Expiration: new Date(cloud.clock.now() + seconds * 1000),
    },
    AssumedRoleUser: { Arn: assumed.arn, AssumedRoleId: uniqueIdOf(assumed) },
  };
}
