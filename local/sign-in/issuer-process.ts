import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type KoaContextWithOIDC } from 'oidc-provider';
import { markup } from '../console/markup.ts';
import type { IssuerSettings } from './local-issuer.ts';

// The program of the local issuer: a process of its own, whose `Date` is the local clock.

const { port, clientId, people, pages }: IssuerSettings = JSON.parse(process.env.LAUNCHWAY_ISSUER ?? '');

const server = createServer();
await new Promise<void>((resolve, reject) => {
  server.once('error', reject);
  server.listen(port, '127.0.0.1', resolve);
}).catch((error: Error) => {
  process.send!({ failure: error.message });
  process.exit(1);
});
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const provider = new Provider(url, {
  clients: [
    {
      client_id: clientId,
      redirect_uris: [`${pages}/sign-in/callback`],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code'],
      response_types: ['code'],
    },
  ],
  findAccount: (_, accountId) => {
    const person = people.find(({ subject }) => subject === accountId);
    return person && { accountId, claims: () => ({ sub: accountId, name: person.name, groups: [...person.groups] }) };
  },
  claims: { openid: ['sub', 'name', 'groups'] },
  // In the ID token, not only at the user info endpoint, which is not asked.
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  // Everybody here trusts Launchway: nobody is asked for consent.
  loadExistingGrant: async ({ oidc }) => {
    const grant = new oidc.provider.Grant({ accountId: oidc.session!.accountId!, clientId: oidc.client!.clientId });
    grant.addOIDCScope('openid');
    await grant.save();
    return grant;
  },
  interactions: { url: (_: KoaContextWithOIDC, { uid }) => `/interaction/${uid}` },
  features: { devInteractions: { enabled: false } },
  cookies: { keys: [randomBytes(32).toString('hex')] },
  jwks: { keys: [signingKey()] },
});

function signingKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    ...privateKey.export({ format: 'jwk' }),
    kid: randomBytes(6).toString('hex'),
    use: 'sig',
    alg: 'RS256',
  } as never;
}

// The API's id is known only once it is deployed; its callback is the only one on that origin.
provider.Client.prototype.redirectUriAllowed = (uri: string) =>
  URL.canParse(uri) &&
  new URL(uri).origin === pages &&
  /^\/_api\/[a-z0-9]+\/sign-in\/callback$/.test(new URL(uri).pathname);

const callback = provider.callback();
server.on('request', (request, response) => {
  const uid = /^\/interaction\/([\w-]+)$/.exec(request.url ?? '')?.[1];
  if (uid === undefined) return void callback(request, response);
  interact(request, response).catch((error: Error) => {
    console.error(error.message);
    response.writeHead(400, { 'content-type': 'text/plain; charset=utf-8' });
    response.end('This sign-in is over. Open the link from the mail again.\n');
  });
});

/** Who are you? A choice instead of a password: this is one person's machine. */
async function interact(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { prompt } = await provider.interactionDetails(request, response);
  if (request.method !== 'POST') {
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    });
    response.end(page(prompt.name));
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const accountId = new URLSearchParams(Buffer.concat(chunks).toString('utf8')).get('subject') ?? '';
  if (!people.some(({ subject }) => subject === accountId))
    throw new Error(`expected one of people, got "${accountId}"`);
  await provider.interactionFinished(request, response, { login: { accountId } }, { mergeWithLastSubmission: false });
}

const STYLE = `body{font:16px/1.55 system-ui,sans-serif;max-width:440px;margin:10vh auto;padding:0 16px;color:#1c2024;background:#f4f5f7}
h1{font-size:1.5rem}button{display:block;width:100%;min-height:52px;margin:10px 0;padding:8px 16px;border:1px solid #b9c0c8;border-radius:8px;background:#fff;font:inherit;text-align:left;cursor:pointer}
button:hover,button:focus-visible{border-color:#0b57d0;outline:2px solid #0b57d0}small{color:#55606b}`;

const page = (prompt: string): string =>
  markup`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Sign in – local issuer</title><style>${STYLE}</style></head>
<body><main><h1>${prompt === 'login' ? 'Who are you?' : prompt}</h1><p>The sign-in of the local cloud asks for no password: choose whom to be.</p><form method="post">
${people.map(({ subject, name }) => markup`<button name="subject" value="${subject}">${name}<br><small>${subject}</small></button>`)}
</form></main></body></html>`.text;

process.send!({ url });
