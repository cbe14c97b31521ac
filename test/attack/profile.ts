import type { ScriptedIssuer } from '../support/scripted-issuer.ts';
import type { AttackedCloud } from './attacked-cloud.ts';
import type { Answer, RawRequest } from './raw-http.ts';

export const SESSION_COOKIE = 'launchway-session';

/** A browser profile: it keeps cookies, and goes where it is sent. */
export class Profile {
  readonly cookies = new Map<string, string>();
  readonly #cloud: AttackedCloud;
  readonly #issuer: ScriptedIssuer;

  constructor(cloud: AttackedCloud, issuer: ScriptedIssuer) {
    this.#cloud = cloud;
    this.#issuer = issuer;
  }

  async send(to: string, request: RawRequest = {}): Promise<Answer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...(cookie && { cookie }), ...request.headers };
    const answer = await this.#cloud.send(to, { ...request, headers });
    for (const one of [answer.headers['set-cookie'] ?? []].flat()) {
      const [, name = '', value = '', terms = ''] = /^([^=]+)=([^;]*);(.*)$/.exec(one) ?? [];
      if (/Max-Age=0/.test(terms)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }

  /** Opens a page up to where the issuer is to be asked. @returns the issuer's address */
  async begin(link: string): Promise<string> {
    const page = await this.send(link);
    return locationOf(await this.send(locationOf(page)));
  }

  /** Opens a page and signs in on the way. @returns the page at the end of it */
  async open(link: string, subject: string): Promise<Answer> {
    return this.comeBack(this.#issuer.authorize(await this.begin(link), subject));
  }

  /** From the issuer, and on to where that leads. */
  async comeBack(url: string): Promise<Answer> {
    const answer = await this.send(url);
    return answer.status === 303 ? this.send(locationOf(answer)) : answer;
  }

  post(to: string, fields: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}) {
    return this.send(to, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams(fields).toString(),
    });
  }

  /** The form of an open page, sent. */
  async decide(link: string, page: Answer, change: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.post(link, { csrf: csrfIn(page), decision: 'approve', reason: 'looks right', ...change });
  }

  get isSignedIn(): boolean {
    return this.cookies.has(SESSION_COOKIE);
  }
}

export const locationOf = ({ headers, status }: Answer): string => {
  const { location } = headers;
  if (typeof location !== 'string') throw new Error(`expected to be sent on, got status ${status}`);
  return location;
};

export const csrfIn = ({ body }: Answer): string => /name="csrf" value="([^"]+)"/.exec(body)?.[1] ?? 'no-form';
