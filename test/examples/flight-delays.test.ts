import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  busiestAirports,
  FEATURES,
  type Flight,
  flightsOf,
  quietFlights,
  readFlights,
  stormFlights,
  toCsv,
  toRequest,
} from '../../examples/flight-delays/flights.ts';
import { Model } from '../../examples/flight-delays/image/model.ts';
import { createScoringServer, scoreCsv } from '../../examples/flight-delays/image/serving.ts';
import { pathsFrom, train } from '../../examples/flight-delays/image/training.ts';

const SCHEMA = {
  features: FEATURES.map((name) => ({ name, type: ['hour', 'distance'].includes(name) ? 'numeric' : 'categorical' })),
  target: 'delayed',
  positiveClass: '1',
  problem: 'binary-classification',
};

/** Area under the ROC curve, ties counted half. */
function auc(flights: readonly Flight[], model: Model): number {
  const scores = scoreCsv(model, flights.map(toRequest).join('\n')).split('\n').map(Number);
  const positive = scores.filter((_, i) => flights[i]!.delayed === '1');
  const negative = scores.filter((_, i) => flights[i]!.delayed === '0').sort((a, b) => a - b);
  const below = (score: number, orEqual: boolean) => {
    let [low, high] = [0, negative.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (negative[middle]! < score || (orEqual && negative[middle] === score)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const wins = positive.reduce((sum, score) => sum + (below(score, false) + below(score, true)) / 2, 0);
  return wins / (positive.length * negative.length);
}

describe('the flights', () => {
  it('have stable, unique ids and are in order of departure', () => {
    const flights = readFlights();
    expect(flights).toHaveLength(20_000);
    expect(new Set(flights.map((flight) => flight.flight_id)).size).toBe(20_000);
    expect(flights[0]).toEqual({
      flight_id: '20010101-0047-DTW-LAS',
      scheduled_at: '2001-01-01T00:47:00Z',
      hour: 0,
      weekday: 'Mon',
      distance: 1750,
      origin: 'DTW',
      destination: 'LAS',
      delayed: '1',
    });
    expect(toCsv(flights.slice(0, 1))).toBe(
      'flight_id,scheduled_at,hour,weekday,distance,origin,destination,delayed\n20010101-0047-DTW-LAS,2001-01-01T00:47:00Z,0,Mon,1750,DTW,LAS,1\n',
    );
  });

  it('of the storm are real flights of March that touch none of the seven hubs', () => {
    const hubs = busiestAirports(flightsOf('2001-01'), 7);
    const storm = stormFlights(2_000);
    const march = new Set(flightsOf('2001-03').map((flight) => flight.flight_id));
    expect(storm.every(({ flight_id }) => march.has(flight_id))).toBe(true);
    expect(storm.some(({ origin, destination }) => hubs.includes(origin) || hubs.includes(destination))).toBe(false);
  });
});

describe('the flight-delays image', () => {
  const root = mkdtempSync(join(tmpdir(), 'launchway-flights-'));
  const paths = pathsFrom({ SM_OPT_ML: root });
  const january = flightsOf('2001-01');
  const cut = Math.floor(january.length * 0.8);
  const csv = (flights: readonly Flight[]) =>
    `${[...FEATURES, 'delayed'].join()}\n${flights.map((flight) => `${toRequest(flight)},${flight.delayed}`).join('\n')}\n`;
  const prepare = (flights: readonly Flight[], hyperparameters: object) => {
    for (const file of Object.values(paths)) mkdirSync(dirname(file), { recursive: true });
    writeFileSync(paths.train, csv(flights));
    writeFileSync(paths.schema, JSON.stringify(SCHEMA));
    writeFileSync(paths.hyperparameters, JSON.stringify(hyperparameters));
  };
  let model: Model;
  beforeAll(() => {
    prepare(january.slice(0, cut), { steps: '200', seed: '7' });
    train(paths, () => {});
    model = Model.parse(readFileSync(paths.model, 'utf8'));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('ranks late flights above others as well as so few features allow', () => {
    expect(auc(january.slice(cut), model)).toBeCloseTo(0.616, 2);
    expect(auc(flightsOf('2001-02'), model)).toBeGreaterThan(0.59);
    expect(auc(flightsOf('2001-03'), model)).toBeGreaterThan(0.6);
  });

  it('writes the same bytes for the same data and seed', () => {
    const bytes = () => {
      train(paths, () => {});
      return readFileSync(paths.model, 'utf8');
    };
    prepare(january.slice(0, 500), { steps: '20', seed: '7' });
    const first = bytes();
    expect(bytes()).toBe(first);
    prepare(january.slice(0, 500), { steps: '20', seed: '8' });
    expect(bytes()).not.toBe(first);
  });

  it('scores a row the same alone, in a batch and after it was stored', () => {
    const rows = quietFlights(50).map(toRequest);
    const together = scoreCsv(model, rows.join('\n')).split('\n');
    expect(rows.map((row) => scoreCsv(model, row))).toEqual(together);
    expect(scoreCsv(Model.parse(model.serialize()), rows.join('\n')).split('\n')).toEqual(together);
  });

  it('takes missing numbers and airports it has never seen', () => {
    const score = Number(scoreCsv(model, ',Mon,,XXX,YYY'));
    expect(score).toBeGreaterThan(0);
    expect(score).toBeLessThan(1);
  });

  it('says what is wrong with training data', () => {
    prepare(january.slice(0, 50), {});
    writeFileSync(paths.train, 'hour,distance\n1,2\n');
    expect(() => train(paths, () => {})).toThrow(
      'expected columns hour, weekday, distance, origin, destination, delayed in train.csv, got hour, distance',
    );
    prepare(january.slice(0, 50), { steps: 'many' });
    expect(() => train(paths, () => {})).toThrow("expected hyperparameter steps as a positive number, got 'many'");
  });

  it('answers over HTTP as the container contract says', async () => {
    const server = createScoringServer(model).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const post = (body: string, type = 'text/csv') =>
      fetch(`${url}/invocations`, { method: 'POST', body, headers: { 'content-type': type } });
    expect((await fetch(`${url}/ping`)).status).toBe(200);
    const rows = quietFlights(3).map(toRequest);
    const answer = await post(rows.join('\n'));
    expect(answer.headers.get('content-type')).toBe('text/csv');
    expect((await answer.text()).split('\n')).toHaveLength(3);
    const short = await post('7,Mon,100');
    expect([short.status, await short.text()]).toEqual([400, 'expected 5 values, got 3']);
    const word = await post('seven,Mon,100,ATL,LAX');
    expect([word.status, await word.text()]).toEqual([400, "expected a number in column hour, got 'seven'"]);
    expect((await post('{}', 'application/json')).status).toBe(415);
    await new Promise((resolve) => server.close(resolve));
  });
});
