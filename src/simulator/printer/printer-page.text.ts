import { behaviours } from './behaviour.ts';

/** The page's three texts. They stand in TypeScript so that the built package needs no files beside its code. */

export function pageHtml(printer: { readonly host: string; readonly port: number }): string {
  const buttons = Object.entries(behaviours).map(
    ([name, meaning]) =>
      `<button type="button" data-behaviour="${name}" aria-pressed="false"><b>${name}</b><span>${meaning}</span></button>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Simulated printer ${printer.host}:${printer.port}</title>
<link rel="stylesheet" href="/page.css">
<header>
  <h1>Simulated printer</h1>
  <p><span id="lamp" role="status"></span> ESC/POS on <code>${printer.host}:${printer.port}</code></p>
  <p class="hands">
    <button type="button" data-behaviour="paper-out">Pull the paper out</button>
    <button type="button" data-behaviour="cover-open">Open the cover</button>
    <button type="button" data-behaviour="ok">Put all back</button>
  </p>
  <details><summary>All behaviours</summary><div class="behaviours">${buttons.join('')}</div></details>
</header>
<main id="slips" aria-live="polite"></main>
<script src="/page.js"></script>
</html>
`;
}

export const pageStyle = `:root { color-scheme: light dark; --desk: light-dark(#e7e5e0, #1d2024); --ink: light-dark(#1c1c1c, #e8e8e8);
  --quiet: light-dark(#5a5a5a, #a4a9b0); --key: light-dark(#fff, #2a2f36); --line: light-dark(#c9c6bf, #424952); --good: #167a41; --bad: #c2321f; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--desk); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
header { padding: 1.5rem clamp(1rem, 4vw, 3rem) 1rem; border-bottom: 1px solid var(--line); }
h1 { margin: 0; font-size: 1.4rem; }
p { margin: .4rem 0; }
button { min-height: 44px; padding: .4rem .9rem; border: 1px solid var(--line); border-radius: 8px; background: var(--key); color: inherit; font: inherit; cursor: pointer; }
button[aria-pressed=true] { border-color: currentColor; box-shadow: inset 0 0 0 1px currentColor; }
.hands { display: flex; flex-wrap: wrap; gap: .5rem; margin: .8rem 0; }
.behaviours { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: .5rem; margin-top: .6rem; }
.behaviours button { display: flex; flex-direction: column; align-items: start; text-align: start; }
.behaviours span, .slip header { color: var(--quiet); font-size: .85rem; }
#lamp { display: inline-block; padding: .1rem .7rem; border-radius: 99px; color: #fff; background: var(--good); font-size: .85rem; }
#lamp.bad { background: var(--bad); }
main { display: flex; flex-wrap: wrap; gap: 2rem; align-items: start; padding: 1.5rem clamp(1rem, 4vw, 3rem); }
.empty { color: var(--quiet); }
.slip { width: min(100%, 23rem); }
.slip header { padding: 0 0 .4rem; border: 0; display: flex; justify-content: space-between; }
.slip img { display: block; width: 100%; filter: drop-shadow(0 4px 10px rgb(0 0 0 / .3)); }
.slip pre { overflow-x: auto; padding: .8rem; background: var(--key); border-radius: 8px; font-size: .75rem; line-height: 1.35; }
`;

export const pageScript = `const slipsElement = document.querySelector('#slips');
const lamp = document.querySelector('#lamp');
const shown = new Map();

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function drawSlip(slip) {
  const time = new Date(slip.at).toLocaleString();
  return element('article', { className: 'slip' },
    element('header', {}, element('span', {}, 'Slip ' + slip.number + (slip.cuts === 0 ? ' (torn)' : '')), element('span', {}, time)),
    element('img', { src: '/slips/' + slip.number + '.svg', alt: slip.text }),
    element('details', {}, element('summary', {}, 'As text'), element('pre', {}, slip.text)));
}

async function refresh() {
  const { behaviour, slips } = await (await fetch('/slips')).json();
  lamp.textContent = behaviour;
  lamp.className = behaviour === 'ok' ? '' : 'bad';
  for (const button of document.querySelectorAll('[data-behaviour]')) button.ariaPressed = String(button.dataset.behaviour === behaviour);
  for (const slip of slips.slice(0, 50).reverse()) {
    if (shown.has(slip.number)) continue;
    shown.set(slip.number, drawSlip(slip));
    slipsElement.querySelector('.empty')?.remove();
    slipsElement.prepend(shown.get(slip.number));
  }
  if (shown.size === 0 && slipsElement.childElementCount === 0) {
    slipsElement.append(element('p', { className: 'empty' }, 'Nothing printed yet. Slips appear here by themselves, newest first.'));
  }
}

document.addEventListener('click', async (event) => {
  const button = event.target.closest('[data-behaviour]');
  if (button === null) return;
  await fetch('/behaviour/' + button.dataset.behaviour, { method: 'POST' });
  await refresh();
});

new EventSource('/events').onmessage = refresh;
refresh();
`;
