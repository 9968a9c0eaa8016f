/** A place in whole device pixels. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Where a picture stands in a surface that shows all of it, with bars beside or above it (`object-fit: contain`). Undefined while either has no size. */
export function pictureArea(picture: Size, surface: Size): Area | undefined {
  if (!(picture.width > 0 && picture.height > 0 && surface.width > 0 && surface.height > 0)) return undefined;
  const scale = Math.min(surface.width / picture.width, surface.height / picture.height);
  const [width, height] = [Math.round(picture.width * scale), Math.round(picture.height * scale)];
  return { x: Math.round((surface.width - width) / 2), y: Math.round((surface.height - height) / 2), width, height };
}
