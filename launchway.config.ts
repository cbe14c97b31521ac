import { defineConfig } from './lib/config.ts';

/** `launchway local --sign-in` starts an issuer on this machine, says here where it is, and has a channel told what is asked. */
const localIssuer = process.env.LAUNCHWAY_LOCAL_ISSUER;
const notify = localIssuer ? [{ format: 'slack' as const, secret: 'launchway-local/channel' }] : [];

/**
 * Everything about this deployment that a reviewed `cdk deploy` fixes. Models are not here: a model is a row.
 *
 * This is the complete example for the stage `local`; a real stage changes people, mail and identities.
 */
export default defineConfig({
  // A stage of kind `prod` refuses to synthesize without a sign-in issuer.
  stage: { name: 'local', kind: 'dev' },

  // Everything Launchway makes is called `{namePrefix}-{stage}-…`; at most 20 characters together.
  namePrefix: 'launchway',

  // Who a person is to AWS: IAM user or role ARNs, or S3's principal ids (`AWS:AIDA…`). `*` stands for this account.
  people: {
    'dana-scientist': {
      name: 'Dana (data scientist)',
      email: 'dana@example.com',
      principals: ['arn:aws:iam::*:user/dana'],
      subjects: ['dana'],
    },
    'lee-scientist': {
      name: 'Lee (data scientist)',
      email: 'lee@example.com',
      principals: ['arn:aws:iam::*:user/lee'],
      subjects: ['lee'],
    },
    'ada-approver': {
      name: 'Ada (model risk)',
      email: 'ada@example.com',
      principals: ['arn:aws:iam::*:user/ada'],
      subjects: ['ada'],
      calendar: 'amsterdam',
    },
    'ben-business': {
      name: 'Ben (business owner)',
      email: 'ben@example.com',
      principals: ['arn:aws:iam::*:user/ben'],
      subjects: ['ben'],
    },
  },

  // Business hours are those of each person's calendar: their own, or that of a role (`roleCalendars: { business: 'amsterdam' }`), or
  // the one called `default`. Without any: whole days from Monday to Friday, UTC.
  calendars: {
    amsterdam: {
      timeZone: 'Europe/Amsterdam',
      days: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri'],
      hours: ['09:00', '17:00'],
      holidays: ['2026-12-25', '2026-12-26', '2027-01-01'],
    },
  },

  // Who is away, and whose their seats are meanwhile; approvers can say so themselves:
  // `delegations: [{ person: 'ada-approver', to: 'ben-business', from: '2026-12-21', until: '2027-01-04' }]`

  // Seats that approvals are counted by.
  roles: { 'model-risk': ['ada-approver'], business: ['ben-business'] },

  // A team's containers can read and write under the team's prefix only, with no network.
  teams: {
    operations: {
      members: ['dana-scientist'],
      images: ['launchway/flight-delays'],
      instanceTypes: ['ml.m5.large', 'ml.m6i.large'],
    },
    lending: { members: ['lee-scientist'], images: [], instanceTypes: ['ml.m5.large', 'ml.m6i.large'] },
  },

  // The least that every model of a tier must pass; model.yaml can only add. `escalateTo: ['person']` asks those too, for any seat,
  // once three quarters of the time to decide are over. `changeTicket: 'CHG[0-9]{7}'` lets nobody approve without one. `reviewWithinDays: 365` has every
  // approval reviewed by then at the latest: people are told, and it goes on serving. `digest: 'daily'` asks
  // approvers in one mail a working day, but for what is urgent. `notify` tells channels (Slack, Teams, or any webhook that takes JSON) what is
  // asked: never the address itself but the name of a secret whose text it is, `launchway-prod/webhooks/lending`.
  tiers: {
    standard: { approvals: { 'model-risk': 1 }, gates: [], expiresBusinessHours: 24, notify },
    critical: { approvals: { 'model-risk': 1, business: 1 }, gates: [], expiresBusinessHours: 48, notify },
  },

  // Instances that jobs may use at once, by type and use (`training`, `spotTraining`, `transform`): the account's quotas, or less. Jobs
  // wait for each other in turn, team by team; a type or use that is not here is asked for at once, and SageMaker's own refusal retried.
  quotas: {
    'ml.m5.large': { training: 20, spotTraining: 20 },
    'ml.m6i.large': { training: 2 },
  },

  // SES identity that sends, and who gets what has no owner.
  mail: { from: 'launchway@example.com', operators: 'operators@example.com' },

  // `public`: approval pages on the internet, behind signed links. `private` is not implemented yet and says so.
  exposure: 'public',

  // OpenID Connect issuer at which people sign in before a page shows them anything: authorization code flow with PKCE, as a public
  // client (no secret), redirect URI `{ApprovalUrl}/sign-in/callback`. Everyone who decides then needs `subjects`, as its tokens
  // write them. Without an issuer the links are the credential, and pages say so.
  ...(localIssuer && { issuer: { url: localIssuer, clientId: 'launchway' } }),
  // issuer: {
  //   url: 'https://login.example.com',
  //   clientId: 'launchway',
  //   subjectClaim: 'sub', // a claim that names a person for ever (Entra ID: 'oid'); e-mail addresses are refused
  //   groups: { claim: 'groups', roles: { 'model-risk': 'mrm-approvers' } }, // a seat needs the group as well
  //   sessionMinutes: 60,
  // },

  // How long nobody can delete the heads of the audit chains (S3 Object Lock, compliance mode) in a stage of kind `prod`.
  audit: { retainYears: 10 },

  // Rotating the keys that sign links: raise `generation` with `acceptFormer: true`, and set that to false once the last link of the
  // former key has expired (runbook: rotating link keys).
  linkKeys: { generation: 1, acceptFormer: false },

  // A VPC for every container that trains, transforms or serves; without one they run in SageMaker's own network, isolated as well. The
  // subnets need a gateway endpoint for S3, and the security group must let its members talk to each other.
  // vpc: { subnets: ['subnet-0a1b2c3d', 'subnet-4e5f6a7b'], securityGroups: ['sg-0a1b2c3d'] },

  // Put on every resource.
  tags: { application: 'launchway' },
});
