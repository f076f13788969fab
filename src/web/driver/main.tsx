import { render } from 'preact';
import { App } from './app.tsx';
import { connectCloud } from './cloud.ts';
import { openStore } from './phone-store.ts';

const place = document.getElementById('page');
if (place === null) throw new Error('index.html has no element #page');

const store = openStore(() => window.localStorage);
const shelf = {
  store: openStore(() => window.sessionStorage),
  random: (byteCount: number) => crypto.getRandomValues(new Uint8Array(byteCount)),
};

// The HTML says that something is coming, until it has come.
place.replaceChildren();
render(<App cloud={connectCloud()} store={store} shelf={shelf} userAgent={navigator.userAgent} />, place);
