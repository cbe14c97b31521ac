import { type ApprovalLink, isExpired } from '../../domain/approval/approval-link.ts';
import type { LinkSigner } from '../../domain/approval/ports.ts';
import { precisionInWords, precisionOf } from '../../domain/monitoring/answers.ts';
import { incidentDigest, incidentOfPath, incidentPath } from '../../domain/monitoring/incident-link.ts';
import type { AlertPublisher, MonitoringStore } from '../../domain/monitoring/ports.ts';
import { surroundings } from '../../domain/monitoring/recent-changes.ts';
import type { IncidentRow } from '../../domain/monitoring/rows.ts';
import type { LineageStore, Now } from '../../domain/ports.ts';
import type { Session } from '../../domain/sign-in/session.ts';
import { type IncidentView, incidentPage } from '../../web/incident-page.ts';
import { messagePage, type RenderedPage } from '../../web/page.ts';
import { field, formCookie, formNonce, formOf, isCrossSite, linkOf } from '../decide-approval/read-request.ts';
import { boundTo, redirectTo, type SignInDependencies, sessionOf, signInUrl } from '../shared/session.ts';
import { resolveAlert } from '../shared/settle-finding.ts';
import type { ActOnIncidentInput, ActOnIncidentOutput } from './contract.ts';
import { readAction } from './read-action.ts';

export interface ActOnIncidentDependencies {
  readonly lineage: LineageStore;
  readonly monitoring: MonitoringStore;
  readonly links: LinkSigner;
  readonly publisher: AlertPublisher;
  readonly now: Now;
  /** Absent where no issuer is configured: then whoever has the mail may answer. */
  readonly signIn?: SignInDependencies;
  /** At least 128 random bits, base64url. */
  readonly newNonce: () => string;
}

interface Opened {
  readonly link: ApprovalLink;
  readonly incident: IncidentRow;
  /** Absent where no issuer is configured. */
  readonly session?: Session;
}

type Notice = NonNullable<IncidentView['notice']>;

/** GET and HEAD show an incident and change nothing; POST answers the one that the link names: acknowledged, or expected until then. */
export const actOnIncident =
  (dependencies: ActOnIncidentDependencies) =>
  async (input: ActOnIncidentInput): Promise<ActOnIncidentOutput> => {
    const { method } = input.requestContext.http;
    if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') {
      const refused = refusal(405, 'This cannot be done here', 'Open the link from the mail.');
      return { ...refused, headers: { ...refused.headers, allow: 'GET, HEAD, POST' } };
    }
    const opened = await openLink(dependencies, input);
    if ('statusCode' in opened) return opened;
    if (method === 'POST') return post(dependencies, input, opened);
    const shown = await show(dependencies, input, opened);
    return method === 'HEAD' ? { ...shown, body: '' } : shown;
  };

async function openLink(
  dependencies: ActOnIncidentDependencies,
  input: ActOnIncidentInput,
): Promise<Opened | ActOnIncidentOutput> {
  const { monitoring, links, now } = dependencies;
  const path = /\/incidents\/([\w-]{1,400})$/.exec(input.rawPath)?.[1];
  const name = path === undefined ? undefined : incidentOfPath(path);
  const text = linkOf(input);
  const link = text === undefined ? undefined : await links.verify(text);
  // One page for everything that is not a genuine link, so that it tells nothing about what exists.
  const invalid = refusal(403, 'This link is not valid', 'Open it from the mail again, or copy all of it.');
  if (!name || !link || link.requestId !== incidentPath(name) || link.digest !== incidentDigest(name)) return invalid;
  if (isExpired(link, now())) return refusal(410, 'This link has expired', 'A new incident has a new link.');
  const incident = await monitoring.findIncident(name.model, name.detector, name.start);
  if (!incident) return invalid;
  const identified = await identify(dependencies, input, `/incidents/${link.requestId}?link=${text}`);
  return 'statusCode' in identified ? identified : { link, incident, ...identified };
}

/** A mail of an incident goes to many, so whoever has signed in answers as themselves. */
async function identify(
  { signIn, now }: ActOnIncidentDependencies,
  input: ActOnIncidentInput,
  to: string,
): Promise<{ readonly session?: Session } | ActOnIncidentOutput> {
  if (!signIn) return {};
  const session = await sessionOf(signIn, now, input);
  if (session) return { session };
  if (input.requestContext.http.method !== 'POST') return redirectTo(signInUrl(signIn, to));
  return refusal(403, 'Your sign-in has ended', 'Open the link from the mail again, sign in, and answer there.');
}

