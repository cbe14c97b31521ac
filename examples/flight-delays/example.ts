import type { Example } from '../../cli/example.ts';
import { flightsOf, quietFlights, stormFlights, toCsv, toRequest } from './flights.ts';

/** Train on January; quiet traffic is February in order; the storm closes the seven busiest airports in March. */
export const example: Example = {
  name: 'flight-delays',
  folder: import.meta.dirname,
  submitter: 'dana',
  trainingFile: { name: 'train.csv', text: () => toCsv(flightsOf('2001-01')) },
  requests: (kind, window, rows) => {
    const flights = kind === 'quiet' ? quietFlights : stormFlights;
    return flights((window + 1) * rows)
      .slice(window * rows)
      .map(toRequest);
  },
};
