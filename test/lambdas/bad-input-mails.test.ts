import { describe, expect, it } from '@jest/globals';
import { ARTIFACTS, definitionText, flights, ReleaseWorld, trainingJob } from '../support/release-world.ts';

/** What goes wrong in a release, up to the error that its workflow would catch. */
interface BadInput {
  readonly happens: (world: ReleaseWorld) => Promise<unknown>;
  readonly definition?: (text: string) => string;
  readonly data?: string;
  readonly step: string;
  readonly error: string;
  readonly whose: string;
  readonly told: string | RegExp;
  readonly spent: RegExp;
  readonly advice: RegExp;
  /** The log of the job explains it. */
  readonly hasLog?: boolean;
}

const MODEL = 'flight-delays';
const AT = { model: MODEL, release: 1 };
const LOG = ['Traceback (most recent call last):', 'api_key=sk-live-0123456789abcdef', "KeyError: 'origin'"];
const validation = (gates: string) => (text: string) => `${text}validation: { gates: [${gates}] }\n`;
const changed = (change: (row: string[], i: number) => string[]) => {
  const [header, ...rows] = flights(1000).trimEnd().split('\n');
  return `${[header, ...rows.map((row, i) => change(row.split(','), i).join(','))].join('\n')}\n`;
};

/** A training job that ends like this, paid for. */
const ends =
  (change: Parameters<typeof trainingJob>[1]): BadInput['happens'] =>
  async (world) => {
    await world.prepare(1);
    const plan = await world.planTraining({ ...AT, attempt: '0-0' });
    if (plan.action === 'adopt') throw new Error('expected a job of its own');
    const tags = new Map(plan.tags.map(({ Key, Value }) => [Key, Value]));
    world.jobs.set(plan.jobName, trainingJob(plan.jobName, { seconds: 3600, tags, ...change }));
    await world.recordTraining({ ...AT, jobName: plan.jobName });
  };

/** A trained model whose archive is of this size. */
const writes =
  (bytes: number | undefined): BadInput['happens'] =>
  async (world) => {
    await world.train(1);
    const { artifactUri } = (await world.ledger.getRelease(MODEL, 1)).steps.training!;
    const head = world.objects.head.bind(world.objects);
    world.objects.head = async (object) => {
      if (!artifactUri.endsWith(object.key)) return head(object);
      return bytes === undefined ? undefined : { bytes, versionId: 'v1', etag: '"e"' };
    };
    await world.sealArtifact(AT);
  };

/** A candidate whose answers are these lines. */
const answers =
  (line: (i: number) => string | undefined): BadInput['happens'] =>
  async (world) => {
    await world.train(1);
    await world.sealArtifact(AT);
    const { candidate } = await world.planValidation({ ...AT, attempt: '0-0' });
    const lines = Array.from({ length: 200 }, (_, i) => line(i)).filter((text) => text !== undefined);
    const key = `${candidate.outputUri.replace(`s3://${ARTIFACTS}/`, '')}/features.csv.out`;
    await world.objects.put({ bucket: ARTIFACTS, key }, lines.join('\n'), 'text/csv');
    await world.evaluateModel({ ...AT, candidateOutputUri: candidate.outputUri });
  };

const AN_HOUR = /^about 0\.13 USD \(ml\.m5\.large, 3600 s; list prices of \d{4}-\d\d\)$/;
const A_MINUTE = /^about 0\.0015 USD \(ml\.m5\.large, 42 s; list prices of \d{4}-\d\d\)$/;
const BEFORE_VALIDATED = /^about 0\.0015 USD \(.*\); what validation had run until then is not in it$/;
const NOTHING = /^nothing: no job had been started$/;

