import { describe, expect, it } from '@jest/globals';
import { evaluationOf, modelRow, versionRow } from '../support/approval-fixtures.ts';
import { ApprovalRoom } from '../support/approval-room.ts';

const definition = (sha256: string) => ({ bucket: 'b', key: 'model.yaml', sha256 });

/** Version 7 against version 5, which serves and which Ada approved. */
async function asked(): Promise<ApprovalRoom> {
  const room = new ApprovalRoom();
  const before = definition('of version 5');
  const dataset = { object: { bucket: 'b', key: 'k', sha256: 'older' }, bytes: 1 };
  room.lineage.versions.set('flight-delays/5', versionRow({ version: 5, release: 9, definition: before, dataset }));
  const champion = { version: 5, endpointName: 'e', endpointConfigName: 'c', since: '2029-12-01T00:00:00.000Z' };
  room.lineage.models.set('flight-delays', modelRow({ champion }));
  room.definitionTexts.set('of version 5', 'model: flight-delays\ntier: critical\n');
  room.definitionTexts.set(versionRow().definition.sha256, 'model: flight-delays\ntier: critical\nextra: <b>yes</b>\n');
  room.evaluation = evaluationOf({
    champion: { version: 5, rows: 1_388, metrics: { auc: 0.55 }, candidateMetrics: { auc: 0.62 } },
    slices: [
      { attribute: 'carrier', value: 'AA', rows: 320, metrics: { auc: 0.51 } },
      { attribute: 'carrier', value: 'BB', rows: 410, metrics: { auc: 0.7 } },
      { attribute: 'carrier', value: '<i>', rows: 60, metrics: { auc: 0.4 } },
    ],
  });
  await room.trail.append('flight-delays', {
    type: 'VoteRecorded',
    actor: 'ada',
    subject: 'approval/r0',
    details: { choice: 'approve', version: 5 },
  });
  await room.ask();
  return room;
}

const mailTo = (room: ApprovalRoom, who: string) => room.mailer.sent.find(({ to }) => to[0] === `${who}@example.com`)!;

describe('the evidence', () => {
  it('shows intervals, and the slices that are below the whole, worst first', async () => {
    const { text } = mailTo(await asked(), 'ada');
    expect(text.replace(/\s+/g, ' ')).toContain('The difference is +0.070 (95 %: +0.033 to +0.107).');
    expect(text.indexOf('carrier = <i>')).toBeGreaterThan(0);
    expect(text.indexOf('carrier = <i>')).toBeLessThan(text.indexOf('carrier = AA'));
    expect(text).not.toContain('carrier = BB');
  });

  it('tells each reader what they approved last, and what has changed since', async () => {
    const room = await asked();
    const flat = (who: string) => mailTo(room, who).text.replace(/\s+/g, ' ');
    expect(flat('ada')).toContain(
      'You last approved version 5, which serves now, on Tue 1 Jan 2030. Changed since: the data, model.yaml. - auc was 0.616 then and is 0.616 now',
    );
    expect(flat('ben')).not.toContain('You last approved');
  });

  it('shows the changed lines of model.yaml in the mail and, with what is around them, on the page, as text', async () => {
    const room = await asked();
    expect(mailTo(room, 'ada').text).toContain('model.yaml differs from that of version 5 in 1 line.');
    expect(mailTo(room, 'ada').text).toContain('  + extra: <b>yes</b>');
    expect(mailTo(room, 'ada').html).toContain('+ extra: &lt;b&gt;yes&lt;/b&gt;');
    const { body } = await room.http('GET', room.linkFor('ada'));
    expect(body).toContain('<span class="new">+ extra: &lt;b&gt;yes&lt;/b&gt;</span>');
    expect(body).toContain('<span class="same">  tier: critical</span>');
  });
});
