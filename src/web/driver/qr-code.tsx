import { useEffect, useState } from 'preact/hooks';
import { drawModules, quietModules } from './qr-path.ts';

type Drawing = { readonly path: string; readonly side: number };

/**
 * A QR code at error correction M, the level that scans best from a wrinkled slip or a dim screen (devices.md 4.2), black on white in
 * every theme. The encoder is fetched when the first code is shown; until then, and where it cannot be had, the space stays white.
 */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const [drawing, setDrawing] = useState<Drawing | null>(null);
  useEffect(() => {
    let wanted = true;
    const draw = async () => {
      const next = await drawCode(text).catch(() => null);
      if (wanted) setDrawing(next);
    };
    void draw();
    return () => {
      wanted = false;
    };
  }, [text]);
  const side = drawing?.side ?? 1;
  return (
    <svg class="qr" viewBox={`0 0 ${side} ${side}`} role="img" aria-label={label} shape-rendering="crispEdges">
      {drawing === null ? null : <path d={drawing.path} fill="#000" />}
    </svg>
  );
}

async function drawCode(text: string): Promise<Drawing> {
  // Not its smaller "nano" form, which knows no alphanumeric mode: a permit would need 57 modules a side instead of 49.
  const { generate, correction } = await import('lean-qr');
  const code = generate(text, { minCorrectionLevel: correction.M });
  return { path: drawModules(code), side: code.size + 2 * quietModules };
}
