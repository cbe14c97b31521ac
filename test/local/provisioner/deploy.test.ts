// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders are CloudFormation's own
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LocalCloud } from '../../../local/cloud.ts';
import { deploy, outputsOf } from '../../../local/provisioner/index.ts';
import type { Service } from '../../../local/service.ts';

let directory: string;
let cloud: LocalCloud;
let log: string[];

/** Records what it is asked for; a `Name` gives the ref, so that a changed one is a replacement. */
const recorder: Service = {
  name: 'recorder',
  operations: {},
  resources: {
    'Test::Thing': {
      properties: ['Name', 'Value', 'List'],
      create: async ({ logicalId, properties }) => {
        if (properties.Value === 'broken') throw new Error('no such value');
        log.push(`create ${logicalId} ${JSON.stringify(properties)}`);
        return made(properties.Name ?? logicalId);
      },
      update: async ({ logicalId, properties }) => {
        log.push(`update ${logicalId} ${JSON.stringify(properties)}`);
        return made(properties.Name ?? logicalId);
      },
      delete: async (_, { ref }) => {
        log.push(`delete ${ref}`);
      },
    },
  },
};
const made = (ref: string) => ({ ref, attributes: { Arn: `arn:${ref}`, 'Nested.Id': `id:${ref}` } });

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'provisioner-'));
  log = [];
  cloud = new LocalCloud({ stateDir: join(directory, 'state') });
  cloud.register(recorder);
});
afterEach(async () => {
  await cloud.stop();
  rmSync(directory, { recursive: true });
});

const thing = (Properties: object = {}, more: object = {}) => ({ Type: 'Test::Thing', Properties, ...more });

async function deployTemplates(templates: Record<string, object>, dependencies: Record<string, string[]> = {}) {
  const assembly = join(directory, 'cdk.out');
  mkdirSync(assembly, { recursive: true });
  const artifacts: Record<string, object> = {};
  for (const [name, template] of Object.entries(templates)) {
    writeFileSync(join(assembly, `${name}.template.json`), JSON.stringify(template));
    writeFileSync(
      join(assembly, `${name}.assets.json`),
      JSON.stringify({
        files: {
          abc: {
            source: { path: 'asset.abc', packaging: 'zip' },
            destinations: { here: { bucketName: 'assets-${AWS::AccountId}-${AWS::Region}', objectKey: 'abc.zip' } },
          },
        },
      }),
    );
    artifacts[name] = {
      type: 'aws:cloudformation:stack',
      properties: { templateFile: `${name}.template.json` },
      dependencies: dependencies[name] ?? [],
    };
    artifacts[`${name}.assets`] = { type: 'cdk:asset-manifest', properties: { file: `${name}.assets.json` } };
  }
  writeFileSync(join(assembly, 'manifest.json'), JSON.stringify({ artifacts }));
  const lines: string[] = [];
  const outputs = await deploy(cloud, assembly, { report: (line) => lines.push(line) });
  return { outputs, lines };
}

describe('a first deployment', () => {
  it('creates each resource after what it refers to, with intrinsics resolved', async () => {
    await deployTemplates({
      App: {
        Parameters: { Stage: { Type: 'String', Default: 'local' } },
        Mappings: { Sizes: { local: { memory: '512' } } },
        Conditions: {
          IsLocal: { 'Fn::Equals': [{ Ref: 'Stage' }, 'local'] },
          IsRemote: { 'Fn::Not': [{ Condition: 'IsLocal' }] },
        },
        Resources: {
          Last: thing({
            Value: { 'Fn::Sub': ['${First}/${First.Nested.Id}/${x}/${!kept}/${AWS::Region}', { x: { Ref: 'Stage' } }] },
          }),
          First: thing(
            {
              Value: { 'Fn::Join': [':', ['arn', { Ref: 'AWS::Partition' }, { 'Fn::GetAtt': ['Zero', 'Arn'] }]] },
              List: [
                { 'Fn::Select': [1, { 'Fn::Split': ['-', 'a-b'] }] },
                { Ref: 'AWS::NoValue' },
                { 'Fn::FindInMap': ['Sizes', { Ref: 'Stage' }, 'memory'] },
                { 'Fn::If': ['IsLocal', 'here', { Ref: 'AWS::NoValue' }] },
              ],
            },
            { DependsOn: 'Before' },
          ),
          Before: thing(),
          Zero: thing({ Name: { Ref: 'AWS::NoValue' } }),
          Never: thing({}, { Condition: 'IsRemote' }),
        },
      },
    });
    expect(log).toEqual([
      'create Before {}',
      'create Zero {}',
      'create First {"Value":"arn:aws:arn:Zero","List":["b","512","here"]}',
      'create Last {"Value":"First/id:First/local/${kept}/eu-west-1"}',
    ]);
  });

  it('creates stacks in their order and hands exports over', async () => {
    const { outputs } = await deployTemplates(
      {
        Pipeline: {
          Resources: { User: thing({ Value: { 'Fn::ImportValue': 'Storage:Bucket' } }) },
        },
        Storage: {
          Resources: { Bucket: thing() },
          Outputs: { Bucket: { Value: { 'Fn::GetAtt': 'Bucket.Arn' }, Export: { Name: 'Storage:Bucket' } } },
        },
      },
      { Pipeline: ['Storage'] },
    );
    expect(log).toEqual(['create Bucket {}', 'create User {"Value":"arn:Bucket"}']);
    expect(outputs).toEqual({ Storage: { Bucket: 'arn:Bucket' }, Pipeline: {} });
    expect(outputsOf(cloud.store)).toEqual(outputs);
  });

  it('tells the services where assets are', async () => {
    await deployTemplates({ App: { Resources: { A: thing() } } });
    expect(cloud.store.get('assets', 'assets-000000000000-eu-west-1/abc.zip')).toBe(
      join(directory, 'cdk.out/asset.abc'),
    );
  });
});

