import { type ApprovalLink, isExpired } from '../../domain/approval/approval-link.ts';
import type { LinkSigner } from '../../domain/approval/ports.ts';
import { mayAct } from '../../domain/intake/may-act.ts';
import { incidentDigest, incidentOfPath, incidentPath } from '../../domain/monitoring/incident-link.ts';
import { type IncidentRow, incidentId } from '../../domain/monitoring/rows.ts';
import type { Session } from '../../domain/sign-in/session.ts';
import { type IncidentView, incidentPage } from '../../web/incident-page.ts';
import { messagePage, type RenderedPage } from '../../web/page.ts';
import { field, formCookie, formNonce, formOf, isCrossSite, linkOf } from '../decide-approval/read-request.ts';
import { boundTo, redirectTo, type SignInDependencies, sessionOf, signInUrl } from '../shared/session.ts';
import { type Actor, type CarryOutDependencies, carryOut } from './carry-out.ts';
import type { ActOnIncidentInput, ActOnIncidentOutput } from './contract.ts';
import { type IncidentAction, readAction } from './read-action.ts';
import { type ShowIncidentDependencies, showing } from './showing.ts';

export interface ActOnIncidentDependencies extends CarryOutDependencies, Omit<ShowIncidentDependencies, 'objects'> {
  readonly links: LinkSigner;
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

/**
 * GET and HEAD show an incident and change nothing; POST answers the one that the link names (acknowledged, expected until then), or
 * asks for a retraining or a rollback.
 */
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
  dependencies: ActOnIncidentDependencies,
  input: ActOnIncidentInput,
  { link, incident, session }: Opened,
  notice?: Notice,
  statusCode = 200,
): Promise<ActOnIncidentOutput> {
  const { links, newNonce, now } = dependencies;
  const shown = await showing(dependencies, incident);
  const isOpen = shown.incident.status === 'Open';
  const nonce = formNonce(input, link.requestId) ?? newNonce();
  const csrf = isOpen ? await links.signForm(link, boundTo(session, nonce)) : '';
  const page = incidentPage({
    ...shown,
    ...(notice && { notice }),
    ...(isOpen && { form: { csrf, today: now().toISOString().slice(0, 10) } }),
  });
  return answer(statusCode, page, isOpen ? [formCookie(input, link.requestId, nonce)] : undefined);
}

async function post(
  dependencies: ActOnIncidentDependencies,
  input: ActOnIncidentInput,
  opened: Opened,
): Promise<ActOnIncidentOutput> {
  const { link, session, incident } = opened;
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
  const forbidden = await whyForbidden(dependencies, opened, action);
  if (forbidden !== undefined) return show(dependencies, input, opened, { tone: 'bad', text: forbidden }, 403);
  const { statusCode, ...notice } = await carryOut(dependencies, incident, action, actorOf(opened, nonce));
  return show(dependencies, input, opened, notice, statusCode);
}

/** Looking and answering is every reader's; what changes what serves is for the model's team and those who hold a role. */
async function whyForbidden(
  { lineage, signIn }: ActOnIncidentDependencies,
  { incident, session }: Opened,
  { kind }: IncidentAction,
): Promise<string | undefined> {
  if (!signIn || !session || (kind !== 'retrain' && kind !== 'roll-back')) return undefined;
  const { team } = await lineage.getModel(incident.model);
  if (mayAct(signIn.config, team, session.person)) return undefined;
  return `${session.person} is neither of team ${team} nor holds a role. Nothing was changed.`;
}

/** Without a sign-in, whoever has the mail may answer; the audit says that it was the link of these readers. */
function actorOf({ incident, link: { approver, keyId, expires }, session }: Opened, nonce: string): Actor {
  const by = session?.person ?? `reader of the mail to ${approver}`;
  return {
    by,
    submitter: { principal: by, ...(session && { person: session.person }) },
    identity: { ...identityOf(session), link: { keyId, expires } },
    origin: `incident/${incidentId(incident)}#${nonce}`,
  };
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
