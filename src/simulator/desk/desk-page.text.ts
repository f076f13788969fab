/** The page's style and script. They stand in TypeScript so that the built package needs no files beside its code. */

export const pageStyle = `:root { color-scheme: light dark; --desk: light-dark(#e7e5e0, #1d2024); --ink: light-dark(#1c1c1c, #e8e8e8);
  --quiet: light-dark(#5a5a5a, #a4a9b0); --key: light-dark(#fff, #2a2f36); --paper: light-dark(#fbfaf7, #24282e); --line: light-dark(#c9c6bf, #424952);
  --good: light-dark(#167a41, #5fd08f); --bad: light-dark(#b02a18, #ff8d7d); --wait: light-dark(#8a5a00, #e8b44c); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--desk); color: var(--ink); font: 16px/1.5 system-ui, "PingFang SC", "Noto Sans CJK SC", sans-serif; }
header { padding: 1.25rem clamp(1rem, 4vw, 3rem) .75rem; border-bottom: 1px solid var(--line); }
h1 { margin: 0; font-size: 1.4rem; }
h2 { margin: 0 0 .6rem; font-size: 1.1rem; }
h2:focus { outline: none; }
h3 { margin: 0; font-size: 1rem; }
p { margin: .35rem 0; }
a { color: inherit; display: inline-flex; align-items: center; min-height: 44px; }
main { display: grid; grid-template-columns: minmax(0, 1fr); gap: 2rem; padding: 1.25rem clamp(1rem, 4vw, 3rem) 3rem; }
section + section { margin-top: 2rem; }
.row { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; }
header .row { justify-content: space-between; }
.row time, .row strong { margin-inline-start: auto; font-variant-numeric: tabular-nums; }
.row time, .surface, .names, .empty { color: var(--quiet); font-size: .9rem; }
.names { overflow-wrap: anywhere; }
code { font: .85em ui-monospace, monospace; overflow-wrap: anywhere; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); gap: .8rem; align-items: start; }
.card { padding: .9rem; border: 1px solid var(--line); border-radius: 10px; background: var(--paper); }
.card > :first-child { margin-top: 0; }
.sum { margin: .2rem 0; font-size: 1.9rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.badge, .chip { padding: .05rem .6rem; border-radius: 99px; font-size: .85rem; white-space: nowrap; }
.badge { color: #fff; background: #555; }
.badge.wechat-pay { background: #07803f; }
.badge.alipay { background: #0d5fd6; }
.badge.stripe { background: #5148e5; }
.chip { border: 1px solid currentColor; color: var(--quiet); }
.chip.paid, .chip.accepted { color: var(--good); }
.chip.waiting, .chip.refunded { color: var(--wait); }
.chip.given_up { color: var(--bad); }
.buttons { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .5rem; margin-top: .7rem; }
.buttons form { display: contents; }
.buttons form:only-child button { grid-column: 1 / -1; }
button, select, input { width: 100%; min-height: 44px; padding: .35rem .7rem; border: 1px solid var(--line); border-radius: 8px; background: var(--key); color: inherit; font: inherit; }
button { cursor: pointer; line-height: 1.25; }
button:hover { border-color: var(--quiet); }
button.chief { border-color: #167a41; background: #167a41; color: #fff; font-weight: 600; }
button:focus-visible, select:focus-visible, input:focus-visible, a:focus-visible { outline: 3px solid #3b82f6; outline-offset: 2px; }
button[aria-busy=true] { opacity: .6; }
.notices { margin: .4rem 0 0; padding: 0; list-style: none; font-size: .9rem; }
.notices li { padding: .25rem 0; border-top: 1px solid var(--line); }
.fault { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 13rem), 1fr)); gap: .6rem; align-items: end; }
.fault h3, .fault button { grid-column: 1 / -1; }
.fault[hidden] { display: none; }
.fault + .fault { margin-top: 1.2rem; }
.chosen .fault h3 { display: none; }
label { display: grid; gap: .2rem; font-size: .9rem; color: var(--quiet); }
label select, label input { color: var(--ink); font-size: 1rem; }
#choice { margin-bottom: .6rem; }
label[hidden] { display: none; }
#waiting { margin-top: .8rem; }
#said:not(:empty) { position: fixed; inset: auto 1rem 1rem; z-index: 1; width: fit-content; max-width: 40rem; margin: 0 auto; padding: .7rem 1.2rem; border-radius: 10px; background: var(--ink); color: var(--desk); font-weight: 600; box-shadow: 0 4px 16px rgb(0 0 0 / .3); }
#said.bad { border-inline-start: 8px solid var(--bad); }
@media (min-width: 62rem) { main { grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); } }
`;

export const pageScript = `const pollMs = 1000;
const saidMs = 6000;
const said = document.querySelector('#said');
const search = location.search;
const shown = new Map();
let saidUntil = 0;
let version = '';

function say(text, bad) {
  said.textContent = text;
  said.className = bad ? 'bad' : '';
  saidUntil = Date.now() + saidMs;
}

function putIn({ id, html }) {
  const place = document.getElementById(id);
  if (shown.get(id) === html) return;
  const focused = place.contains(document.activeElement) ? document.activeElement.id : null;
  place.innerHTML = html;
  shown.set(id, html);
  if (focused !== null) (document.getElementById(focused) ?? document.getElementById(id + '-title')).focus();
}

async function refresh() {
  try {
    const response = await fetch('/sections' + search, { headers: { 'if-none-match': version }, cache: 'no-store' });
    if (response.status === 200) {
      version = response.headers.get('etag');
      for (const section of await response.json()) putIn(section);
    }
    if (Date.now() > saidUntil) say('', false);
  } catch {
    say(said.dataset.lost, true);
  }
}

document.addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = event.target;
  const button = form.querySelector('button');
  if (button.ariaBusy === 'true') return;
  button.ariaBusy = 'true';
  try {
    const wish = { method: 'POST', headers: { accept: 'application/json' }, body: new URLSearchParams(new FormData(form)) };
    const answer = await (await fetch(form.getAttribute('action') + search, wish)).json();
    say(answer.text, !answer.done);
    await refresh();
  } catch {
    say(said.dataset.lost, true);
  } finally {
    button.ariaBusy = 'false';
  }
});

const choice = document.querySelector('#choice');

function choose() {
  for (const form of document.querySelectorAll('.fault')) form.hidden = form.dataset.service !== choice.querySelector('select').value;
}

function fitKinds(form, [calls, notices]) {
  const { operation, kind } = form.elements;
  const fitting = operation.value === 'notify' ? notices : calls;
  if (kind.firstElementChild !== fitting || kind.childElementCount > 1) kind.replaceChildren(fitting);
}

if (choice !== null) {
  choice.hidden = false;
  choice.parentElement.classList.add('chosen');
  choice.addEventListener('change', choose);
  choose();
  for (const form of document.querySelectorAll('.fault')) {
    const groups = [...form.elements.kind.children];
    form.addEventListener('change', () => fitKinds(form, groups));
    fitKinds(form, groups);
  }
}

async function keepLooking() {
  if (!document.hidden) await refresh();
  setTimeout(keepLooking, pollMs);
}

keepLooking();
`;
