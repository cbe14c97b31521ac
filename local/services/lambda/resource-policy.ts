import type { PolicyDocument } from '../../service.ts';
import type { FunctionRecord, Permission } from './function-record.ts';

/** The function's resource policy, as GetPolicy writes it; undefined where nobody was granted anything. */
export const resourcePolicyOf = ({ arn, permissions }: FunctionRecord): PolicyDocument | undefined =>
  permissions.length === 0
    ? undefined
    : { Version: '2012-10-17', Id: 'default', Statement: permissions.map((permission) => statement(arn, permission)) };

const statement = (arn: string, { sid, action, principal, sourceArn, sourceAccount }: Permission) => ({
  Sid: sid,
  Effect: 'Allow',
  Principal:
    principal === '*' ? '*' : principal.endsWith('.amazonaws.com') ? { Service: principal } : { AWS: principal },
  Action: action,
  Resource: arn,
  ...((sourceArn ?? sourceAccount) && {
    Condition: {
      ...(sourceAccount && { StringEquals: { 'AWS:SourceAccount': sourceAccount } }),
      ...(sourceArn && { ArnLike: { 'AWS:SourceArn': sourceArn } }),
    },
  }),
});
