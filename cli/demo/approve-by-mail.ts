/** A mail as the inbox lists it. */
export interface InboxMail {
  readonly id: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Mails in the local inbox, newest first. */
export async function readInbox(url: string, to?: string): Promise<InboxMail[]> {
  const response = await fetch(`${url}/_launchway/inbox.json${to ? `?to=${encodeURIComponent(to)}` : ''}`);
  if (!response.ok) throw new Error(`expected the inbox, got status ${response.status}`);
  return (await response.json()) as InboxMail[];
}

/**
 * The link of the newest mail that has one.
 *
 * @throws {Error} no mail asks for a decision
 */
export function approvalLink(mails: readonly InboxMail[]): string {
  const links = mails.flatMap(({ text }) => text.match(/https?:\/\/\S*\/approvals\/\S+/)?.[0] ?? []);
  if (!links[0]) throw new Error(`expected a mail with an approval link, got ${mails.length} mails without`);
  return links[0];
}

/** Decides what the newest mail asks. */
export async function decideByMail(
  url: string,
  approver: string,
  decision: 'approve' | 'reject',
  reason: string,
): Promise<string> {
  return decideAt(approvalLink(await readInbox(url, approver)), decision, reason);
}

/**
 * Decides as a person does in a browser: opens the link from the mail, reads the page, and posts its form with a reason.
 *
 * @returns the status line of the page that answers
 */
export async function decideAt(link: string, decision: 'approve' | 'reject', reason: string): Promise<string> {
  const page = await fetch(link);
  const html = decisionForm(await page.text());
  if (!page.ok) throw new Error(`expected the approval page, got status ${page.status}`);
  const cookies = page.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
  const form = new URLSearchParams([...hiddenFields(html), ['decision', decision], ['reason', reason]]);
  const answer = await fetch(new URL(formAction(html) ?? link, link), {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...(cookies && { cookie: cookies }) },
    body: form.toString(),
    redirect: 'follow',
  });
  const text = await answer.text();
  if (!answer.ok)
    throw new Error(`expected the decision to be taken, got status ${answer.status}: ${text.slice(0, 300)}`);
  return text.match(/<h1[^>]*>([^<]*)/)?.[1] ?? String(answer.status);
}

/** Says yes as `decideByMail` does. */
export const approveByMail = (url: string, approver: string, reason: string): Promise<string> =>
  decideByMail(url, approver, 'approve', reason);

/** Of the page's forms the one that decides; others ask, hand over or take back. */
const decisionForm = (html: string): string =>
  html.match(/<form\b.*?<\/form>/gs)?.find((form) => form.includes('name="decision"')) ?? '';

const hiddenFields = (html: string): [string, string][] =>
  [...html.matchAll(/<input\b[^>]*type="hidden"[^>]*>/g)].map(([input]) => [
    attribute(input, 'name'),
    attribute(input, 'value'),
  ]);

const formAction = (html: string): string | undefined => {
  const form = html.match(/<form\b[^>]*>/)?.[0];
  return form?.includes('action=') ? attribute(form, 'action') : undefined;
};

const attribute = (element: string, name: string): string =>
  (element.match(new RegExp(`\\b${name}="([^"]*)"`))?.[1] ?? '')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
