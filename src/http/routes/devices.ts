import { Router } from 'express';
import { findDevices, type DevicePlaces } from '../../streams/devices.ts';
import { allow } from '../methods.ts';

/** `/api/devices`: what is connected to the server's machine now. @param schemes schemes that sources may have */
export function deviceRoutes(places: DevicePlaces, schemes: readonly string[]): Router {
  const router = Router();
  router
    .route('/')
    .get(async (_request, response) => response.set('Cache-Control', 'no-store').json(await findDevices(places, schemes)))
    .all(allow('GET'));
  return router;
}
