const DAY = 86_400_000;

/** The local cloud's clock, over its control endpoint. */
export class LocalClock {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async now(): Promise<number> {
    const response = await fetch(`${this.#url}/_launchway/clock`);
    return Date.parse(((await response.json()) as { now: string }).now);
  }

  /** Everything due in between happens first. */
  async advance(milliseconds: number): Promise<void> {
    const response = await fetch(`${this.#url}/_launchway/advance`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ milliseconds }),
    });
    if (!response.ok)
      throw new Error(`expected the clock to move, got status ${response.status}: ${await response.text()}`);
  }

  /** To half an hour past the next midnight, UTC: the day's windows have closed and were checked a quarter past. */
  async advanceToNextDay(): Promise<void> {
    const now = await this.now();
    await this.advance((Math.floor(now / DAY) + 1) * DAY + DAY / 48 - now);
  }
}
