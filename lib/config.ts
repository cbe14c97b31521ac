import { z } from 'zod';
import type { DeployedConfig } from '../domain/deployed-config.ts';
import { Calendar, unknownCalendars } from './approval-config.ts';

const name = (longest: number) =>
  z
    .string()
    .regex(
      new RegExp(`^[a-z][a-z0-9-]{0,${longest - 1}}$`),
      `expected lower case letters, digits and dashes, at most ${longest}`,
    );
const email = z.email('expected an e-mail address');
const principal = z
  .string()
  .regex(
    /^(arn:aws[a-z-]*:(iam|sts)::(\d{12}|\*):\S+|AWS:[A-Z0-9]+\S*)$/,
    'expected an IAM user or role ARN, or a principal id such as AWS:AIDA…',
  );

const Schema = z.strictObject({
  stage: z.strictObject({ name: name(10), kind: z.enum(['dev', 'prod']) }),
  namePrefix: name(12),
  people: z.record(
    name(40),
    z.strictObject({ name: z.string().min(1), email, principals: z.array(principal), calendar: z.string().optional() }),
  ),
  calendars: z.record(name(40), Calendar).optional(),
  roleCalendars: z.record(z.string(), z.string()).optional(),
  roles: z.record(name(30), z.array(z.string()).min(1, 'expected at least one person')),
  teams: z.record(
    name(16),
    z.strictObject({
      members: z.array(z.string()).min(1, 'expected at least one member'),
      images: z.array(z.string()),
      instanceTypes: z
        .array(z.string().regex(/^ml\./, 'expected a SageMaker instance type such as ml.m5.large'))
        .min(1),
    }),
  ),
  tiers: z.record(
    name(16),
    z.strictObject({
      approvals: z.record(z.string(), z.number().int().positive()),
      gates: z.array(z.strictObject({ metric: z.string(), atLeast: z.number() })),
      expiresBusinessHours: z.number().int().min(1).max(240),
      escalateTo: z.array(z.string()).optional(),
    }),
  ),
  mail: z.strictObject({ from: email, operators: email }),
  exposure: z.enum(['public', 'private']),
  issuer: z.url().optional(),
  permissionsBoundary: z.string().optional(),
  vpc: z.strictObject({ id: z.string(), subnets: z.array(z.string()).min(1) }).optional(),
  tags: z.record(z.string(), z.string()),
});

/** What a platform engineer writes in `launchway.config.ts`. */
export type LaunchwayConfig = z.infer<typeof Schema>;

/** The same before defaults are filled in. */
type LaunchwayConfigInput = z.input<typeof Schema>;

/** The configuration cannot be deployed; every problem is a line of the message. */
export class ConfigRefusedError extends Error {
  override readonly name = 'ConfigRefusedError';

  constructor(problems: readonly string[]) {
    super(
      `launchway.config.ts has ${problems.length} problem${problems.length > 1 ? 's' : ''}:\n${problems.map((p) => `  ${p}`).join('\n')}`,
    );
  }
}

/**
 * Checks the configuration once; everything behind it can rely on it.
 *
 * @throws {ConfigRefusedError} all problems at once, each with its path
 */
export function defineConfig(config: LaunchwayConfigInput): LaunchwayConfig {
  const parsed = Schema.safeParse(config);
  if (!parsed.success) {
    throw new ConfigRefusedError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  }
  const problems = [
    ...unknownPeople(parsed.data),
    ...unfillableSeats(parsed.data),
    ...unknownCalendars(parsed.data),
    ...notImplemented(parsed.data),
  ];
  if (problems.length) throw new ConfigRefusedError(problems);
  return parsed.data;
}

function unknownPeople({ people, roles, teams, tiers }: LaunchwayConfig): string[] {
  const known = (path: string, ids: readonly string[]) =>
    ids.filter((id) => !(id in people)).map((id) => `${path}: expected one of people, got "${id}"`);
  return [
    ...Object.entries(roles).flatMap(([role, ids]) => known(`roles.${role}`, ids)),
    ...Object.entries(teams).flatMap(([team, { members }]) => known(`teams.${team}.members`, members)),
    ...Object.entries(tiers).flatMap(([tier, { escalateTo }]) => known(`tiers.${tier}.escalateTo`, escalateTo ?? [])),
  ];
}

function unfillableSeats({ roles, tiers }: LaunchwayConfig): string[] {
  return Object.entries(tiers).flatMap(([tier, { approvals }]) => {
    if (Object.keys(approvals).length === 0) return [`tiers.${tier}.approvals: expected at least one seat, got none`];
    return Object.entries(approvals)
      .filter(([role, seats]) => (roles[role]?.length ?? 0) < seats)
      .map(
        ([role, seats]) =>
          `tiers.${tier}.approvals.${role}: expected ${seats} people in the role, got ${roles[role]?.length ?? 0}`,
      );
  });
}

/** Settings that are understood but not built: refused rather than ignored. */
function notImplemented({ stage, exposure, issuer, vpc }: LaunchwayConfig): string[] {
  return [
    ...(stage.kind === 'prod' && !issuer
      ? ['issuer: expected a sign-in issuer for a stage of kind prod, got none']
      : []),
    ...(issuer ? ['issuer: sign-in is not implemented yet'] : []),
    ...(exposure === 'private' ? ['exposure: private is not implemented yet'] : []),
    ...(vpc ? ['vpc: running jobs in a VPC is not implemented yet'] : []),
  ];
}

/** `namePrefix-stage`: what every name starts with. */
export const prefixOf = ({ namePrefix, stage }: LaunchwayConfig): string => `${namePrefix}-${stage.name}`;

/** The part that functions read at run time. */
export const deployedConfig = (config: LaunchwayConfig): DeployedConfig => ({
  stage: config.stage,
  prefix: prefixOf(config),
  teams: config.teams,
  tiers: config.tiers,
  roles: config.roles,
  people: config.people,
  ...(config.calendars && { calendars: config.calendars }),
  ...(config.roleCalendars && { roleCalendars: config.roleCalendars }),
  mail: config.mail,
});
