import { lastServed } from '../../domain/staleness/choose-versions.ts';
import { USUAL_WISH } from '../../domain/staleness/rows.ts';
import { type AskStalenessDependencies, askStaleness } from '../shared/ask-staleness.ts';
import { type MeasureQualityDependencies, type Occasion, STEP } from './measure-quality.ts';

const DAY_MS = 86_400_000;

/**
 * Has the last versions held against each other where the owner wants that so often, whoever asked last. It is paid for, so
 * nothing is asked while no other version ever served.
 */
export async function scheduleStaleness(
  dependencies: Pick<MeasureQualityDependencies, 'lineage'> & AskStalenessDependencies,
  { model: { model }, champion, definition, at }: Occasion,
): Promise<void> {
  const { lineage, staleness } = dependencies;
  const everyDays = definition.monitoring.stalenessEveryDays;
  if (everyDays === undefined) return;
  const askedAt = at.toISOString();
  const origin = `schedule/${askedAt}`;
  const [last] = await staleness.list(model, 1);
  if (last && last.origin !== origin && at.getTime() - Date.parse(last.askedAt) < everyDays * DAY_MS) return;
  if (lastServed(await lineage.listVersions(model), champion.version, USUAL_WISH.versions).length < 2) return;
  await askStaleness(dependencies, model, { askedAt, askedBy: { principal: STEP }, origin }, USUAL_WISH);
}
