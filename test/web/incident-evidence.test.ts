import { expect, it } from '@jest/globals';
import { evidenceMarkup } from '../../web/incident/evidence.ts';

it('a table of evidence sets numbers flush right, in scientific notation too, and words left', () => {
  const rows = [
    ['origin', 'PSI', '0.909', '8e-51'],
    ['hour', 'KS D', '0.224', ''],
  ];
  const { text } = evidenceMarkup([{ kind: 'table', head: ['Feature', 'Measure', 'Value', 'q'], rows }]);
  expect(text).toContain(
    '<tr><td>origin</td><td>PSI</td><td class="number">0.909</td><td class="number">8e-51</td></tr>',
  );
  expect(text).toContain('<th scope="col">Measure</th><th scope="col" class="number">Value</th>');
});
