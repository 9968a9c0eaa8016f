import { countRoutes } from './routes/counts.ts';
import { detectorRoutes } from './routes/detectors.ts';
import { deviceRoutes } from './routes/devices.ts';
import { eventRoutes } from './routes/events.ts';
import { operationRoutes } from './routes/operation.ts';
import { streamRoutes } from './routes/streams.ts';

/** The routes of this folder, in the order in which they are described. Those of WHEP and WHIP come from `signaling/`. */
export const HTTP_ROUTES = [...streamRoutes, ...countRoutes, ...detectorRoutes, ...deviceRoutes, ...eventRoutes, ...operationRoutes];
