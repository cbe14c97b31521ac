import { execFileSync } from 'node:child_process';
import { basename, extname, resolve } from 'node:path';
import type { DeployedConfig } from '../../domain/deployed-config.ts';
import { MODEL_NAME } from '../../domain/model-definition/patterns.ts';
import { UsageError } from '../output.ts';

/** Who owns a model, and what it is called. */
export interface ModelIdentity {
  readonly model: string;
  readonly team: string;
  readonly owner: string;
  /** What nobody said. */
  readonly notes: readonly string[];
}

interface Given {
  readonly model?: string;
  readonly team?: string;
  readonly owner?: string;
}

/**
 * Name, team and owner as they are given; otherwise from the folder or the file, from git's e-mail address, and from the teams that
 * the deployment has.
 *
 * @throws {UsageError} nobody to be told, or a team that does not exist
 */
export function whoseModel(
  given: Given,
  folder: string,
  from: string,
  { teams, people }: Pick<DeployedConfig, 'teams' | 'people'>,
  emailOfGit: () => string | undefined = gitEmail,
): ModelIdentity {
  const owner = given.owner ?? emailOfGit();
  if (owner === undefined)
    throw new UsageError('expected --owner, who is told how releases end, as git has no user.email here');
  const names = Object.keys(teams);
  if (given.team !== undefined && !names.includes(given.team))
    throw new UsageError(`expected --team to be one of ${names.join(', ')} (launchway.config.ts), got ${given.team}`);
  const person = Object.entries(people).find(([, { email }]) => email.toLowerCase() === owner.toLowerCase())?.[0];
  const own = names.find((name) => person !== undefined && teams[name]!.members.includes(person));
  const team = given.team ?? own ?? names[0];
  if (team === undefined) throw new UsageError('expected a team in launchway.config.ts, got none');
  const model = given.model ?? nameFrom(folder) ?? nameFrom(from);
  if (model === undefined) throw new UsageError(`expected --model, as neither ${folder} nor ${from} makes a name`);
  return {
    model,
    team,
    owner,
    notes: [
      ...(given.model === undefined ? [`model: ${model}, after the ${nameFrom(folder) ? 'folder' : 'file'}`] : []),
      ...(given.team === undefined && own === undefined
        ? [`team: ${team} is a guess (of ${names.join(', ')}): nobody of a team has the address ${owner}`]
        : []),
      ...(given.owner === undefined ? [`owner: ${owner}, as git has it`] : []),
    ],
  };
}

/** Words that a file of data is called, whatever it is about. */
const SAYS_NOTHING = /^(train(ing)?|data(set)?|test|input|file|src|tmp|table)$/;

/** `Flight Delays_2026.csv` is flight-delays-2026. */
function nameFrom(path: string): string | undefined {
  const full = resolve(path);
  const name = basename(full, extname(full))
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 30)
    .replace(/-+$/, '');
  return MODEL_NAME.test(name) && !SAYS_NOTHING.test(name) ? name : undefined;
}

function gitEmail(): string | undefined {
  try {
    return (
      execFileSync('git', ['config', 'user.email'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() ||
      undefined
    );
  } catch {
    // Neither git nor an address: whoever types says who they are.
    return undefined;
  }
}
