import { randomBytes } from 'node:crypto';
import { OidcIssuer } from '../../adapters/oidc-issuer.ts';
import type { DeployedConfig, IssuerConfig } from '../../domain/deployed-config.ts';
import type { DecideApprovalInput, DecideApprovalOutput } from '../../lambdas/decide-approval/contract.ts';
import { signIn } from '../../lambdas/sign-in/sign-in.ts';
import { CONFIG } from './approval-fixtures.ts';
import { ApprovalRoom } from './approval-room.ts';
import { ScriptedIssuer } from './scripted-issuer.ts';

export const PAGES = 'https://approvals.example.com';
const HTTPS = { 'x-forwarded-proto': 'https' };

const withIssuer = (change: Partial<IssuerConfig>): DeployedConfig => ({
  ...CONFIG,
  people: Object.fromEntries(
    Object.entries(CONFIG.people).map(([id, person]) => [id, { ...person, subjects: [`sub-${id}`] }]),
  ),
  issuer: {
    url: 'https://login.example.com',
    clientId: 'launchway',
    subjectClaim: 'sub',
    scopes: [],
    sessionMinutes: 60,
    ...change,
  },
});

/** An approval room whose pages demand a sign-in at a scripted issuer. */
export class SignInRoom extends ApprovalRoom {
  readonly issuer = new ScriptedIssuer();
  readonly refusals: { readonly why: string; readonly details: object }[] = [];
  readonly #oidc: OidcIssuer;

  constructor(change: Partial<IssuerConfig> = {}) {
    const config = withIssuer(change);
    super({ config });
    this.#oidc = new OidcIssuer({
      ...config.issuer!,
      redirectUri: `${PAGES}/sign-in/callback`,
      now: this.clock.now,
      fetch: this.issuer.fetch,
    });
  }

  /** What API Gateway routes to, by path. */
  async page(method: string, url: string, change: Partial<DecideApprovalInput> = {}): Promise<DecideApprovalOutput> {
    const { pathname, search } = new URL(url);
    const headers = { ...HTTPS, ...change.headers };
    if (!pathname.startsWith('/sign-')) return this.http(method, url, { ...change, headers });
    const { config, clock, sessionKey, signOuts } = this;
    const answer = signIn({
      issuer: this.#oidc,
      sessionKey,
      signOuts,
      pagesUrl: PAGES,
      config,
      now: clock.now,
      newId: () => randomBytes(32).toString('base64url'),
      onRefused: (why, details) => this.refusals.push({ why, details }),
    });
    return answer({
      rawPath: pathname,
      rawQueryString: search.slice(1),
      cookies: [],
      isBase64Encoded: false,
      requestContext: { http: { method, sourceIp: '127.0.0.1' } },
      ...change,
      headers,
    });
  }
}

/** A browser profile: it keeps cookies, and follows redirects of ours. */
export class Visitor {
  readonly cookies = new Map<string, string>();
  readonly #room: SignInRoom;

  constructor(room: SignInRoom) {
    this.#room = room;
  }

  async send(method: string, url: string, change: Partial<DecideApprovalInput> = {}): Promise<DecideApprovalOutput> {
    const cookies = [...this.cookies].map(([name, value]) => `${name}=${value}`);
    const answer = await this.#room.page(method, url, { cookies, ...change });
    for (const cookie of answer.cookies ?? []) {
      const [, name = '', value = '', terms = ''] = /^([^=]+)=([^;]*);(.*)$/.exec(cookie) ?? [];
      if (/Max-Age=0/.test(terms)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }

  get(url: string): Promise<DecideApprovalOutput> {
    return this.send('GET', url);
  }

  /** Opens a link up to where the issuer is to be asked. @returns the issuer's address */
  async sentToSignIn(url: string): Promise<string> {
    const page = await this.get(url);
    return (await this.get(page.headers.location!)).headers.location!;
  }

  /** Opens a link and signs in on the way. @returns the page that the person then has */
  async open(url: string, subject: string, groups: readonly string[] = []): Promise<DecideApprovalOutput> {
    const back = this.#room.issuer.authorize(await this.sentToSignIn(url), subject, groups);
    const signedIn = await this.get(back);
    return signedIn.headers.location === undefined ? signedIn : this.get(signedIn.headers.location);
  }

  async decide(url: string, fields: Readonly<Record<string, string>>): Promise<DecideApprovalOutput> {
    const csrf = /name="csrf" value="([^"]+)"/.exec((await this.get(url)).body)?.[1] ?? 'no-form';
    return this.post(url, { csrf, ...fields });
  }

  post(url: string, fields: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}) {
    return this.send('POST', url, {
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams(fields).toString(),
    });
  }
}
