import { describe, expect, it } from '@jest/globals';
import { sameAnswer } from '../../domain/deployment/proof.ts';
import { DEFAULT_ROLLOUT } from '../../domain/deployment/rollout.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import { switchChampion } from '../../lambdas/switch-champion/switch-champion.ts';
import { verifyDeployment } from '../../lambdas/verify-deployment/verify-deployment.ts';
import { DEFINITION, modelRow, releaseRow, versionRow } from '../support/approval-fixtures.ts';
import { FixedClock, InMemoryLineageStore, InMemoryObjectStore } from '../support/in-memory.ts';
import { InMemoryChampionStore, InMemoryEndpoints } from '../support/in-memory-deployment.ts';
import { InMemoryRollbackStore } from '../support/in-memory-rollback-store.ts';

const names = {
  modelName: 'launchway-local-flight-delays-v7',
  endpointName: 'launchway-local-flight-delays',
  endpointConfigName: 'launchway-local-flight-delays-v7-12345678',
};

/** @param requests that callers sent while it took over */
async function deployed(rows = 60, requests = 700, serving: Partial<ModelDefinition['serving']> = {}) {
  const clock = new FixedClock();
  const lineage = new InMemoryLineageStore(clock.now);
  const version = versionRow({ status: 'Approved' });
  lineage.models.set('flight-delays', modelRow());
  lineage.releases.set('flight-delays/14', releaseRow({ status: 'Deploying' }));
  lineage.versions.set('flight-delays/7', version);
  const objects = new InMemoryObjectStore();
  const put = (uri: string, lines: string[]) => {
    const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri)!;
    return objects.put({ bucket: bucket!, key: key! }, `${lines.join('\n')}\n`, 'text/csv');
  };
  const scores = Array.from({ length: rows }, (_, i) => String(i / 100));
  await put(
    `${version.prepared.uri}/holdout/features.csv`,
    scores.map((_, i) => `${100 + i},ORD`),
  );
  await put(version.evaluation!.predictionsUri, scores);
  const digest = /sha256:.*$/.exec(version.image)![0];
  const endpoints = new InMemoryEndpoints(
    {
      status: 'InService',
      configName: names.endpointConfigName,
      images: [{ specified: version.image, resolved: `x@${digest}` }],
    },
    [names.modelName],
    {
      image: version.image,
      artifactUri: `s3://${version.artifact.object.bucket}/${version.artifact.object.key}`,
      environment: {},
      networkIsolated: true,
    },
  );
  endpoints.answer = (row) => `${(Number(row.split(',')[0]) - 100) / 100}\n`;
  const verify = (
    change: Partial<typeof names & { previousConfigName: string; version: number; watched: boolean }> = {},
  ) =>
    verifyDeployment({
      lineage,
      rollbacks: new InMemoryRollbackStore(lineage),
      objects,
      endpoints,
      traffic: {
        requests: async (_endpoint, config, { start, end }) => {
          expect([config, end]).toEqual([names.endpointConfigName, clock.now().toISOString()]);
          expect(Date.parse(end) - Date.parse(start)).toBe(3 * 3_600_000);
          return requests;
        },
      },
      readDefinition: async () => ({ ...DEFINITION, serving: { ...DEFINITION.serving, ...serving } }),
      prefix: 'launchway-local',
      now: clock.now,
    })({
      model: 'flight-delays',
      release: 14,
      version: 7,
      ...names,
      ...change,
    });
  return { lineage, objects, endpoints, verify, put, version };
}

type Setting = Awaited<ReturnType<typeof deployed>>;

