import { render } from 'preact';
import { connectCloud } from '../driver/cloud.ts';
import { openStore } from '../driver/phone-store.ts';
import { App } from './app.tsx';

const place = document.getElementById('page');
if (place === null) throw new Error('index.html has no element #page');

// The token lives as long as the tab; only the language lasts.
const session = openStore(() => window.sessionStorage);
const shelf = { store: session, random: (byteCount: number) => crypto.getRandomValues(new Uint8Array(byteCount)) };

// The HTML says that something is coming, until it has come.
place.replaceChildren();
render(<App cloud={connectCloud()} lasting={openStore(() => window.localStorage)} shelf={shelf} />, place);
