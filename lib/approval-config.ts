import { z } from 'zod';

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'expected a time of day such as 09:00 or 24:00');
const date = z.iso.date('expected a date such as 2026-12-25');

const isTimeZone = (timeZone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return true;
  } catch {
    return false;
  }
};

/** Working time, as a calendar of the configuration gives it. */
export const Calendar = z.strictObject({
  timeZone: z.string().refine(isTimeZone, 'expected an IANA time zone such as Europe/Amsterdam'),
  days: z.array(z.enum(DAYS)).min(1, 'expected at least one working day').default(['Mon', 'Tue', 'Wed', 'Thu', 'Fri']),
  hours: z
    .tuple([clock, clock])
    .refine(([from, to]) => from < to, 'expected hours that end later on the same day')
    .default(['09:00', '17:00']),
  holidays: z.array(date).default([]),
});

/** Somebody is away from a day on until the day on which they are back, and their seats are another's. */
export const Delegation = z.strictObject({ person: z.string(), to: z.string(), from: date, until: date });

interface Delegated {
  readonly delegations?: readonly z.infer<typeof Delegation>[];
  readonly people: Readonly<Record<string, unknown>>;
}

export function unlawfulDelegations({ delegations = [], people }: Delegated): string[] {
  return delegations.flatMap(({ person, to, from, until }, i) => [
    ...[person, to]
      .filter((id) => !Object.hasOwn(people, id))
      .map((id) => `delegations.${i}: expected one of people, got "${id}"`),
    ...(person === to ? [`delegations.${i}: expected another person to stand in for ${person}`] : []),
    ...(from < until ? [] : [`delegations.${i}: expected until to be after ${from}, got ${until}`]),
  ]);
}

interface Calendars {
  readonly calendars?: Readonly<Record<string, unknown>>;
  readonly roleCalendars?: Readonly<Record<string, string>>;
  readonly roles: Readonly<Record<string, unknown>>;
  readonly people: Readonly<Record<string, { readonly calendar?: string }>>;
}

/** Calendars and roles that are named and do not exist. */
export function unknownCalendars({ calendars = {}, roleCalendars = {}, roles, people }: Calendars): string[] {
  const known = (path: string, name: string | undefined) =>
    name === undefined || Object.hasOwn(calendars, name)
      ? []
      : [`${path}: expected one of calendars (${Object.keys(calendars).join(', ') || 'none'}), got "${name}"`];
  return [
    ...Object.entries(people).flatMap(([id, { calendar }]) => known(`people.${id}.calendar`, calendar)),
    ...Object.entries(roleCalendars).flatMap(([role, name]) => [
      ...known(`roleCalendars.${role}`, name),
      ...(Object.hasOwn(roles, role) ? [] : [`roleCalendars: expected one of roles, got "${role}"`]),
    ]),
  ];
}