describe('verifying a deployment', () => {
  it('proves it with 50 hold-out rows under marked inference ids, and records the proof', async () => {
    const { lineage, endpoints, verify } = await deployed();
    expect(await verify({ previousConfigName: 'former', watched: true })).toEqual({
      provedAt: '2030-01-01T00:00:00.000Z',
      smokeRows: 50,
      traffic: { requests: 700, needed: 500 },
    });
    expect(endpoints.inferenceIds).toHaveLength(50);
    expect(endpoints.inferenceIds[49]).toBe('launchway-smoke-14-49');
    expect(lineage.releases.get('flight-delays/14')!.steps.deployment).toEqual({
      endpointName: names.endpointName,
      endpointConfigName: names.endpointConfigName,
      previousConfigName: 'former',
      provedAt: '2030-01-01T00:00:00.000Z',
      smokeRows: 50,
      traffic: { requests: 700, needed: 500 },
    });
  });

  it('says how many callers it answered while it took over, and nothing where nothing watched that', async () => {
    const rollout = { ...DEFAULT_ROLLOUT, minRequests: 10 };
    const { verify } = await deployed(7, 3, { rollout });
    expect(await verify({ previousConfigName: 'former', watched: true })).toMatchObject({
      traffic: { requests: 3, needed: 10 },
    });
    expect(await verify({ previousConfigName: 'former' })).not.toHaveProperty('traffic');
  });

  it('takes a hold-out that is smaller than that', async () => {
    const { verify } = await deployed(7);
    expect(await verify()).toMatchObject({ smokeRows: 7 });
  });

  it.each<[string, (setting: Setting) => void, string]>([
    [
      'an endpoint that is not in service',
      ({ endpoints }) => {
        endpoints.endpoint = { ...endpoints.endpoint, status: 'Updating' };
      },
      'expected status InService, got Updating',
    ],
    [
      'the former configuration after a silent rollback',
      ({ endpoints }) => {
        endpoints.endpoint = { ...endpoints.endpoint, configName: 'former' };
      },
      'expected endpoint configuration launchway-local-flight-delays-v7-12345678, got former',
    ],
    [
      'a failure reason',
      ({ endpoints }) => {
        endpoints.endpoint = { ...endpoints.endpoint, failureReason: 'alarm' };
      },
      'expected failure reason none, got alarm',
    ],
    [
      'another model',
      ({ endpoints }) => {
        endpoints.modelNames = ['launchway-local-flight-delays-v6'];
      },
      'got launchway-local-flight-delays-v6',
    ],
    [
      'a second variant',
      ({ endpoints }) => {
        endpoints.modelNames = [names.modelName, 'shadow'];
      },
      'got launchway-local-flight-delays-v7, shadow',
    ],
    [
      'no model',
      ({ endpoints }) => {
        endpoints.modelNames = [];
      },
      'expected models of the configuration',
    ],
    [
      'other model data',
      ({ endpoints }) => {
        endpoints.model = { ...endpoints.model, artifactUri: 's3://x/y' };
      },
      'expected model data',
    ],
    [
      'another image',
      ({ endpoints }) => {
        endpoints.model = { ...endpoints.model, image: 'x' };
      },
      'expected image',
    ],
    [
      'another environment',
      ({ endpoints }) => {
        endpoints.model = { ...endpoints.model, environment: { A: 'b' } };
      },
      'expected environment none, got A=b',
    ],
    [
      'a network',
      ({ endpoints }) => {
        endpoints.model = { ...endpoints.model, networkIsolated: false };
      },
      'expected network isolation on, got off',
    ],
    [
      'an image that resolved to another digest',
      ({ endpoints }) => {
        endpoints.endpoint = {
          ...endpoints.endpoint,
          images: [{ specified: 'x', resolved: `x@sha256:${'0'.repeat(64)}` }],
        };
      },
      'expected deployed image',
    ],
    [
      'an image that resolved to nothing',
      ({ endpoints }) => {
        endpoints.endpoint = { ...endpoints.endpoint, images: [] };
      },
      'expected the deployed image resolved to a digest, got none',
    ],
    [
      'one answer that differs by 1e-8',
      ({ endpoints }) => {
        const { answer } = endpoints;
        endpoints.answer = (row, i) => (i === 3 ? '0.03000001' : answer(row, i));
      },
      'expected hold-out row 4 answered with "0.03", got "0.03000001"',
    ],
    [
      'every answer',
      ({ endpoints }) => {
        endpoints.answer = () => 'NaN';
      },
      'and 47 more of 50 rows',
    ],
  ])('refuses %s', async (_what, change, why) => {
    const setting = await deployed();
    change(setting);
    await expect(setting.verify()).rejects.toMatchObject({
      name: 'DeploymentNotProvedError',
      message: expect.stringContaining(why),
    });
    expect(setting.lineage.releases.get('flight-delays/14')!.steps.deployment).toBeUndefined();
  });

  it('refuses names that do not follow from the model and version', async () => {
    const { verify } = await deployed();
    await expect(verify({ endpointName: 'another' })).rejects.toThrow(
      'expected endpoint launchway-local-flight-delays, got another',
    );
    await expect(verify({ modelName: 'another' })).rejects.toThrow(
      'expected model launchway-local-flight-delays-v7, got another',
    );
  });

  it('refuses to prove by nothing', async () => {
    const { verify, put, version, lineage } = await deployed();
    await put(version.evaluation!.predictionsUri, ['0.1']);
    await expect(verify()).rejects.toThrow('expected a validated answer per hold-out row, got 1 for 50');
    await put(version.evaluation!.predictionsUri, ['']);
    await put(`${version.prepared.uri}/holdout/features.csv`, ['']);
    await expect(verify()).rejects.toThrow('got 0 for 0');
    const { evaluation: _none, ...unevaluated } = version;
    lineage.versions.set('flight-delays/7', unevaluated);
    await expect(verify()).rejects.toThrow('expected version 7 to be evaluated, got none');
    lineage.versions.set('flight-delays/7', { ...version, prepared: { ...version.prepared, uri: 'file:///etc' } });
    await expect(verify()).rejects.toThrow('expected an s3:// address, got file:///etc/holdout/features.csv');
  });

  it('compares answers field by field, to 1e-9', () => {
    expect(sameAnswer('0.1,yes\n', '0.10000000001, yes')).toBe(true);
    expect(sameAnswer('123456789.123', '123456789.1230001')).toBe(true);
    expect(sameAnswer('0.1', '0.2')).toBe(false);
    expect(sameAnswer('0.1', '0.1,0.1')).toBe(false);
    expect(sameAnswer('yes', 'no')).toBe(false);
    expect(sameAnswer('0', '')).toBe(false);
    expect(sameAnswer('NaN', 'NaN')).toBe(true);
  });
});

