import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { formatOf, openTableFile } from '../../adapters/table-file.ts';
import { readModelDefinition } from '../../adapters/yaml-model-definition.ts';
import { draftDefinition } from '../../cli/init-model.ts';
import { csvRecords } from '../../domain/tabular/csv-records.ts';
import { surveyDataset } from '../../domain/tabular/survey-dataset.ts';
import { inFolder, parquetOf } from '../support/parquet-files.ts';
import { flights } from '../support/release-world.ts';

async function* bytesOf(text: string) {
  yield new TextEncoder().encode(text);
}
const wishes = { model: 'flight-delays', target: 'delayed', owner: 'dana@example.com', team: 'operations' };

describe('a drafted definition', () => {
  it('finds id, time, types and the rarer class, and its own dataset passes', async () => {
    const data = flights(1200);
    const definition = readModelDefinition(await draftDefinition(csvRecords(bytesOf(data)), wishes));
    expect(definition).toMatchObject({
      problem: { type: 'binary-classification', target: 'delayed' },
      columns: { id: 'flight_id', timestamp: 'scheduled_at' },
      features: [
        { name: 'carrier', type: 'categorical' },
        { name: 'distance', type: 'numeric' },
        { name: 'origin', type: 'categorical' },
      ],
    });
    expect(await surveyDataset({ train: csvRecords(bytesOf(data)) }, definition)).toMatchObject({ rows: 1200 });
  });

  it('is the same for Parquet, and says that it is', async () => {
    const text = await inFolder(async (folder) => {
      const path = join(folder, 'flights.parquet');
      writeFileSync(path, await parquetOf(flights(1200)));
      return draftDefinition((await openTableFile(path))(), wishes, formatOf(path));
    });
    const { data, ...rest } = readModelDefinition(text);
    expect(data.format).toBe('parquet');
    const { data: _csv, ...same } = readModelDefinition(
      await draftDefinition(csvRecords(bytesOf(flights(1200))), wishes),
    );
    expect(rest).toEqual(same);
  });

  it('is refused without an id, or an answer of two classes', async () => {
    const draft = (text: string, more = {}) => draftDefinition(csvRecords(bytesOf(text)), { ...wishes, ...more });
    await expect(draft('a,delayed\n1,0\n1,1\n')).rejects.toThrow('all different, to join answers on');
    await expect(draft('a,delayed\n1,x\n2,y\n3,z\n')).rejects.toThrow('expected two answers in delayed, got 3');
    await expect(draft(flights(10), { target: 'late' })).rejects.toThrow('expected a column late');
    await expect(draft(flights(10), { model: 'No' })).rejects.toThrow('expected a name');
  });
});
