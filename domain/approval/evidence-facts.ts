import { spendingInWords } from '../outcome/spending.ts';
import type { ReleaseRow } from '../release.ts';
import { trainingInWords } from '../training/training-in-words.ts';
import type { VersionRow } from '../version.ts';
import type { Approver } from './approval-request.ts';
import type { EvidenceSources } from './evidence.ts';
import { count, inWords, listed } from './measured-words.ts';
import { day, moment } from './moment.ts';
import { fillSeats } from './seats.ts';

type Fact = readonly [label: string, value: string];

/** Why it was made, what it cost, who asks and who else must agree, until when, and what happens after a yes or a no. */
export function factsOf(sources: EvidenceSources, decides: string): Fact[] {
  const { request, release, model, version, definition, timeZone } = sources;
  const { champion } = model;
  const cost = spendingInWords(release);
  return [
    ['Why', whyIn(release)],
    ...(cost === undefined ? [] : [['Training cost', cost] as const]),
    ['Asked by', submitterIn(sources)],
    ['Expires', `${moment(request.expiresAt, timeZone)}; silence is a no`],
    ...agreement(sources),
    ...(request.changeTicket === undefined
      ? []
      : [['Change ticket', `an approval names one, written as ${request.changeTicket}`] as const]),
    ...(request.reviewWithinDays === undefined
      ? []
      : [
          [
            'Review',
            `an approval is reviewed within ${count(request.reviewWithinDays)} days; it goes on serving`,
          ] as const,
        ]),
    ...(request.unreachable ?? []).map(
      (person): Fact => ['Not reached', `${nameIn(sources, person)}: the mail came back`],
    ),
    ...request.excluded.map(({ person, why }): Fact => ['Not asked', `${nameIn(sources, person)}: ${why}`]),
    ['If approved', `it is deployed at once, and proved to be what was approved`],
    ['If rejected', champion ? `version ${champion.version} goes on serving, untouched` : 'nothing serves, as now'],
    [
      'Rollback',
      champion
        ? `restores version ${champion.version}, which serves since ${moment(champion.since, timeZone)}`
        : 'there is nothing to restore: it removes the endpoint',
    ],
    trained(version),
    ['Serves on', `${request.subject.serving.realtime.minInstances} × ${request.subject.serving.realtime.instance}`],
    ...(definition.description === undefined ? [] : [['Technically', decides] as const]),
    ['Bound to', `sha256 ${request.digest}`],
  ];
}

const trained = ({ training, prepared }: VersionRow): Fact =>
  training
    ? ['Trained on', `${count(prepared.trainRows)} rows in ${trainingInWords(training)}`]
    : ['Trained', `elsewhere; its baseline are ${count(prepared.trainRows)} rows that were brought with it`];

const nameIn = ({ config }: EvidenceSources, person: string): string =>
  new Map(Object.entries(config.people)).get(person)?.name ?? person;

function submitterIn(sources: EvidenceSources): string {
  const { person, principal } = sources.request.submitter;
  return person === undefined ? `${principal}, known to no identity` : nameIn(sources, person);
}

/** `flight-delays/drift/2026-02-15T00:00:00.000Z` names an incident by model, detector and start. */
function whyIn({ reason, retraining }: ReleaseRow): string {
  const incident = retraining && 'incident' in retraining ? retraining.incident : undefined;
  if (incident === undefined) return reason;
  const [, detector = '', start = ''] = incident.split('/');
  return `The incident of ${detector} since ${day(start.slice(0, 10))} asked for it`;
}

/** Per seat, who has filled it, or who can; the reader is `you`. */
function agreement(sources: EvidenceSources): Fact[] {
  const { request, votes, reader } = sources;
  const approved = votes.filter(({ choice }) => choice === 'approve').map(({ person }) => person);
  const words = (approver: Approver) => {
    const { person, escalated, standsInFor = [] } = approver;
    const notes = [
      ...(escalated ? ['asked later, because others had not decided'] : []),
      ...standsInFor.map((away) => `for ${nameIn(sources, away.person)}, who is away until ${day(away.until)}`),
    ];
    return `${person === reader ? 'you' : nameIn(sources, person)}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`;
  };
  const seated = fillSeats(
    request.seats,
    request.approvers.filter(({ person }) => approved.includes(person)),
  );
  return request.seats.map(({ role, people }): Fact => {
    const filled = seated.flatMap((seat) => (seat.role === role ? (seat.person ?? []) : []));
    const yes = filled.map((person) => `${person === reader ? 'you have' : `${nameIn(sources, person)} has`} approved`);
    const able = request.approvers.filter(({ roles, person }) => roles.includes(role) && !approved.includes(person));
    const open = people - filled.length;
    const asked = listed(able.map(words), able.length > open ? 'or' : 'and');
    const waits = open === 0 ? [] : [able.length > open && open > 1 ? `${inWords(open)} of ${asked}` : asked];
    return ['Must agree', `${role}: ${[...yes, ...waits].join('; ')}`];
  });
}
