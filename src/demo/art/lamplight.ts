import { FAR_LAMP_Z, NEAR_LAMP_Z, type Plan } from '../plan.ts';
import { FACADE } from '../layout.ts';
import type { Painter } from './painter.ts';
import { ellipse, radial } from './shapes.ts';

/** Height of a lamp's light above the ground, metres, and where it hangs beside its post. */
export const LAMP = { up: 4.1, aside: 0 } as const;
export const TALL_LAMP = { up: 6.2, aside: 1.25 } as const;

/** What the street lamps do to the evening: pools on the ground and halos around the lamps. */
export function paintLamplight(p: Painter, plan: Plan): string {
  const strength = p.look.glow;
  if (strength < 0.2) return '';
  const defs =
    radial('pool', [[0, '#ffd58a', 0.5 * strength], [0.5, '#ffc36a', 0.22 * strength], [1, '#ffb455', 0]]) +
    radial('halo', [[0, '#fff3cf', 0.95 * strength], [0.12, '#ffe3a0', 0.55 * strength], [1, '#ffcf80', 0]]);
  const parts: string[] = [];
  for (const prop of plan.props) {
    if (prop.kind !== 'lamp' && prop.kind !== 'tall-lamp') continue;
    const z = prop.kind === 'lamp' ? FAR_LAMP_Z : NEAR_LAMP_Z;
    const lamp = prop.kind === 'lamp' ? LAMP : TALL_LAMP;
    const x = prop.x + lamp.aside * (prop.mirror ? -1 : 1);
    const s = p.camera.scale(z);
    const reach = prop.kind === 'lamp' ? 5.2 : 4.6;
    // Lamps stand at the kerb and light the ground before and behind them.
    const lift = (5.8 / z) * s * reach * 0.62;
    const [groundX, groundY] = p.at(x, z);
    const [lampX, lampY] = p.at(x, z, lamp.up);
    parts.push(ellipse(groundX, groundY, reach * s, lift, 'url(#pool)'));
    if (prop.kind === 'lamp')
      parts.push(ellipse(groundX, p.camera.y(FACADE, 2.2), 3.4 * p.camera.scale(FACADE), 3 * p.camera.scale(FACADE), 'url(#pool)', { opacity: 0.8 }));
    parts.push(ellipse(lampX, lampY, 1.7 * s, 1.7 * s, 'url(#halo)'));
  }
  return `<defs>${defs}</defs>${parts.join('')}`;
}