const ALL: Readonly<Record<string, BadInput>> = {
  'a container that exits non-zero, and prints a secret': {
    happens: ends({ status: 'Failed', failureReason: "AlgorithmError: KeyError: 'origin', exit code: 1" }),
    step: 'Train Model',
    error: 'TrainingFailedError',
    whose: 'your code',
    told: "KeyError: 'origin' (exit code 1)",
    spent: AN_HOUR,
    advice:
      /^launchway try FOLDER --release flight-delays\/1, mend the program, then launchway resume flight-delays\/1/,
    hasLog: true,
  },
  'a container that writes no model': {
    happens: writes(undefined),
    step: 'Seal Artifact',
    error: 'ModelMissingError',
    whose: 'your code',
    told: /^the training program wrote no model: expected one at .*model\.tar\.gz, got no such object/,
    spent: A_MINUTE,
    advice: /^write the model where SM_MODEL_DIR says .* then launchway submit FOLDER --data FILE/,
    hasLog: true,
  },
  'a container that writes a model of 10 GB': {
    happens: writes(10e9),
    step: 'Seal Artifact',
    error: 'ModelTooLargeError',
    whose: 'your code',
    told: 'the model is too large to be sealed: expected at most 0.42 GB packed, got 10 GB',
    spent: A_MINUTE,
    advice: /^write a smaller model \(419 MB packed at most\)/,
    hasLog: true,
  },
  'a container that never ends': {
    happens: ends({ status: 'Stopped', secondaryStatus: 'MaxRuntimeExceeded', limits: { maxRuntimeSeconds: 3600 } }),
    step: 'Train Model',
    error: 'TrainingTimedOutError',
    whose: 'your code',
    told: 'training was stopped after 60 min, all that training.maxRuntimeMinutes allows',
    spent: AN_HOUR,
    advice: /^raise training\.maxRuntimeMinutes, or train for less long, then launchway resume/,
    hasLog: true,
  },
  'fewer lines than rows': {
    happens: answers((i) => (i === 0 ? undefined : '0.5')),
    step: 'Validate Model',
    error: 'PredictionCountError',
    whose: 'your code',
    told: /200.*199/,
    spent: BEFORE_VALIDATED,
    advice: /^answer one line for each row .*: launchway try FOLDER --release flight-delays\/1 shows it/,
    hasLog: true,
  },
  'scores of NaN': {
    happens: answers((i) => (i === 3 ? 'NaN' : '0.5')),
    step: 'Validate Model',
    error: 'PredictionNotANumberError',
    whose: 'your code',
    told: 'got "NaN" at row 4',
    spent: BEFORE_VALIDATED,
    advice: /^answer a finite number in the column that serving\.response names/,
    hasLog: true,
  },
  'no answers at all': {
    happens: async (world) => {
      await world.train(1);
      await world.sealArtifact(AT);
      const { candidate } = await world.planValidation({ ...AT, attempt: '0-0' });
      await world.evaluateModel({ ...AT, candidateOutputUri: candidate.outputUri });
    },
    step: 'Validate Model',
    error: 'PredictionsUnreadableError',
    whose: 'your code',
    told: /expected predictions at .*features\.csv\.out/,
    spent: BEFORE_VALIDATED,
    advice: /^answer text\/csv as serving\.response says/,
    hasLog: true,
  },
  'a hold-out of one class': {
    happens: (world) => world.train(1),
    data: changed((row, i) => row.with(5, i < 800 ? row[5]! : '0')),
    step: 'Prepare Data',
    error: 'HoldOutOneClassError',
    whose: 'your data',
    told: 'the split by time leaves 200 of 1000 rows for hold-out, all with delayed = "0"',
    spent: NOTHING,
    advice: /^hold out rows of both classes \(data\.test\)/,
  },
  'a slice of three rows': {
    happens: (world) => world.train(1),
    definition: validation('{ metric: auc, slice: carrier, atLeast: 0.5, minRows: 50 }'),
    data: changed((row, i) => row.with(2, `C${Math.floor(i / 3)}`)),
    step: 'Prepare Data',
    error: 'SliceTooSmallError',
    whose: 'a gate',
    told: /expected a value of carrier with 50 rows in the hold-out, got "C\d+" with 3 rows as the largest of 68/,
    spent: NOTHING,
    advice: /^lower minRows of the gate, hold out more rows \(data\.test\), or drop the gate/,
  },
};

async function mailOf({ happens, definition = (text) => text, data, step, error: name }: BadInput) {
  const world = await new ReleaseWorld().withModel(definitionText(definition));
  await world.deliver(await world.upload(`models/${MODEL}/data/train.csv`, data ?? flights(1000)));
  world.logLines = LOG;
  const caught = await happens(world).then(
    () => new Error('nothing went wrong'),
    (error: Error) => error,
  );
  expect(caught.name).toBe(name);
  const Cause = JSON.stringify({ errorType: caught.name, errorMessage: caught.message });
  await world.closeRelease({ ...AT, outcome: 'Failed', step, error: { Error: caught.name, Cause } });
  return { world, mail: world.mailer.sent.at(-1)! };
}