async function show(
  { lineage, monitoring, links, now, newNonce }: ActOnIncidentDependencies,
  input: ActOnIncidentInput,
  { link, incident, session }: Opened,
  notice?: Notice,
  statusCode = 200,
): Promise<ActOnIncidentOutput> {
  const { model, detector, start } = incident;
  const [row, releases, versions, incidents] = await Promise.all([
    lineage.getModel(model),
    lineage.listReleases(model),
    lineage.listVersions(model),
    monitoring.listIncidents(model),
  ]);
  const current = incidents.find((one) => one.detector === detector && one.start === start) ?? incident;
  const isOpen = current.status === 'Open';
  const nonce = formNonce(input, link.requestId) ?? newNonce();
  const page = incidentPage({
    incident: current,
    around: surroundings(row, releases, versions, now()),
    precision: precisionOf(incidents).map(precisionInWords),
    ...(notice && { notice }),
    ...(isOpen && { form: { csrf: await links.signForm(link, boundTo(session, nonce)) } }),
  });
  return answer(statusCode, page, isOpen ? [formCookie(input, link.requestId, nonce)] : undefined);
}

async function post(
  dependencies: ActOnIncidentDependencies,
  input: ActOnIncidentInput,
  opened: Opened,
): Promise<ActOnIncidentOutput> {
  const { link, session } = opened;
  const form = formOf(input);
  if (form.refused !== undefined) {
    return refusal(form.refused === 'too large' ? 413 : 415, 'This cannot be read', 'Use the form on the page.');
  }
  const nonce = formNonce(input, link.requestId);
  const csrf = field(form.fields, 'csrf') ?? '';
  const isOurs = nonce !== undefined && (await dependencies.links.verifyForm(link, boundTo(session, nonce), csrf));
  if (!isOurs || isCrossSite(input)) {
    return refusal(403, 'This form can no longer be sent', 'Open the link from the mail again and answer there.');
  }
  const action = readAction(form.fields, dependencies.now());
  if ('problem' in action) return show(dependencies, input, opened, { tone: 'bad', text: action.problem }, 422);
  const counted = await record(dependencies, opened, action);
  if (!counted) {
    const text = 'Somebody answered before you, or it is over. Nothing was changed.';
    return show(dependencies, input, opened, { tone: 'plain', text }, 409);
  }
  const text =
    action.kind === 'acknowledge'
      ? 'Acknowledged. It stays open until it is over; nobody is told again.'
      : `Closed as expected. The same features open no incident before ${action.until.slice(0, 10)}.`;
  return show(dependencies, input, opened, { tone: 'good', text });
}

/** Without a sign-in, whoever has the mail may answer; the audit says that it was the link of these readers. */
async function record(
  { monitoring, publisher, now }: ActOnIncidentDependencies,
  { incident, link: { approver, keyId, expires }, session }: Opened,
  action: Exclude<ReturnType<typeof readAction>, { problem: string }>,
): Promise<boolean> {
  const by = session?.person ?? `reader of the mail to ${approver}`;
  const given = { by, at: now().toISOString(), note: action.note };
  const audit = {
    actor: by,
    subject: `incident/${incident.detector}/${incident.start}`,
    details: { note: action.note, ...identityOf(session), link: { keyId, expires } },
  };
  if (action.kind === 'acknowledge') {
    return monitoring.acknowledgeIncident(incident, given, { ...audit, type: 'IncidentAcknowledged' });
  }
  const { until } = action;
  const details = { ...audit.details, until, features: incident.features };
  const closed = await monitoring.expectIncident(
    { ...incident },
    { ...given, until },
    { ...audit, type: 'IncidentExpected', details },
  );
  if (closed) await resolveAlert(publisher, incident, `expected until ${until.slice(0, 10)}`);
  return closed;
}

const identityOf = (session: Session | undefined) =>
  session
    ? { identity: 'sign-in', knownAs: { issuer: session.issuer, subject: session.subject } }
    : { identity: 'link' };

const answer = (statusCode: number, page: RenderedPage, cookies?: readonly string[]): ActOnIncidentOutput => ({
  statusCode,
  headers: page.headers,
  ...(cookies && { cookies }),
  body: page.body,
});

const refusal = (statusCode: number, title: string, what: string): ActOnIncidentOutput =>
  answer(statusCode, messagePage(title, [what, 'Nothing was changed.']));
