import type { Cloud, Service } from '../service.ts';

/** Every service of the local cloud; a folder per service, each exporting one `create…Service`. */
export const createServices = (_cloud: Cloud): Service[] => [];
