/** What a reviewed `cdk deploy` fixes, as the functions read it (a file beside their code). Types only; parsed in `lib/config.ts`. */
export interface DeployedConfig {
  readonly stage: { readonly name: string; readonly kind: 'dev' | 'prod' };
  /** `namePrefix-stage`, ≤ 20 characters. */
  readonly prefix: string;
  readonly teams: Readonly<Record<string, TeamConfig>>;
  readonly tiers: Readonly<Record<string, TierConfig>>;
  /** Who can fill a seat: role name → person ids. */
  readonly roles: Readonly<Record<string, readonly string[]>>;
  readonly people: Readonly<Record<string, PersonConfig>>;
  /** Working time by name; `default` is everyone's who has no other. Absent: whole days, Monday to Friday, UTC. */
  readonly calendars?: Readonly<Record<string, WorkingCalendar>>;
  /** Role → calendar of those who fill its seats, where a person has none of their own. */
  readonly roleCalendars?: Readonly<Record<string, string>>;
  /** Who is away when, and who stands in: person ids and dates. */
  readonly delegations?: readonly {
    readonly person: string;
    readonly to: string;
    readonly from: string;
    readonly until: string;
  }[];
  /** Instances that jobs may use at once, by type: AWS's quotas. A type or use that is not here has no limit of ours. */
  readonly quotas?: Readonly<Record<string, InstanceQuotas>>;
  readonly mail: {
    /** Sender of every mail. */
    readonly from: string;
    /** Gets reports that have no owner: unknown models, operators' alarms. */
    readonly operators: string;
    /** Where this deployment's runbook can be read: mails link to its sections. Absent: they name docs/runbook.md. */
    readonly runbook?: string;
  };
  /** Who vouches for people on the pages; without one, the signed link of a mail is all that they are known by. */
  readonly issuer?: IssuerConfig;
}

/** An OpenID Connect issuer at which people sign in: authorization code flow with PKCE. */
export interface IssuerConfig {
  /** Its issuer identifier, as its discovery document and its tokens have it. */
  readonly url: string;
  readonly clientId: string;
  /** The claim that names a person for ever; never one that a person can change. */
  readonly subjectClaim: string;
  readonly scopes: readonly string[];
  /** Groups that somebody must be in to fill a seat, besides being named for it. */
  readonly groups?: { readonly claim: string; readonly roles: Readonly<Record<string, string>> };
  readonly sessionMinutes: number;
}

export interface InstanceQuotas {
  readonly training?: number;
  readonly spotTraining?: number;
  readonly transform?: number;
}

export interface TeamConfig {
  /** Person ids. */
  readonly members: readonly string[];
  /** Image repositories this team may use: `launchway/flight-delays`; framework images are always allowed. */
  readonly images: readonly string[];
  readonly instanceTypes: readonly string[];
}

export interface TierConfig {
  /** Seats per role: `{ 'model-risk': 1 }`; model.yaml can only add. */
  readonly approvals: Readonly<Record<string, number>>;
  /** Gates every model of the tier passes, besides its own. */
  readonly gates: readonly { readonly metric: string; readonly atLeast: number }[];
  readonly expiresBusinessHours: number;
  /** Person ids that are asked too, for any seat, once three quarters of the time are over. */
  readonly escalateTo?: readonly string[];
  /** What a change ticket looks like, all of it: `CHG[0-9]{7}`. Every approval of the tier names one; absent: none is asked for. */
  readonly changeTicket?: string;
  /** Approvers get one mail a working day with all that waits for them, not one a request. */
  readonly digest?: 'daily';
  /** Days after which every approval of the tier is to be reviewed, at the latest. Absent: only where an approver says when. */
  readonly reviewWithinDays?: number;
  /** Channels that are told what people of this tier are asked. */
  readonly notify?: readonly ChannelConfig[];
}

/** A webhook of a channel. Its address is the text of a secret: whoever knows it can post there. */
export interface ChannelConfig {
  readonly format: 'slack' | 'teams' | 'generic';
  /** Name in Secrets Manager. */
  readonly secret: string;
}

export interface PersonConfig {
  readonly name: string;
  readonly email: string;
  /** IAM principals that are this person: `arn:aws:iam::000000000000:user/alice` or an assumed-role ARN without its session. */
  readonly principals: readonly string[];
  /** One of `calendars`. */
  readonly calendar?: string;
  /** The issuer's subjects that are this person, as they are written in its tokens. */
  readonly subjects?: readonly string[];
}

/** When somebody works: what business hours are counted in. */
export interface WorkingCalendar {
  /** IANA name: `Europe/Amsterdam`. */
  readonly timeZone: string;
  readonly days: readonly ('Mon' | 'Tue' | 'Wed' | 'Thu' | 'Fri' | 'Sat' | 'Sun')[];
  /** Wall clock there, `['09:00', '17:00']`; `24:00` is the end of the day. */
  readonly hours: readonly [from: string, to: string];
  /** Dates there on which nobody works: `2026-12-25`. */
  readonly holidays: readonly string[];
}
