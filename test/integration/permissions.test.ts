import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { runDemo } from '../../cli/demo/run-demo.ts';
import { loadExample } from '../../cli/example.ts';
import { deployedCloud } from '../support/deployed-cloud.ts';
import { synthesizeOnce } from '../support/synthesize-once.ts';

const folder = mkdtempSync(join(tmpdir(), 'launchway-permissions-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Policy {
  readonly Type: string;
  readonly Properties: { readonly PolicyDocument: { Statement: { readonly Action: string | string[] }[] } };
}

/** The synthesized app without one action in one role's policy, as if `lib/` had not granted it. */
async function assemblyWithout(policy: RegExp, action: string): Promise<string> {
  const assembly = join(folder, action.replace(':', '-'));
  cpSync(await synthesizeOnce(), assembly, { recursive: true });
  const file = join(assembly, 'Pipeline.template.json');
  const template = JSON.parse(readFileSync(file, 'utf8')) as { Resources: Record<string, Policy> };
  const [found, ...others] = Object.entries(template.Resources).filter(
    ([id, { Type }]) => Type === 'AWS::IAM::Policy' && policy.test(id),
  );
  expect([found?.[0], others]).toEqual([expect.any(String), []]);
  const document = found![1].Properties.PolicyDocument;
  const kept = document.Statement.filter(({ Action }) => ![Action].flat().includes(action));
  expect(kept.length).toBeLessThan(document.Statement.length);
  document.Statement = kept;
  writeFileSync(file, JSON.stringify(template));
  return assembly;
}

describe('a permission that lib/ no longer grants', () => {
  it.each([
    [
      /^ApproveModelRequestApprovalRoleDefaultPolicy/,
      'kms:GenerateMac',
      /launchway-local-request-approval/,
      /arn:aws:kms:[^ ]*:key\//,
    ],
    [/^ContainerRolesoperationstrainDefaultPolicy/, 's3:PutObject', /operations-train/, /launchway-local-artifacts-/],
  ])(
    '%s without %s: the demonstration fails and names role, action and resource',
    async (policy, action, role, resource) => {
      const cloud = await deployedCloud({ assembly: await assemblyWithout(policy, action) });
      try {
        const failure = await runDemo(cloud, await loadExample('flight-delays'), () => {}).then(
          () => undefined,
          (error: Error) => error.message,
        );
        expect(failure).toMatch(/^expected the release to be Deployed, got Failed: /);
        for (const part of [role, new RegExp(action), resource]) expect(failure).toMatch(part);
        expect(cloud.cloud.iam.denials.at(-1)).toMatchObject({ action });
        expect(cloud.reported.join('\n')).toMatch(action);
      } finally {
        await cloud.remove();
      }
    },
    240_000,
  );
});
