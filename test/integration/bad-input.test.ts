import { GetObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { InboxMail } from '../../cli/demo/approve-by-mail.ts';
import type { ReleaseRow } from '../../domain/release.ts';
import { definitionOf, januaryFlights, ModelRoom } from '../support/model-room.ts';

let room: ModelRoom;

beforeAll(async () => {
  room = await ModelRoom.open();
}, 120_000);

afterAll(() => room?.cloud.remove());

/** Whatever was uploaded: nothing is denied, nothing fails behind the scenes. */
afterEach(() => {
  expect(room.cloud.cloud.iam.denials).toEqual([]);
  expect(room.cloud.reported.filter((line) => line.includes('background work failed'))).toEqual([]);
});

describe('a model.yaml that cannot be accepted', () => {
  it('is refused with line, column and the nearest key, to the owner it names and to who uploaded it', async () => {
    const text = definitionOf('typing', {}).replace('features:', 'faetures:');
    const upload = await room.put('models/typing/model.yaml', text);

    const refusal = await room.refusal(upload);
    const line = text.split('\n').findIndex((one) => one.startsWith('faetures')) + 1;
    expect(refusal.problems).toContainEqual(
      expect.stringMatching(new RegExp(`^model\\.yaml:${line}:1 unknown key "faetures"; did you mean "features"`)),
    );
    const mail = await room.mail('[typing]');
    expect(mail.to).toEqual(['ops-analytics@example.com', 'dana@example.com']);
    expect(mail.text).toContain(`model.yaml:${line}:1`);
    saysEnough(mail, 'your model.yaml');
    expect(await room.connection.lineage.findModel('typing')).toBeUndefined();
  });

  it('is refused when it is no YAML at all', async () => {
    const upload = await room.put('models/broken/model.yaml', 'schema: launchway/v1\nmodel: [broken\nowner: x');
    expect((await room.refusal(upload)).problems[0]).toMatch(/^model\.yaml:\d+:\d+ /);
    const mail = await room.mail('[broken]');
    expect(mail.subject).toMatch(/model\.yaml refused — model\.yaml:\d+:\d+ /);
    saysEnough(mail, 'your model.yaml');
  });

  it('is refused when it asks for less than its tier', async () => {
    const more = 'approval: { require: { model-risk: 0 }, expiresBusinessHours: 500 }';
    const upload = await room.put('models/lenient/model.yaml', definitionOf('lenient', { more }));
    const { problems } = await room.refusal(upload);
    expect(problems.join('\n')).toMatch(/model\.yaml:\d+:\d+ .*model-risk/);
    saysEnough(await room.mail('[lenient]'), 'your model.yaml');
  });

  it('is refused when its team is unknown, naming a near one', async () => {
    const upload = await room.put('models/stray/model.yaml', definitionOf('stray', { team: 'operation' }));
    expect((await room.refusal(upload)).problems.join('\n')).toMatch(/unknown team "operation".*"operations"/);
    saysEnough(await room.mail('[stray]'), 'your model.yaml');
  });

  it('leaves the definition that was accepted before in force', async () => {
    await room.define('steady');
    const { definition } = await room.connection.lineage.getModel('steady');
    await room.refusal(await room.put('models/steady/model.yaml', 'model: steady\nnonsense: 1\n'));
    expect((await room.connection.lineage.getModel('steady')).definition).toEqual(definition);
    // It names no owner of its own: the owner known so far is told.
    expect((await room.mail('[steady]')).to).toContain('ops-analytics@example.com');
  });
});

describe('data that no model waits for', () => {
  it('is refused when the model is unknown, and says what to upload first', async () => {
    const upload = await room.upload('nobody');
    expect((await room.refusal(upload)).message).toContain('upload models/nobody/model.yaml first');
    const mail = await room.mail('[nobody]');
    expect(mail.to).toEqual(['operators@example.com', 'dana@example.com']);
    saysEnough(mail, 'your upload');
  });

  it('is refused under a key that is not read', async () => {
    const upload = await room.put('models/nobody/data/train.xlsx', 'PK');
    expect((await room.refusal(upload)).message).toMatch(/\.csv or \.parquet/);
  });
});

describe('a dataset that cannot be trained on', () => {
  const rows = januaryFlights(200).trimEnd().split('\n');
  const without = (column: string) => {
    const at = rows[0]!.split(',').indexOf(column);
    return rows.map((row) => row.split(',').toSpliced(at, 1).join(',')).join('\n');
  };

  beforeAll(() => room.define('careful'), 60_000);

  it.each([
    ['lacks a column', () => without('origin'), /origin/],
    ['has a column without a role', () => rows.map((row, i) => `${row},${i ? 'x' : 'carrier'}`).join('\n'), /carrier/],
    ['is empty', () => '', /empty/],
    ['is binary', () => Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256), /UTF-8|binary/],
  ])('is refused when it %s', async (what, data, why) => {
    const upload = await room.upload('careful', data(), `${what.replaceAll(' ', '-')}.csv`);
    const release = await room.release('careful', upload);
    expect(release).toMatchObject({ status: 'Refused', outcome: { whose: 'your data' } });
    expect(release.outcome!.message).toMatch(why);
    await endedWell(release, 'your data');
  });
});

