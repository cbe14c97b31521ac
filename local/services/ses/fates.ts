import type { HttpRequest, HttpResponse } from '../../http.ts';
import { postedJson, refusal } from '../../posted-json.ts';
import type { Cloud } from '../../service.ts';

const SPACE = 'ses.fates';
const PATH = '/_launchway/ses/recipient';

/** What becomes of a recipient's mail; a complaint comes of a mail that was delivered. */
const FATES = ['deliver', 'bounce', 'soft-bounce', 'complaint', 'suppressed'] as const;

export type Fate = (typeof FATES)[number];

/** The mailbox simulator's addresses, which take a label: `bounce+anything@…`. */
const SIMULATED: Readonly<Record<string, Fate>> = {
  success: 'deliver',
  bounce: 'bounce',
  // Out of the office: delivered, and answered by a robot.
  ooto: 'deliver',
  complaint: 'complaint',
  suppressionlist: 'suppressed',
};

/** Which recipients' mails bounce: the simulator's, and those named by a `POST` `{ address, outcome }`. */
export class Fates {
  readonly #cloud: Cloud;
  readonly #unmount: () => void;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.#unmount = cloud.http.mount(PATH, (request) => this.#answer(request));
  }

  stop(): void {
    this.#unmount();
  }

  /** @param address bare and in lower case */
  of(address: string): Fate {
    const simulated = /^([a-z]+)(?:\+[^@]*)?@simulator\.amazonses\.com$/.exec(address)?.[1];
    if (simulated !== undefined) return SIMULATED[simulated] ?? 'deliver';
    return this.#cloud.store.get<Fate>(SPACE, address) ?? 'deliver';
  }

  /** Those that are not simply delivered. */
  among(addresses: readonly string[]): Record<string, Fate> {
    const fates = addresses.map((address): [string, Fate] => [address, this.of(address)]);
    return Object.fromEntries(fates.filter(([, fate]) => fate !== 'deliver'));
  }

  #answer(request: HttpRequest): HttpResponse {
    const posted = postedJson(request);
    if ('refused' in posted) return posted.refused;
    const { address, outcome } = (posted.value ?? {}) as { address?: unknown; outcome?: unknown };
    const fate = FATES.find((known) => known === outcome);
    if (typeof address !== 'string' || !/^[^\s@]+@[^\s@]+$/.test(address) || !fate) {
      return refusal(400, `expected { address, outcome: ${FATES.join(' | ')} }`);
    }
    if (fate === 'deliver') this.#cloud.store.delete(SPACE, address.toLowerCase());
    else this.#cloud.store.put(SPACE, address.toLowerCase(), fate);
    return { status: 204, body: '' };
  }
}
