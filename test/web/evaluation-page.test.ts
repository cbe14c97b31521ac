import { describe, expect, it } from '@jest/globals';
import { labelOf, number } from '../../web/evaluation/words.ts';
import { evaluationPage } from '../../web/evaluation-page.ts';
import { evaluationView, type ViewOptions } from '../support/evaluation-views.ts';

const pageOf = (options: ViewOptions = {}) => evaluationPage(evaluationView(options)).body;
/** What a reader reads. */
const textOf = (html: string) =>
  html
    .replace(/<(style|svg)[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replaceAll('\u00a0', ' ')
    .replace(/\s+/g, ' ');

describe('the page of an evaluation', () => {
  it('says the verdict first, in words', () => {
    const gates = (...all: string[]) => `{ gates: [${all.join(', ')}] }`;
    const headline = (options: ViewOptions) => /<h1>(.*)<\/h1>/.exec(pageOf(options))![1];
    const good = '{ metric: auc, atLeast: 0.5 }';
    expect(headline({ validation: gates(good) })).toBe('flight-delays version 2: passes its gate');
    expect(headline({ validation: gates(good, '{ metric: auc, atLeast: 0.99999 }') })).toBe(
      'flight-delays version 2: refused by 1 of 2 gates',
    );
    expect(headline({ validation: gates(good, '{ metric: "custom:x", atLeast: 1 }', good) })).toMatch(
      'refused by 1 of 3',
    );
    expect(
      headline({ validation: gates(good, '{ metric: auc, versusChampion: notWorse }'), champion: 'otherFeatures' }),
    ).toBe('flight-delays version 2: passes, but 1 gate could not be compared');
  });

  it.each([
    [undefined, 'It is the first version: there is no champion to compare with.'],
    ['otherFeatures' as const, 'It could not be compared with what serves. Version 1 reads other features'],
    [0.3, 'It is better than version 1, which serves, on 300 rows that neither was trained on (AUC +0.'],
    [0.9, 'It is worse than version 1, which serves, on 300 rows that neither was trained on (AUC −0.'],
    [0.6, 'No difference to version 1, which serves, is shown on 300 rows'],
  ])('compares with the champion %s in a sentence', (champion, sentence) => {
    expect(textOf(pageOf(champion === undefined ? {} : { champion }))).toContain(sentence);
  });

  it('begins with what the owner says that it decides, and with decisions that are the same for all', () => {
    const view = evaluationView();
    const { plots } = view.evaluation;
    if (plots?.kind !== 'binary') throw new Error('expected plots of two classes');
    const deciding = (recall: number, falsePositiveRate: number) => {
      const candidate = { ...plots.candidate, decides: { recall, falsePositiveRate } };
      const evaluation = { ...view.evaluation, plots: { ...plots, candidate } };
      const definition = { ...view.definition, description: 'Decides whom we tell that they will be late.' };
      return textOf(evaluationPage({ ...view, evaluation, definition }).body);
    };
    expect(deciding(0, 0)).toMatch(/Decides whom we tell that they will be late\. It decides for each flight_id/);
    expect(deciding(0, 0)).toContain('it decides for 1 in no row: its scores rank, and its decisions say nothing.');
    expect(deciding(1, 1)).toContain('it decides for 1 in every row');
    expect(deciding(0.5, 0.1)).not.toContain('its decisions say nothing');
  });

  it('says that nobody asked for fairness, and by what it could be', () => {
    expect(textOf(pageOf())).toContain(
      'Fairness Not measured: no gate of validation.fairness asks for it. It could be, by carrier.',
    );
    expect(textOf(pageOf({ kind: 'regression' }))).not.toContain('Fairness');
  });

  it('says what changes for people, and where', () => {
    const text = textOf(pageOf({ champion: 0.5 }));
    expect(text).toMatch(/\d+ of 300 decisions \(\d+(\.\d)? %\) would change: \d+ become 1, \d+ no longer are\./);
    expect(text).toMatch(/Decisions that change Segment Rows Now 1 No longer Changed carrier = \w\w 100/);
  });

  it.each([
    ['binary' as const, ['ROC', 'Precision and recall', 'Calibration', 'Scores']],
    ['regression' as const, ['Predicted and actual', 'Residuals']],
    ['multiclass' as const, ['Calibration']],
  ])('draws what fits a %s problem, each with what it says in words', (kind, titles) => {
    const html = pageOf({ kind, champion: 0.5 });
    const figures = [...html.matchAll(/role="img" aria-label="([^"]+)"/g)].map(([, label]) => label!);
    expect(figures.map((label) => label.split('.')[0])).toEqual(titles);
    for (const label of figures) expect(label.length).toBeGreaterThan(40);
    expect(html.includes('class="confusion"')).toBe(kind === 'multiclass');
    expect(html).not.toMatch(/NaN|Infinity|undefined(?!<|[ ,])/);
  });

  it('names where the first measure has no value', () => {
    const logits = evaluationView();
    const scaled = { ...logits.evaluation.candidate, undefined: { logLoss: 'NotProbabilities' as const } };
    const page = evaluationPage({ ...logits, evaluation: { ...logits.evaluation, candidate: scaled } });
    expect(textOf(page.body)).toContain('Log loss needs scores from 0 to 1, and these are not ( NotProbabilities ).');
  });

  it('needs nothing else: no script, no address, no style beside its own, below 500 kB', () => {
    const { body, headers } = evaluationPage(evaluationView({ champion: 0.5 }));
    expect(body.length).toBeLessThan(200_000);
    expect(body).not.toMatch(/<script|<link|<img|<iframe|javascript:| style=| on\w+=|(src|href)="(?!#)/i);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-\S+' 'sha256-\S+';/);
  });

  it('shows what came from outside as text', () => {
    const evil = '<img src=x onerror=alert(1)>"\'`&';
    const html = pageOf({
      carriers: [evil, 'DL'],
      champion: 0.5,
      input: { custom: { lift: 1 } },
      version: { artifact: { object: { bucket: 'b', key: 'k', sha256: 'a' }, bytes: 1, files: 1, findings: [evil] } },
    });
    expect(html).toContain('carrier = &lt;img src=x onerror=alert(1)&gt;');
    expect(html).not.toMatch(/<img/);
  });

  it('is readable from an evaluation of before', () => {
    const view = evaluationView({ champion: 0.5 });
    const { candidate, champion, rows, threshold, seed, slices, gates, passed, schema } = view.evaluation;
    const old = {
      ...{ rows, threshold, seed, slices, gates, passed, schema },
      candidate: { metrics: candidate.metrics, standardErrors: {} },
      champion: { version: 1, rows, metrics: champion!.metrics, candidateMetrics: champion!.candidateMetrics },
    };
    expect(textOf(evaluationPage({ ...view, evaluation: old }).body)).toContain(
      'Version 1 serves; both were measured on 300',
    );
  });
});

describe('numbers and names on the page', () => {
  it.each([
    [0.61249, '0.612'],
    [-0.00312, '−0.003'],
    [0.00043, '0.0004'],
    [-0.00002, '−0.00002'],
    [1e-9, '1e−9'],
    [0, '0'],
    [1, '1'],
    [2.83, '2.830'],
    [151.04, '151.0'],
    [12345.6, '12,346'],
  ])('shows %d as %s', (value, text) => expect(number(value)).toBe(text));

  it.each([
    ['aucMacro', 'AUC, macro'],
    ['aucOneVersusOneWeighted', 'AUC, one versus one, weighted'],
    ['f1', 'F1'],
    ['custom:lift', 'custom:lift'],
    ['disparate-impact of sex', 'disparate-impact of sex'],
  ])('calls %s %s', (metric, label) => expect(labelOf(metric)).toBe(label));
});
