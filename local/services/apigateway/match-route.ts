import type { Route } from './api.ts';

export interface RouteMatch {
  readonly route: Route;
  /** Decoded. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** How closely a route fits: literal segments before parameters, those before a greedy one, a method before ANY, `$default` last. */
type Rank = readonly number[];

/**
 * The most specific route for a request.
 *
 * @param path decoded, with a leading slash
 */
export const matchRoute = (routes: readonly Route[], method: string, path: string): RouteMatch | undefined => {
  const matches = routes.flatMap((route) => {
    if (route.key === '$default') return [{ route, parameters: {}, rank: [9] as Rank }];
    const [routeMethod, template] = route.key.split(' ');
    if (routeMethod !== 'ANY' && routeMethod !== method) return [];
    const fit = fitPath(template!, path);
    return fit ? [{ route, parameters: fit.parameters, rank: [...fit.rank, routeMethod === 'ANY' ? 1 : 0] }] : [];
  });
  return matches.sort((a, b) => compare(a.rank, b.rank))[0];
};

const fitPath = (template: string, path: string) => {
  const wanted = segmentsOf(template);
  const given = segmentsOf(path);
  const parameters: Record<string, string> = {};
  const rank: number[] = [];
  for (const [index, segment] of wanted.entries()) {
    const name = /^\{([^}+]+)(\+?)\}$/.exec(segment);
    if (name?.[2] === '+') {
      if (given.length <= index) return undefined;
      parameters[name[1]!] = given.slice(index).join('/');
      return { parameters, rank: [...rank, 2] };
    }
    const value = given[index];
    if (value === undefined || value === '' || (!name && value !== segment)) return undefined;
    if (name) parameters[name[1]!] = value;
    rank.push(name ? 1 : 0);
  }
  return wanted.length === given.length ? { parameters, rank } : undefined;
};

const segmentsOf = (path: string): string[] => (path === '/' ? [] : path.slice(1).split('/'));

const compare = (a: Rank, b: Rank): number => {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
};
