import type { ModelDefinition } from '../model-definition.ts';
import { DigestSet } from './digest-set.ts';
import { judgeMissing } from './judge-columns.ts';
import { type Problems, placeText, shownCell } from './problems.ts';
import type { CheckedRow, RowChecks } from './row-checks.ts';

/** Rows of the user's own test file, which may not be trained on: held as digests, whatever the training data's size. */
export class HeldOutRows {
  readonly #definition: ModelDefinition;
  readonly #checks: RowChecks;
  readonly #contents = new DigestSet();
  readonly #trainedOn = new DigestSet();
  readonly #missing: number[];
  readonly #where: string[] = [];

  constructor(definition: ModelDefinition, checks: RowChecks) {
    this.#definition = definition;
    this.#checks = checks;
    this.#missing = definition.features.map(() => 0);
  }

  get rows(): number {
    return this.#checks.rows;
  }

  add({ features, compared }: CheckedRow): void {
    this.#contents.add(compared);
    for (const [i, value] of features.entries()) if (value === '') this.#missing[i]! += 1;
  }

  /** Holds a row to train on against all of these. */
  compare({ id, compared, place }: CheckedRow, problems: Problems): void {
    const { id: name } = this.#definition.columns;
    if (id !== '' && this.#checks.ids.has(id))
      problems.at(
        place,
        name,
        `expected ${name} to be in the training data or in the test file`,
        `${shownCell(id)} in both`,
      );
    if (!this.#contents.has(compared)) return;
    this.#trainedOn.add(compared);
    if (this.#where.length < 3) this.#where.push(placeText(place));
  }

  /** @returns findings */
  judge(trainingLabels: ReadonlyMap<string, number>, problems: Problems): string[] {
    const { problem, data } = this.#definition;
    for (const label of this.#checks.classes.keys()) {
      if (!trainingLabels.has(label))
        problems.add(
          `test file: no row to train on has target ${problem.target} = ${shownCell(label)}`,
          problem.target,
        );
    }
    const { problems: missing, findings } = judgeMissing(this.#definition, this.rows, this.#missing);
    for (const { what, column } of missing) problems.add(`test file: ${what}`, column);
    const seen = this.#trainedOn.size;
    const fraction = this.#contents.size === 0 ? 0 : seen / this.#contents.size;
    const limit = data.checks.maxTestOverlapFraction ?? 0;
    const what = `test file: ${seen} of ${this.#contents.size} different rows (${(fraction * 100).toFixed(1)} %) are in the training data too, in everything but their id (there ${this.#where.join(', ')}${seen > this.#where.length ? ', …' : ''})`;
    if (fraction > limit)
      problems.add(
        `${what}; at most ${Number((limit * 100).toFixed(3))} % are allowed (data.checks.maxTestOverlapFraction)`,
      );
    return [
      ...findings.map((finding) => `Test file: ${finding}`),
      ...(seen > 0 && fraction <= limit ? [`${what}.`] : []),
    ];
  }
}
