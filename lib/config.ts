import { z } from 'zod';
import type { DeployedConfig } from '../domain/deployed-config.ts';
import { Calendar, Delegation, unknownCalendars, unlawfulDelegations } from './approval-config.ts';

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

/** Claims that a person or an administrator can change, or give to somebody else later: they name nobody for ever. */
const CHANGEABLE_CLAIMS = ['email', 'preferred_username', 'name', 'nickname', 'upn', 'unique_name', 'phone_number'];

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];
const isLoopback = (url: string): boolean => URL.canParse(url) && LOOPBACK.includes(new URL(url).hostname);

const issuer = z.strictObject({
  url: z
    .url()
    .refine(
      (url) => /^https:/.test(url) || (/^http:/.test(url) && isLoopback(url)),
      'expected an https address; http is for this machine only',
    )
    .refine((url) => !/[?#]/.test(url), 'expected an issuer identifier, which has no query and no fragment'),
  clientId: z.string().min(1),
  subjectClaim: z
    .string()
    .min(1)
    .refine(
      (claim) => !CHANGEABLE_CLAIMS.includes(claim),
      'expected a claim that names a person for ever, such as sub or oid: this one can change, or be given to somebody else',
    )
    .default('sub'),
  scopes: z.array(z.string().min(1)).default([]),
  groups: z.strictObject({ claim: z.string().min(1), roles: z.record(z.string(), z.string().min(1)) }).optional(),
  sessionMinutes: z.number().int().min(5).max(480).default(60),
});

const isPattern = (text: string): boolean => {
  try {
    return !new RegExp(`^(?:${text})$`, 'u').test('');
  } catch {
    return false;
  }
};

const quota = z.number().int().min(1, 'expected at least one instance');

const Schema = z.strictObject({
  stage: z.strictObject({ name: name(10), kind: z.enum(['dev', 'prod']) }),
  namePrefix: name(12),
  people: z.record(
    name(40),
    z.strictObject({
      name: z.string().min(1),
      email,
      principals: z.array(principal),
      calendar: z.string().optional(),
      subjects: z.array(z.string().min(1).max(255)).optional(),
    }),
  ),
  calendars: z.record(name(40), Calendar).optional(),
  roleCalendars: z.record(z.string(), z.string()).optional(),
  delegations: z.array(Delegation).optional(),
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
      changeTicket: z
        .string()
        .min(1)
        .max(100)
        .refine(isPattern, 'expected a regular expression for a whole ticket, such as CHG[0-9]{7}')
        .optional(),
      digest: z.literal('daily').optional(),
      reviewWithinDays: z.number().int().min(1).max(3_650).optional(),
      notify: z
        .array(
          z.strictObject({
            format: z.enum(['slack', 'teams', 'generic']),
            secret: z
              .string()
              .regex(
                /^[A-Za-z0-9/_+=.@-]{1,200}$/,
                'expected the name of a secret in Secrets Manager, which holds the address',
              ),
          }),
        )
        .optional(),
    }),
  ),
  quotas: z
    .record(
      z.string().regex(/^ml\./, 'expected a SageMaker instance type such as ml.m5.large'),
      z.strictObject({
        training: quota.optional(),
        spotTraining: quota.optional(),
        transform: quota.optional(),
      }),
    )
    .optional(),
  mail: z.strictObject({ from: email, operators: email, runbook: z.url().optional() }),
  exposure: z.enum(['public', 'private']),
  issuer: issuer.optional(),
  audit: z.strictObject({ retainYears: z.number().int().min(1).max(30) }).default({ retainYears: 10 }),
  linkKeys: z
    .strictObject({ generation: z.number().int().min(1).max(99), acceptFormer: z.boolean() })
    .refine(
      ({ generation, acceptFormer }) => generation > 1 || !acceptFormer,
      'expected a generation above 1 where a former one is accepted',
    )
    .default({ generation: 1, acceptFormer: false }),
  permissionsBoundary: z.string().optional(),
  vpc: z
    .strictObject({
      subnets: z
        .array(z.string().regex(/^subnet-/, 'expected a subnet such as subnet-0a1b2c3d'))
        .min(1)
        .max(16),
      securityGroups: z.array(z.string().regex(/^sg-/, 'expected a security group such as sg-0a1b2c3d')).min(1).max(5),
    })
    .optional(),
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
    ...unlawfulDelegations(parsed.data),
    ...unidentified(parsed.data),
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

/** Whoever may decide must be somebody to the issuer, and nobody else. */
function unidentified({ stage, issuer, people, roles, tiers }: LaunchwayConfig): string[] {
  const owners = Map.groupBy(
    Object.entries(people).flatMap(([id, { subjects }]) => (subjects ?? []).map((subject) => ({ id, subject }))),
    ({ subject }) => subject,
  );
  const shared = [...owners]
    .filter(([, people]) => people.length > 1)
    .map(
      ([subject, people]) =>
        `people: expected one person with the subject "${subject}", got ${people.map(({ id }) => id).join(' and ')}`,
    );
  if (!issuer) {
    return stage.kind === 'prod'
      ? ['issuer: expected a sign-in issuer for a stage of kind prod, got none', ...shared]
      : shared;
  }
  const deciding = new Set(
    [...Object.values(roles), ...Object.values(tiers).map((tier) => tier.escalateTo ?? [])].flat(),
  );
  return [
    ...(stage.kind === 'prod' && isLoopback(issuer.url)
      ? [`issuer.url: expected an issuer that others reach for a stage of kind prod, got ${issuer.url}`]
      : []),
    ...[...deciding]
      .filter((id) => people[id] && !people[id].subjects?.length)
      .map((id) => `people.${id}.subjects: expected the issuer's name of somebody who decides, got none`),
    ...Object.keys(issuer.groups?.roles ?? {})
      .filter((role) => !(role in roles))
      .map((role) => `issuer.groups.roles: expected one of roles, got "${role}"`),
    ...shared,
  ];
}

/** Settings that are understood but not built: refused rather than ignored. */
function notImplemented({ exposure }: LaunchwayConfig): string[] {
  return exposure === 'private' ? ['exposure: private is not implemented yet'] : [];
}

/** `namePrefix-stage`: what every name starts with. */
export const prefixOf = ({ namePrefix, stage }: LaunchwayConfig): string => `${namePrefix}-${stage.name}`;

/** Where images of a team are built to: `launchway-local/operations`. */
export const teamRepository = (prefix: string, team: string): string => `${prefix}/${team}`;

/** Repositories whose images a team may use: those it was given, and its own. */
export const imagesOfTeam = (config: LaunchwayConfig, team: string): string[] => [
  ...new Set([...(config.teams[team]?.images ?? []), teamRepository(prefixOf(config), team)]),
];

/** The part that functions read at run time. */
export const deployedConfig = (config: LaunchwayConfig): DeployedConfig => ({
  stage: config.stage,
  prefix: prefixOf(config),
  teams: Object.fromEntries(
    Object.entries(config.teams).map(([team, its]) => [team, { ...its, images: imagesOfTeam(config, team) }]),
  ),
  tiers: config.tiers,
  roles: config.roles,
  people: config.people,
  ...(config.calendars && { calendars: config.calendars }),
  ...(config.delegations && { delegations: config.delegations }),
  ...(config.roleCalendars && { roleCalendars: config.roleCalendars }),
  ...(config.quotas && { quotas: config.quotas }),
  mail: config.mail,
  ...(config.issuer && { issuer: config.issuer }),
});