describe('a later deployment', () => {
  const app = (resources: object) => ({ App: { Resources: resources } });

  it('of the same template does nothing', async () => {
    await deployTemplates(app({ A: thing({ Value: 1 }), B: thing({ Value: { Ref: 'A' } }) }));
    log = [];
    expect((await deployTemplates(app({ A: thing({ Value: 1 }), B: thing({ Value: { Ref: 'A' } }) }))).lines).toEqual(
      [],
    );
    expect(log).toEqual([]);
  });

  it('updates what changed and what depends on a replacement, then deletes what is left over', async () => {
    await deployTemplates(app({ A: thing({ Name: 'old' }), B: thing({ Value: { Ref: 'A' } }), C: thing() }));
    log = [];
    const { lines } = await deployTemplates(app({ A: thing({ Name: 'new' }), B: thing({ Value: { Ref: 'A' } }) }));
    expect(log).toEqual(['update A {"Name":"new"}', 'update B {"Value":"new"}', 'delete C', 'delete old']);
    expect(lines).toEqual(['App: 2 updated, 2 deleted']);
  });

  it('keeps what the template wants kept', async () => {
    const kept = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' };
    await deployTemplates(app({ A: thing({ Name: 'a' }, kept), B: thing({ Name: 'b' }, kept) }));
    log = [];
    await deployTemplates(app({ B: thing({ Name: 'b2' }, kept) }));
    expect(log).toEqual(['update B {"Name":"b2"}']);
  });

  it('continues where a failed one stopped', async () => {
    const first = deployTemplates(app({ A: thing(), B: thing({ Value: 'broken' }) }));
    await expect(first).rejects.toThrow('App/B (Test::Thing): no such value');
    log = [];
    await deployTemplates(app({ A: thing(), B: thing({ Value: 'right' }) }));
    expect(log).toEqual(['create B {"Value":"right"}']);
  });
});

describe('a start on another port', () => {
  it('moves addresses along, and updates only what was given them', async () => {
    const resources = { A: thing({ Name: 'http://127.0.0.1:1/queue' }), B: thing({ Value: { Ref: 'A' } }), C: thing() };
    cloud.url = 'http://127.0.0.1:1';
    await deployTemplates({ App: { Resources: resources } });
    log = [];
    cloud.url = 'http://127.0.0.1:2';
    await deployTemplates({ App: { Resources: resources } });
    expect(log).toEqual(['update B {"Value":"http://127.0.0.1:2/queue"}']);
  });
});

describe('a template that needs what is missing', () => {
  it('creates nothing and names all of it', async () => {
    const deployment = deployTemplates({
      App: {
        Resources: {
          A: thing(),
          B: thing({ Colour: 'red', Value: { 'Fn::Cidr': [] } }),
          C: { Type: 'AWS::RDS::DBInstance' },
          D: thing({}, { CreationPolicy: {} }),
          E: thing({ Value: { Ref: 'Nowhere' } }),
        },
      },
    });
    await expect(deployment).rejects.toMatchObject({ code: 'NotImplemented' });
    await expect(deployment).rejects.toThrow(
      [
        'App/B Test::Thing Colour',
        'App/B Test::Thing Fn::Cidr',
        'App/C AWS::RDS::DBInstance',
        'App/D Test::Thing CreationPolicy',
        'App refers to Nowhere, which it does not have',
      ].join('\n  '),
    );
    expect(log).toEqual([]);
  });

  it('with a circle of references names it', async () => {
    const Resources = { A: thing({ Value: { Ref: 'B' } }), B: thing({ Value: { 'Fn::GetAtt': ['A', 'Arn'] } }) };
    await expect(deployTemplates({ App: { Resources } })).rejects.toThrow('A → B → A');
  });

  it('for an attribute that the service does not give fails loudly', async () => {
    const Resources = { A: thing(), B: thing({ Value: { 'Fn::GetAtt': ['A', 'Url'] } }) };
    await expect(deployTemplates({ App: { Resources } })).rejects.toThrow(
      'NotImplemented: cloudformation:Fn::GetAtt A Test::Thing Url',
    );
  });
});