describe('a program that does not do its part', () => {
  it('that fails in training ends the release with its own words and the last lines of its log, secrets masked', async () => {
    await room.define('failing', { flaw: 'fails' });
    const release = await room.release('failing', await room.upload('failing'));
    expect(release).toMatchObject({ status: 'Failed', outcome: { whose: 'your code', step: 'Train Model' } });
    expect(release.outcome!.message).toContain("train.py line 41: KeyError: 'origin'");
    expect(release.outcome!.logTail!.join('\n')).toMatch(/KeyError/);
    const mail = await endedWell(release, 'your code');
    expect(mail.subject).toMatch(
      /stopped in Train Model — your code: train\.py line 41: KeyError: 'origin' \(exit code 1\)/,
    );
    expect(mail.text).toContain("KeyError: 'origin'");
    expect(JSON.stringify([mail, release])).not.toContain('wJalrXUtnFEMI');
  }, 120_000);

  it('once mended, runs with the next upload', async () => {
    await room.define('failing');
    const release = await room.release('failing', await room.upload('failing'), 'AwaitingApproval');
    expect(release.release).toBe(2);
  }, 120_000);

  it('that writes no model', async () => {
    await room.define('wordless', { flaw: 'writes no model' });
    const release = await room.release('wordless', await room.upload('wordless'));
    expect(release).toMatchObject({ outcome: { whose: 'your code' } });
    expect(release.outcome!.message).toMatch(/model|archive/);
    await endedWell(release, 'your code');
  }, 120_000);

  it('that does not serve', async () => {
    await room.define('mute', { flaw: 'does not serve' });
    const release = await room.release('mute', await room.upload('mute'));
    expect(release).toMatchObject({ status: 'Failed', outcome: { whose: 'your code', step: 'Validate Model' } });
    expect(release.outcome!.message).toMatch(/^The model's container exited with code 3 before it answered \/ping/);
    expect((await endedWell(release, 'your code')).text).toContain('ModuleNotFoundError: no module named encoder');
  }, 120_000);
});

it('refuses a model that does not pass its gate, and asks nobody', async () => {
  await room.define('hopeful', { atLeast: 0.99 });
  const release = await room.release('hopeful', await room.upload('hopeful'));
  expect(release).toMatchObject({ status: 'Refused', outcome: { whose: 'a gate', step: 'Validate Model' } });
  expect(release.outcome!.message).toMatch(/auc.*0\.99/);
  expect((await endedWell(release, 'a gate')).text).toContain('nobody was asked to approve');
}, 120_000);

/** A failing mail answers, in this order: what happened, whose it is, what serves, whether it is tried again, what to do. */
function saysEnough({ text, html }: InboxMail, whose: string): void {
  const labels = ['What happened', 'Whose', 'Serving now', 'Retried', 'Do this', 'More'];
  const found = text.match(/^(What happened|Whose|Serving now|Retried|Do this|More)(?= {2})/gm);
  expect(found).toEqual(labels);
  expect(text).toMatch(new RegExp(`^Whose +${whose}`, 'm'));
  expect(text).not.toMatch(/undefined|\[object|NaN|launchway:/);
  expect(html).toContain('What happened');
}

/** The row, the report object and the mail agree; the lease is free and nothing was half done. */
async function endedWell(release: ReleaseRow, whose: string): Promise<InboxMail> {
  const { lineage, s3, account } = room.connection;
  const model = await lineage.getModel(release.model);
  expect(model.activeRelease).toBeUndefined();
  expect(model.champion).toBeUndefined();
  expect(release.endedAt).toBeDefined();
  const Key = `operations/${release.model}/releases/${release.release}/report.json`;
  const report = await s3.send(new GetObjectCommand({ Bucket: `launchway-local-artifacts-${account}`, Key }));
  expect(JSON.parse(await report.Body!.transformToString())).toMatchObject({ outcome: release.outcome });
  const mail = await room.mail(`[${release.model}] release ${release.release} `);
  expect(mail.to).toEqual(['ops-analytics@example.com', 'dana@example.com']);
  saysEnough(mail, whose);
  return mail;
}
