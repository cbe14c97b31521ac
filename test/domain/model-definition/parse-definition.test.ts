import { describe, expect, it } from '@jest/globals';
import { parseModelDefinition, readModelDefinition } from '../../../adapters/yaml-model-definition.ts';
import { editDistance, nearestKey } from '../../../domain/model-definition/nearest-key.ts';
import { problemLine } from '../../../domain/model-definition/nodes.ts';
import { explainDefinition } from '../../../domain/model-definition/parse-definition.ts';
import { config, definitionText } from '../../support/release-world.ts';

const problemsOf = (text: string, deployed = false): string[] =>
  parseModelDefinition(text, deployed ? config : undefined).problems.map((problem) =>
    problemLine('model.yaml', problem),
  );

const withLine = (line: string) => `${definitionText()}${line}\n`;

const OWN = 'image: "launchway/flight-delays:1"';
const XGBOOST = 'algorithm: xgboost-1.7, hyperparameters: { num_round: 20';

describe('a model definition', () => {
  it('has every default filled in', () => {
    const lines = explainDefinition(readModelDefinition(definitionText()));
    expect(lines).toEqual(
      expect.arrayContaining([
        'data.test.split: time',
        'data.test.fraction: 0.2',
        'training.instance.types: ["ml.m5.large"]',
        'validation.gates[0].versusChampion: notWorse',
        'monitoring.windowHours: 24',
        'serving.realtime.minInstances: 1',
      ]),
    );
  });

  it('may say what it decides about whom, in one sentence', () => {
    const text = withLine('description: Flags flights that will be late, so that crews can be planned.');
    expect(readModelDefinition(text).description).toBe(
      'Flags flights that will be late, so that crews can be planned.',
    );
    for (const bad of ['too short', `"two lines\\nof text that are long enough"`, `"${'x'.repeat(201)}"`]) {
      expect(problemsOf(withLine(`description: ${bad}`))[0]).toContain(
        'expected description to be a sentence on one line',
      );
    }
  });

  it('says how a version takes over only where it says so: what was approved before stays what it was', () => {
    expect(readModelDefinition(definitionText()).serving).not.toHaveProperty('rollout');
    expect(readModelDefinition(withLine('serving: { rollout: { minMinutes: 5 } }')).serving.rollout).toEqual({
      strategy: 'canary',
      trafficPercent: 50,
      minMinutes: 5,
      minRequests: 500,
      alarms: { p99ModelLatencyMs: 5_000, maxErrorFraction: 0.01 },
    });
  });

  it('gets the gates and seats of its tier', () => {
    const { validation, approval } = readModelDefinition(definitionText(), config);
    expect(validation.gates[0]).toEqual({ metric: 'auc', atLeast: 0.55 });
    expect(approval).toEqual({ require: { 'model-risk': 1 }, expiresBusinessHours: 24 });
  });

  it('keeps text as it was written, whatever YAML makes of it', () => {
    const text = definitionText((t) =>
      t.replace(
        'flight-delays:1"',
        'flight-delays:1", hyperparameters: { commit: 12e4567, flag: yes, n: 7, s: "7", b: true }',
      ),
    ).replace('positiveClass: "1"', 'positiveClass: yes');
    const { training, problem } = readModelDefinition(text);
    expect(training.hyperparameters).toEqual({ commit: '12e4567', flag: 'yes', n: 7, s: '7', b: true });
    expect(problem.positiveClass).toBe('yes');
  });

  it('lets a spot job wait as long again as it may run, unless it says otherwise', () => {
    const waitOf = (more: string) =>
      readModelDefinition(definitionText((t) => t.replace('delays:1"', `delays:1", spot: true${more}`))).training
        .maxWaitMinutes;
    expect(waitOf('')).toBe(120);
    expect(waitOf(', maxRuntimeMinutes: 5000')).toBe(7200);
    expect(waitOf(', maxWaitMinutes: 75')).toBe(75);
    expect(readModelDefinition(definitionText()).training).not.toHaveProperty('maxWaitMinutes');
  });

  it('makes rows of captures only where these can be validated, and says why not', () => {
    const retrained = 'release: { startOn: schedule }\nmonitoring: { onDrift: retrain, retrain: { rows: captures } }\n';
    const problems = (change: (text: string) => string) =>
      problemsOf(definitionText((text) => `${change(text)}${retrained}`));
    const sliced = (text: string) =>
      `${text}validation: { gates: [{ metric: auc, slice: carrier, atLeast: 0.5, minRows: 200 }] }\n`;
    const fair = (text: string) =>
      `${text}validation: { fairness: [{ attribute: carrier, metric: disparate-impact, atLeast: 0.8 }] }\n`;
    const ownTest = (text: string) => text.replace('data: {', 'data: { test: { split: file },');
    expect(problems((text) => text)).toEqual([]);
    expect(problems((text) => text.replace('data: {', 'data: { format: parquet,')).join()).toContain(
      'rows: captures writes CSV only in this version, and data.format is parquet',
    );
    for (const measured of [sliced, fair]) {
      expect(problems(measured).join()).toContain('rows: captures would hold out rows without attributes');
      expect(problems((text) => ownTest(measured(text)))).toEqual([]);
    }
    expect(explainDefinition(readModelDefinition(definitionText()))).toContain('monitoring.retrain.rows: uploads');
  });

  it('reports every problem at once, each on a line with line and column', () => {
    const text = definitionText((t) =>
      t.replace('features:', 'featurs:').replace('tier: standard', 'tier: [1]').replace('target:', 'targt:'),
    );
    expect(problemsOf(text)).toEqual([
      'model.yaml:1:1 expected at least one feature, got none',
      'model.yaml:5:7 expected tier to be one value, got a list',
      'model.yaml:6:10 missing problem.target',
      'model.yaml:6:41 unknown key "targt" in problem; did you mean "target"?',
      'model.yaml:8:1 unknown key "featurs"; did you mean "features"?',
    ]);
    expect(() => readModelDefinition(text)).toThrow(expect.objectContaining({ name: 'DefinitionRefusedError' }));
  });

  it.each([
    ['serving: { mode: batch }', 'serving.mode: batch is not supported yet'],
    ['serving: { rollout: { strategy: linear } }', 'serving.rollout.strategy: linear is not supported yet'],
    ['serving: { rollout: { trafficPercent: 60 } }', 'expected serving.rollout.trafficPercent'],
    ['serving: { rollout: { minMinutes: 2 } }', 'expected serving.rollout.minMinutes'],
    ['serving: { rollout: { alarms: { maxErrorFraction: 1 } } }', 'expected serving.rollout.alarms.maxErrorFraction'],
    [
      'serving: { realtime: { minInstances: 2, maxInstances: 6 } }',
      'maxInstances other than minInstances is not supported yet',
    ],
    ['monitoring: { onDrift: retrain }', 'needs rows to train on'],
    ['monitoring: { retrain: { schedule: weekly } }', 'needs rows to train on'],
    ['release: { startOn: schedule }', 'would start nothing'],
    ['monitoring: { retrain: { rows: captures } }', 'rows: captures needs release.startOn: schedule'],
    ['monitoring: { retrain: { rows: all } }', 'expected monitoring.retrain.rows to be uploads or captures'],
    ['monitoring: { retrain: { schedule: hourly } }', 'expected monitoring.retrain.schedule to be none or daily'],
    ['monitoring: { retrain: { maxPerWeek: 0.5 } }', 'expected monitoring.retrain.maxPerWeek to be a whole number'],
    ['monitoring: { capture: { retainDays: 7 } }', 'retainDays other than 90 is not supported yet'],
    ['release: { startOn: submit }', 'release.startOn: submit is not supported yet'],
  ])('refuses %s loudly', (line, problem) => {
    expect(problemsOf(withLine(line)).join()).toContain(problem);
  });

  it.each([
    ['an algorithm that answers in JSON', OWN, 'algorithm: linear-learner', 'linear-learner is not supported yet'],
    [
      'an algorithm for texts',
      OWN,
      `${XGBOOST} }`,
      'reads numbers only: expected numeric features, got categorical origin',
    ],
    ['an algorithm without rounds', OWN, 'algorithm: xgboost-1.7', 'needs training.hyperparameters.num_round'],
    [
      'an objective whose answer is no probability',
      OWN,
      `${XGBOOST}, objective: "binary:hinge" }`,
      'objective of a binary-classification to be binary:logistic, got "binary:hinge"',
    ],
    ['source of an algorithm', OWN, `source: src, ${XGBOOST} }`, 'training.source goes with training.framework'],
    ['both programs', 'image: "l', 'framework: sklearn-1.2, image: "l', 'got framework and image'],
    ['a brought model that also trains', OWN, 'artifact: m.tar.gz, spot: true', 'was trained elsewhere'],
    [
      'a brought model held out here',
      OWN,
      'artifact: m.tar.gz',
      'expected data.test.split: file with training.artifact, got time',
    ],
    ['a brought model that nothing serves', OWN, 'artifact: m.tar.gz', 'to serve training.artifact, got neither'],
    [
      'a brought model’s program without framework',
      OWN,
      'artifact: m.tar.gz, entryPoint: a.py',
      'goes with training.framework',
    ],
    ['a wait without spot', 'delays:1"', 'delays:1", maxWaitMinutes: 90', 'goes with training.spot: true'],
    [
      'a wait shorter than the run',
      'delays:1"',
      'delays:1", spot: true, maxRuntimeMinutes: 60, maxWaitMinutes: 30',
      'training.maxWaitMinutes to be a whole number from 60 to 7200',
    ],
    ['a pipe', 'delays:1"', 'delays:1", inputMode: pipe', 'inputMode: pipe is not supported yet'],
    [
      'too many types',
      'delays:1"',
      'delays:1", instance: { types: [ml.a.l, ml.b.l, ml.c.l, ml.d.l, ml.e.l, ml.f.l] }',
      'at most 5 instance types',
    ],
    ['a spreadsheet', 'data: {', 'data: { format: xlsx,', 'expected data.format to be csv or parquet, got "xlsx"'],
    [
      'a share of a file of its own',
      'data: {',
      'data: { test: { split: file, fraction: 0.2 },',
      'data.test.fraction has no meaning for split: file',
    ],
    [
      'a limit for a file that there is not',
      'minRows: 100',
      'maxTestOverlapFraction: 0.1',
      'data.checks.maxTestOverlapFraction has no meaning for split: time',
    ],
    ['two roles', 'attributes: [carrier]', 'attributes: [origin]', 'column "origin" is an attribute and a feature'],
    ['text for a number', 'minRows: 100', 'minRows: "100"', 'got the text "100"'],
    ['a fraction of rows', 'minRows: 100', 'minRows: 100.5', 'a whole number'],
    ['an alias', 'owner: owner@example.com', 'owner: *x', 'model.yaml'],
    ['a bad name', 'model: flight-delays', 'model: Flight', 'expected model to be a name'],
    [
      'an address with a line break',
      'owner: owner@example.com',
      'owner: "a@b.c\\nBcc: x@y.z"',
      'expected owner to be an e-mail address',
    ],
  ])('refuses %s', (_name, from, to, problem) => {
    expect(problemsOf(definitionText((t) => t.replace(from, to))).join('\n')).toContain(problem);
  });

  it.each([
    ['a wrong metric', '{ metric: rmse, atMost: 3 }', 'expected a metric of binary-classification'],
    ['no bar', '{ metric: auc }', 'expected exactly one of'],
    ['the wrong direction', '{ metric: brier, atLeast: 0.2 }', 'better when lower'],
    ['a slice of what is no attribute', '{ metric: auc, atLeast: 0.5, slice: origin }', 'one of columns.attributes'],
    ['a key without effect', '{ metric: auc, atLeast: 0.5, margin: 0.1 }', 'margin has no effect'],
  ])('refuses a gate with %s', (_name, gate, problem) => {
    expect(problemsOf(withLine(`validation: { gates: [${gate}] }`)).join('\n')).toContain(problem);
  });

  it.each([
    ['{ metric: rmse, atMost: 3 }', 'expected a metric of binary-classification'],
    ['{ metric: auc }', 'missing monitoring.quality[0].atLeast'],
    ['{ metric: brier, atLeast: 0.2, atMost: 0.3 }', 'better when lower'],
    ['{ metric: auc, atLeast: 0.5, minRows: 5 }', 'from 50 to 1000000'],
    ['{ metric: auc, atLeast: 0.5, slice: carrier }', 'unknown key "slice"'],
  ])('refuses %s as a gate of quality', (gate, problem) => {
    expect(problemsOf(withLine(`monitoring: { quality: [${gate}] }`)).join('\n')).toContain(problem);
  });

  it('refuses to redact what is no feature, and a currency that is none', () => {
    expect(problemsOf(withLine('monitoring: { capture: { redact: [nobody] } }')).join()).toContain('got "nobody"');
    expect(problemsOf(withLine('business: { currency: dollars }')).join()).toContain('currency code');
  });

  it('knows how often the last versions are to be held against each other, and by itself never', () => {
    const read = (text: string) => readModelDefinition(withLine(text)).monitoring;
    expect(read('monitoring: { stalenessEveryDays: 7 }').stalenessEveryDays).toBe(7);
    expect(read('monitoring: {}')).not.toHaveProperty('stalenessEveryDays');
    expect(problemsOf(withLine('monitoring: { stalenessEveryDays: 0.5 }')).join()).toContain('stalenessEveryDays');
  });

  it('fills in what outcomes are worth and when they are complete', () => {
    const read = readModelDefinition(withLine('business: { truePositiveValue: 12.5 }'));
    expect(read.monitoring).toMatchObject({ labels: { completeAfterDays: 2 }, quality: [] });
    expect(read.business).toEqual({
      ...{ truePositiveValue: 12.5, falsePositiveCost: 0, falseNegativeCost: 0, trueNegativeValue: 0 },
      currency: 'USD',
    });
  });

  it.each([
    ['approval: { require: { model-risk: 2 } }', 'has 1 people'],
    ['approval: { require: { nobody: 1 } }', 'unknown role "nobody"'],
    ['approval: { expiresBusinessHours: 48 }', 'more than tier standard allows: 24'],
    ['validation: { gates: [{ metric: auc, atLeast: 0.4 }] }', 'less than tier standard asks: at least 0.55'],
    ['serving: { realtime: { instance: ml.p4d.24xlarge } }', 'not allowed for team operations'],
  ])('refuses %s against what is deployed', (line, problem) => {
    expect(problemsOf(withLine(line), true).join('\n')).toContain(problem);
  });

  it('refuses what is no single plain document', () => {
    expect(problemsOf('a: &x 1\nb: *x')).toEqual([
      'model.yaml:2:4 anchors and aliases are not supported; write the value out',
    ]);
    expect(problemsOf('a: 1\n---\nb: 2').join()).toContain('one YAML document');
    expect(problemsOf('a: !!js/function x').join()).toContain('model.yaml:1');
    expect(problemsOf('- 1').join()).toContain('expected the definition to be a map of keys');
    expect(problemsOf('a: 1\na: 2').join()).toContain('model.yaml:2:1');
    expect(problemsOf(`${'['.repeat(50)}${']'.repeat(50)}`).join()).toContain('levels of nesting');
    expect(problemsOf('__proto__: 1\nconstructor: 2').join()).toContain('unknown key "__proto__"');
  });
});

describe('the nearest key', () => {
  it('is found within two letters, and not beyond', () => {
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(nearestKey('featurs', ['features', 'tier'])).toBe('features');
    expect(nearestKey('modle', ['model'])).toBe('model');
    expect(nearestKey('xyz', ['features', 'tier'])).toBeUndefined();
  });
});
