import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { decide } from '../../../local/iam/decide.ts';
import { statementsOf } from '../../../local/iam/policy.ts';
import type { Principal } from '../../../local/service.ts';

const account = '000000000000';
const roleArn = `arn:aws:iam::${account}:role/r`;
const principal: Principal = { kind: 'role', roleArn, arn: `arn:aws:sts::${account}:assumed-role/r/s` };

const action = fc.constantFrom('s3:GetObject', 's3:PutObject', 's3:*', 's3:Get*', 'sqs:SendMessage', '*');
const resource = fc.constantFrom('arn:aws:s3:::a/1', 'arn:aws:s3:::a/*', 'arn:aws:s3:::b/?', '*');
const condition = fc.constantFrom(
  undefined,
  { StringEquals: { 'aws:Team': 'x' } },
  { StringNotEquals: { 'aws:Team': 'x' } },
  { Null: { 'aws:Team': 'true' } },
);
const identity = fc
  .record({ Effect: fc.constantFrom('Allow', 'Deny'), Action: action, Resource: resource, Condition: condition })
  .map(({ Condition, ...statement }) => ({ ...statement, ...(Condition && { Condition }) }));
const named = fc.constantFrom(
  '*',
  { AWS: roleArn },
  { AWS: principal.arn },
  { AWS: account },
  { Service: 's3.amazonaws.com' },
);
const attached = fc.tuple(identity, named).map(([statement, Principal]) => ({ ...statement, Principal }));
const policies = fc.record({
  identity: fc.array(identity, { maxLength: 5 }),
  boundary: fc.option(fc.array(identity, { maxLength: 3 }), { nil: undefined }),
  resourcePolicy: fc.array(attached, { maxLength: 4 }),
  team: fc.constantFrom(undefined, 'x', 'y'),
  resourceDecides: fc.boolean(),
});
interface Policies {
  readonly identity: readonly object[];
  readonly boundary: readonly object[] | undefined;
  readonly resourcePolicy: readonly object[];
  readonly team: string | undefined;
  readonly resourceDecides: boolean;
}

const allowed = ({ identity, boundary, resourcePolicy, team, resourceDecides }: Policies): boolean =>
  decide({
    principal,
    account,
    action: 's3:GetObject',
    resource: 'arn:aws:s3:::a/1',
    context: { 'aws:Team': team },
    identity: statementsOf({ Statement: identity }),
    boundary: boundary && statementsOf({ Statement: boundary }),
    resourcePolicy: statementsOf({ Statement: resourcePolicy }),
    resourceDecides,
  }).allowed;

const implies = (a: boolean, b: boolean) => !a || b;

describe('whatever the policies', () => {
  it('one more Deny never allows more', () => {
    fc.assert(
      fc.property(policies, identity, (given, more) => {
        const denied = { ...given, identity: [...given.identity, { ...more, Effect: 'Deny' }] };
        return implies(allowed(denied), allowed(given));
      }),
    );
  });

  it('one more Allow never allows less', () => {
    fc.assert(
      fc.property(policies, identity, attached, (given, own, other) => {
        const identities = { ...given, identity: [...given.identity, { ...own, Effect: 'Allow' }] };
        const resources = { ...given, resourcePolicy: [...given.resourcePolicy, { ...other, Effect: 'Allow' }] };
        return implies(allowed(given), allowed(identities) && allowed(resources));
      }),
    );
  });

  it('a boundary never allows more', () => {
    fc.assert(fc.property(policies, (given) => implies(allowed(given), allowed({ ...given, boundary: undefined }))));
  });

  it('their order makes no difference', () => {
    fc.assert(
      fc.property(policies, (given) => {
        const reversed = {
          ...given,
          identity: given.identity.toReversed(),
          resourcePolicy: given.resourcePolicy.toReversed(),
        };
        return allowed(reversed) === allowed(given);
      }),
    );
  });
});
