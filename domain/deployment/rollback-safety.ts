import type { ModelRow } from '../model.ts';
import type { ModelDefinition } from '../model-definition.ts';
import type { ReleaseRow } from '../release.ts';
import type { VersionRow } from '../version.ts';
import { reasonsAgainstRollback } from './rollback.ts';

/** What is known of going back, besides the rows. */
export interface RollbackFacts {
  readonly model: ModelRow;
  readonly active?: Pick<ReleaseRow, 'release' | 'status'>;
  /** The version that serves, with its definition. */
  readonly serving?: DefinedVersion;
  /** The version to go back to; undefined where none served before. */
  readonly former?: DefinedVersion;
  /** Whether the former version's archive is where it was sealed. */
  readonly archivePresent: boolean;
}

interface DefinedVersion {
  readonly version: VersionRow;
  readonly definition: Pick<ModelDefinition, 'features' | 'problem' | 'serving'>;
}

export interface RollbackSafety {
  /** `safe`: callers go on as before; `unsafe`: possible, and callers would have to change; `impossible`: it would be refused. */
  readonly verdict: 'safe' | 'unsafe' | 'impossible';
  /** The version to go back to, where there is one. */
  readonly to?: number;
  /** One sentence without its full stop, for a person who was woken. */
  readonly inWords: string;
}

/**
 * Whether going back is safe: still approved and not withdrawn, its bytes in place, and callers who would go on as before, since it
 * reads the same features in the same order and answers in the same form.
 */
export function rollbackSafety({ model, active, serving, former, archivePresent }: RollbackFacts): RollbackSafety {
  if (!model.champion) return { verdict: 'impossible', inWords: 'not possible: nothing serves' };
  if (!former) return { verdict: 'impossible', inWords: 'not possible: no version served before this one' };
  const to = former.version.version;
  const against = [
    ...reasonsAgainstRollback(model, former.version, active),
    ...(archivePresent ? [] : [`the archive of version ${to} is not where it was sealed`]),
  ];
  if (against.length > 0) return { verdict: 'impossible', to, inWords: `not possible now: ${against.join('; ')}` };
  const changes = serving ? changesForCallers(serving.definition, former.definition) : [];
  if (changes.length > 0) {
    return {
      verdict: 'unsafe',
      to,
      inWords: `not safe: callers would have to change, since version ${to} ${changes.join(' and ')}`,
    };
  }
  return {
    verdict: 'safe',
    to,
    inWords: `safe for callers: version ${to} served before under its own approval, its archive is in place, and it reads the same ${former.definition.features.length} features and answers in the same form. It learnt from older data, so it mends a bad release, not a world that moved`,
  };
}

type Interface = DefinedVersion['definition'];

/** What a caller would notice, as predicates of the former version. */
function changesForCallers(now: Interface, former: Interface): string[] {
  const changes: string[] = [];
  const [names, formerNames] = [now, former].map(({ features }) => features.map(({ name }) => name)) as [
    string[],
    string[],
  ];
  const without = names.filter((name) => !formerNames.includes(name));
  const besides = formerNames.filter((name) => !names.includes(name));
  if (without.length > 0) changes.push(`does not read ${without.join(', ')}`);
  if (besides.length > 0) changes.push(`needs ${besides.join(', ')}`);
  if (changes.length === 0 && names.join('\n') !== formerNames.join('\n'))
    changes.push('reads the features in another order');
  const retyped = former.features.filter(({ name, type, unit }) =>
    now.features.some((one) => one.name === name && (one.type !== type || one.unit !== unit)),
  );
  if (retyped.length > 0) changes.push(`takes ${retyped.map(({ name }) => name).join(', ')} as another type or unit`);
  if (answerOf(now) !== answerOf(former)) changes.push('answers in another form');
  return changes;
}

const answerOf = ({ problem, serving }: Interface): string =>
  JSON.stringify([problem.type, problem.positiveClass, problem.classes, serving.request, serving.response]);