describe('switching the champion', () => {
  const switching = async () => {
    const setting = await deployed();
    const champions = new InMemoryChampionStore(setting.lineage);
    const change = (version = 7, endpointConfigName = names.endpointConfigName) =>
      switchChampion({ lineage: setting.lineage, rollbacks: new InMemoryRollbackStore(setting.lineage), champions })({
        model: 'flight-delays',
        release: 14,
        version,
        endpointName: names.endpointName,
        endpointConfigName,
      });
    return { ...setting, champions, change };
  };

  it('makes the proved version the champion and retires the former, once', async () => {
    const { lineage, verify, champions, change } = await switching();
    lineage.versions.set('flight-delays/6', versionRow({ version: 6, status: 'Deployed' }));
    const champion = {
      version: 6,
      endpointName: names.endpointName,
      endpointConfigName: 'former',
      since: '2029-01-01T00:00:00.000Z',
    };
    lineage.models.set('flight-delays', modelRow({ champion }));
    await verify();
    expect(await change()).toEqual({ previous: 6 });
    expect(await change()).toEqual({});
    expect(lineage.versions.get('flight-delays/7')!.status).toBe('Deployed');
    expect(lineage.versions.get('flight-delays/6')!.status).toBe('Retired');
    expect(lineage.models.get('flight-delays')!.champion).toMatchObject({
      version: 7,
      since: '2030-01-01T00:00:00.000Z',
    });
    expect(champions.audit).toHaveLength(1);
  });

  it('refuses what was not proved', async () => {
    const { verify, change } = await switching();
    await expect(change()).rejects.toMatchObject({ name: 'DeploymentNotProvedError' });
    await verify();
    await expect(change(7, 'another')).rejects.toThrow('got version 7 with launchway-local-flight-delays-v7-12345678');
    await expect(change(6)).rejects.toMatchObject({ name: 'DeploymentNotProvedError' });
    expect(await change()).toEqual({});
  });
});
