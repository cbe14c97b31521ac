import type { Cloud } from '../../service.ts';
import type { Keys } from './keys.ts';

/** A key keeps for a while after it was given up, since what it encrypted is lost with it. */
export function scheduleDeletion(cloud: Cloud, keys: Keys, id: string, days: number): void {
  const deleteAt = cloud.clock.now() + days * 86_400_000;
  keys.put({ ...keys.get(id), deleteAt });
  arm(cloud, keys, id, deleteAt);
}

/** After a restart. */
export function armDeletions(cloud: Cloud, keys: Keys): void {
  for (const { id, deleteAt } of keys.list()) if (deleteAt !== undefined) arm(cloud, keys, id, deleteAt);
}

function arm(cloud: Cloud, keys: Keys, id: string, deleteAt: number): void {
  cloud.clock.at(deleteAt, () => {
    if (keys.find(id)?.deleteAt === deleteAt) keys.destroy(id);
  });
}
