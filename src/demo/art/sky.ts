import type { Random } from '../random.ts';
import type { Painter } from './painter.ts';
import { circle, ellipse, gradient, radial, rect } from './shapes.ts';

/** Sky, sun or moon, stars, clouds and the far town. */
export function paintSky(p: Painter, random: Random): string {
  const { camera, sky } = p;
  const { width, horizon } = camera;
  const defs =
    gradient('sky', [[0, sky.top], [0.55, sky.middle], [1, sky.low]]) +
    radial('sun', [[0, '#fff8e0', 1], [0.16, '#ffedc0', 0.95], [0.2, '#ffdf9a', 0.45], [1, '#ffd890', 0]]) +
    radial('moonlight', [[0, '#dfe6ff', 0.32], [0.3, '#dfe6ff', 0.12], [1, '#dfe6ff', 0]]);
  const top = Math.min(0, horizon - p.px(420));
  return `<defs>${defs}</defs>${rect(0, top, width, horizon - top + p.px(60), 'url(#sky)')}${heaven(p, random.fork('heaven'))}${clouds(p, random.fork('clouds'))}${skyline(p, random.fork('skyline'))}`;
}

function heaven(p: Painter, random: Random): string {
  const { width, horizon } = p.camera;
  const x = width * random.range(0.2, 0.8);
  if (p.key === 'golden') return circle(x, horizon - p.px(46), p.px(120), 'url(#sun)');
  if (p.key === 'day') return circle(x, horizon - p.px(150), p.px(90), 'url(#sun)', { opacity: 0.8 });
  if (p.key === 'dusk') return ellipse(x, horizon, p.px(420), p.px(90), '#ffb080', { opacity: 0.25 });
  const stars = Array.from({ length: 90 }, () =>
    circle(random.range(0, width), horizon - p.px(random.range(30, 420)), p.px(random.range(0.4, 1.1)), '#e8ecff', {
      opacity: random.range(0.25, 0.9),
    }),
  );
  const [moonX, moonY] = [x, horizon - p.px(138)];
  return (
    stars.join('') +
    circle(moonX, moonY, p.px(80), 'url(#moonlight)') +
    circle(moonX, moonY, p.px(15), '#f1f0e2') +
    circle(moonX - p.px(5), moonY - p.px(3), p.px(3.4), '#d9d7c6') +
    circle(moonX + p.px(5), moonY + p.px(5), p.px(2.4), '#d9d7c6')
  );
}

function clouds(p: Painter, random: Random): string {
  const colour = { day: '#ffffff', golden: '#ffd9bd', dusk: '#a9718f', night: '#1c2649' }[p.key];
  const opacity = { day: 0.85, golden: 0.7, dusk: 0.6, night: 0.6 }[p.key];
  return Array.from({ length: 6 }, () => {
    const x = p.camera.width * random.next();
    const y = p.camera.horizon - p.px(random.range(70, 190));
    const size = random.range(0.6, 1.3);
    const puffs = Array.from({ length: 5 }, (_, i) => {
      return ellipse(
        x + p.px((i - 2) * 26 * size),
        y - p.px(random.range(0, 9) * size),
        p.px(random.range(24, 38) * size),
        p.px(random.range(7, 15) * size),
        colour,
      );
    });
    return `<g opacity="${opacity}">${puffs.join('')}${rect(x - p.px(70 * size), y, p.px(140 * size), p.px(7 * size), colour, { rx: p.px(4 * size) })}</g>`;
  }).join('');
}

/** Houses and towers far behind the street, paler the farther. */
function skyline(p: Painter, random: Random): string {
  const { width, horizon } = p.camera;
  const rows = [
    { colour: '#6f8496', distance: 0.78, low: 60, high: 150, step: 46 },
    { colour: '#60707f', distance: 0.55, low: 40, high: 112, step: 38 },
  ];
  return rows
    .map(({ colour, distance, low, high, step }) => {
      const fill = p.far(colour, distance);
      const parts: string[] = [];
      // As many towers for every width of picture as its middle needs: they are drawn outwards from there.
      for (let i = 0; i < 70; i += 1) {
        const side = i % 2 === 0 ? 1 : -1;
        const x = width / 2 + p.px(side * Math.ceil(i / 2) * step + random.range(-8, 8));
        const w = p.px(step * random.range(0.7, 1.3));
        const h = p.px(random.range(low, high));
        const spire = random.chance(0.14);
        const windows = Array.from({ length: 10 }, () => [random.next(), random.next()] as const);
        if (x > width || x + w < 0) continue;
        parts.push(rect(x, horizon + p.px(20) - h, w, h + p.px(30), fill));
        if (spire) parts.push(rect(x + w * 0.46, horizon + p.px(20) - h - p.px(26), p.px(2.4), p.px(28), fill));
        if (p.look.glow > 0.5)
          for (const [a, b] of windows)
            parts.push(
              rect(x + w * (0.1 + 0.75 * a), horizon + p.px(16) - h * (0.1 + 0.85 * b), p.px(2.2), p.px(2.8), '#ffd995', {
                opacity: 0.55 * (1 - distance / 2),
              }),
            );
      }
      return parts.join('');
    })
    .join('');
}
