import { DevicesView, findDevices, type DevicePlaces } from '../../streams/devices.ts';
import { json } from '../content.ts';
import { routesOf } from '../route.ts';
import { named } from '../schemas.ts';

DevicesView.register(named, { id: 'Devices', io: 'output' });

export interface DeviceDeps {
  readonly devices: DevicePlaces;
  /** Schemes that sources may have. */
  readonly schemes: readonly string[];
}

const route = routesOf<DeviceDeps>('Devices');

export const deviceRoutes = [
  route(
    {
      method: 'get',
      path: '/api/devices',
      action: 'configure',
      summary: 'Cameras and screens of the server’s machine, with their addresses as sources.',
      answers: { 200: json(DevicesView) },
    },
    async (_input, { devices, schemes }) => ({ status: 200, body: await findDevices(devices, schemes) }),
  ),
];
