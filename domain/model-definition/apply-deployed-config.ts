import type { DeployedConfig, TeamConfig, TierConfig } from '../deployed-config.ts';
import type { Gate, ModelDefinition } from '../model-definition.ts';
import type { Fields } from './fields.ts';
import { nearestKey } from './nearest-key.ts';

/** Checks a definition against what is deployed and adds what its tier asks for. It may only be stricter. */
export function applyDeployedConfig(
  definition: ModelDefinition,
  root: Fields,
  config?: DeployedConfig,
): ModelDefinition {
  if (!config) return definition;
  const team = known(root, 'team', definition.team, config.teams);
  const tier = known(root, 'tier', definition.tier, config.tiers);
  if (team) checkTeam(definition, root, team);
  checkQuotas(definition, root, config);
  if (!tier) return definition;
  return {
    ...definition,
    validation: { ...definition.validation, gates: withTierGates(definition, root, tier) },
    approval: withTierApprovals(definition, root, tier, config),
  };
}

function known<Value>(
  root: Fields,
  key: string,
  name: string,
  values: Readonly<Record<string, Value>>,
): Value | undefined {
  if (Object.hasOwn(values, name)) return values[name];
  const near = nearestKey(name, Object.keys(values));
  const hint = near ? `did you mean "${near}"?` : `expected ${Object.keys(values).join(', ')}`;
  if (name !== '') root.note(root.where(key), `unknown ${key} "${name}"; ${hint}`);
  return undefined;
}

function checkTeam({ team, training, serving }: ModelDefinition, root: Fields, config: TeamConfig): void {
  for (const [section, image] of [
    ['training', training.image],
    ['serving', serving.image],
  ] as const) {
    const repository = image?.replace(/:[^:]*$/, '');
    if (repository === undefined || config.images.includes(repository)) continue;
    root.note(
      root.where(section),
      `image ${repository} is not allowed for team ${team}; allowed: ${config.images.join(', ') || 'none'}`,
    );
  }
  for (const [section, types] of [
    ['training', training.instance.types],
    ['serving', [serving.realtime.instance]],
  ] as const) {
    for (const type of types.filter((candidate) => !config.instanceTypes.includes(candidate))) {
      root.note(
        root.where(section),
        `instance type ${type} is not allowed for team ${team}; allowed: ${config.instanceTypes.join(', ') || 'none'}`,
      );
    }
  }
}

/** What could never be had at once is not waited for. */
function checkQuotas({ training }: ModelDefinition, root: Fields, { quotas }: DeployedConfig): void {
  if (training.artifact !== undefined) return;
  const wanted = training.instance.count * (training.tuning?.maxParallelJobs ?? 1);
  for (const type of training.instance.types) {
    const quota = quotas?.[type]?.[training.spot ? 'spotTraining' : 'training'];
    if (quota !== undefined && wanted > quota)
      root.note(root.where('training'), `training uses ${wanted} × ${type} at once, and the quota is ${quota}`);
  }
}

function withTierGates({ validation, tier: name }: ModelDefinition, root: Fields, tier: TierConfig): Gate[] {
  const own = validation.gates;
  const missing = tier.gates.filter((bar) => {
    const same = own.filter(
      (gate) => gate.metric === bar.metric && gate.slice === undefined && gate.atLeast !== undefined,
    );
    for (const gate of same.filter(({ atLeast }) => atLeast! < bar.atLeast)) {
      root.note(
        root.where('validation'),
        `gate ${gate.metric} atLeast ${gate.atLeast} is less than tier ${name} asks: at least ${bar.atLeast}`,
      );
    }
    return same.length === 0;
  });
  return [...missing, ...own];
}

function withTierApprovals(
  { approval, tier: name }: ModelDefinition,
  root: Fields,
  tier: TierConfig,
  config: DeployedConfig,
): ModelDefinition['approval'] {
  const at = root.where('approval');
  for (const [role, seats] of Object.entries(approval.require)) {
    const people = Object.hasOwn(config.roles, role) ? config.roles[role]! : undefined;
    const least = tier.approvals[role] ?? 0;
    if (!people) root.note(at, `unknown role "${role.slice(0, 60)}"; expected ${Object.keys(config.roles).join(', ')}`);
    else if (seats > people.length)
      root.note(at, `approval asks for ${seats} of role ${role}, which has ${people.length} people`);
    if (seats < least)
      root.note(at, `approval asks for ${seats} of role ${role}, less than tier ${name} asks: ${least}`);
  }
  const hours = root.has('approval') ? approval.expiresBusinessHours : tier.expiresBusinessHours;
  if (hours > tier.expiresBusinessHours) {
    root.note(
      at,
      `approval.expiresBusinessHours ${hours} is more than tier ${name} allows: ${tier.expiresBusinessHours}`,
    );
  }
  return { require: { ...tier.approvals, ...approval.require }, expiresBusinessHours: hours };
}
