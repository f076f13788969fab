/** A square of modules; `get` is true where one is dark. */
export type Modules = { readonly size: number; get(x: number, y: number): boolean };

/** Light modules around a QR code (ISO/IEC 18004 6.3.8). */
export const quietModules = 4;

/** The dark modules as one SVG path, a rectangle a run, in a square of `size + 2 * quietModules`. */
export function drawModules(modules: Modules): string {
  let path = '';
  for (let y = 0; y < modules.size; y += 1) {
    for (let x = 0; x < modules.size; x += 1) {
      const start = x;
      while (x < modules.size && modules.get(x, y)) x += 1;
      if (x > start) path += `M${start + quietModules} ${y + quietModules}h${x - start}v1h${start - x}z`;
    }
  }
  return path;
}