/** Label and value of each fact; a value that was wrapped is one line again. */
function factsIn(text: string): Map<string, string> {
  const facts = new Map<string, string>();
  let label = '';
  for (const line of text.split('\n')) {
    const [, name, value] = /^(What happened|Whose|Serving now|Spent|Retried|Do this|More) {2,}(.*)$/.exec(line) ?? [];
    if (name !== undefined) {
      label = name;
      facts.set(label, value!);
    } else if (label !== '' && /^ {10,}\S/.test(line)) facts.set(label, `${facts.get(label)} ${line.trim()}`);
    else label = '';
  }
  return facts;
}

describe('the mail of a release that bad input stopped', () => {
  it.each(Object.entries(ALL))(
    '%s: says what, whose, what serves, what was spent, and what to do',
    async (_name, bad) => {
      const { world, mail } = await mailOf(bad);
      const facts = factsIn(mail.text);
      const labels = ['What happened', 'Whose', 'Serving now', 'Spent', 'Retried', 'Do this', 'More'];
      expect([...facts.keys()]).toEqual(labels);
      expect(mail.subject).toContain(`[${MODEL}] release 1 stopped in ${bad.step} — ${bad.whose}: `);
      const told = typeof bad.told === 'string' ? expect.stringContaining(bad.told) : expect.stringMatching(bad.told);
      expect(facts.get('What happened')).toEqual(told);
      expect(facts.get('Whose')).toBe(bad.whose);
      expect(facts.get('Serving now')).toBe('nothing yet. Nothing was deployed; nobody was asked to approve.');
      expect(facts.get('Spent')).toMatch(bad.spent);
      expect(facts.get('Retried')).toBe('no: the same input would end the same way');
      expect(facts.get('Do this')).toMatch(bad.advice);
      expect(facts.get('More')).toBe(`launchway status ${MODEL} · launchway logs ${MODEL}/1`);
      expect(/^last 3 lines \(secrets masked\)$/im.test(mail.text)).toBe(bad.hasLog ?? false);
      expect(mail.text.includes("KeyError: 'origin'")).toBe(bad.hasLog ?? false);
      expect(JSON.stringify([mail, await world.ledger.getRelease(MODEL, 1)])).not.toContain('0123456789abcdef');
      expect((await world.ledger.getModel(MODEL)).activeRelease).toBeUndefined();
    },
  );

  it('names the champion that goes on serving, the release before, what changed since, and the page of the evaluation', async () => {
    const world = await new ReleaseWorld().withModel();
    await world.deliver(await world.upload(`models/${MODEL}/data/train.csv`, flights(1000)));
    await world.train(1);
    await world.sealArtifact(AT);
    await world.validate(1, ([distance]) => Number(distance) / 1000);
    await world.closeRelease({ ...AT, outcome: 'Validated' });
    const champion = { version: 1, endpointName: 'e', endpointConfigName: 'c', since: '2030-01-01T00:00:00Z' };
    world.ledger.models.set(MODEL, { ...(await world.ledger.getModel(MODEL)), champion });

    const strict = definitionText(validation('{ metric: auc, atLeast: 0.99 }'));
    await world.deliver(await world.upload(`models/${MODEL}/model.yaml`, strict));
    await world.deliver(await world.upload(`models/${MODEL}/data/train-2.csv`, flights(1200)));
    await world.train(2);
    await world.sealArtifact({ model: MODEL, release: 2 });
    expect(await world.validate(2, ([distance]) => Number(distance) / 1000)).toEqual({ passed: false });
    await world.closeRelease({ model: MODEL, release: 2, outcome: 'Refused' });
    const { text } = world.mailer.sent.at(-1)!;
    const facts = factsIn(text);
    expect(facts.get('Whose')).toBe('a gate');
    expect(facts.get('Serving now')).toMatch(/^version 1, untouched\. Nothing was deployed/);
    expect(facts.get('Spent')).toMatch(/^about 0\.0015 USD \(.*\); validation about 0\.0028 USD$/);
    expect(text.replace(/\s+/g, ' ')).toContain('Since release 1 model.yaml, the data changed');
    expect(facts.get('More')).toBe(
      'launchway status flight-delays · launchway logs flight-delays/2 · launchway report flight-delays/2 --open · launchway compare flight-delays/1 flight-delays/2',
    );
  });
});
