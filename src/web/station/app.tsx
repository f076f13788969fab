import { useEffect, useMemo, useState } from 'preact/hooks';
import type { StaffMeMessage } from '../../staff/staff.message.ts';
import type { Cloud } from '../driver/cloud.ts';
import { type Failure, textOf } from '../driver/failure-text.ts';
import type { TextStore } from '../driver/idempotency.ts';
import { Notice } from '../driver/notice.tsx';
import type { KeyShelf } from '../driver/send-once.ts';
import { chooseLanguage, type Language, languages } from '../words.ts';
import { readAddress, writeAddress } from './address.ts';
import { Desk } from './desk.tsx';
import { SignIn } from './sign-in.tsx';
import { callStaff } from './staff-calls.ts';
import { sayIn, StaffContext } from './staff-tools.ts';
import { TopLine } from './top-line.tsx';

type AppProps = {
  readonly cloud: Cloud;
  /** Lasts in this browser: the language. */
  readonly lasting: TextStore;
  /** Lasts as long as the tab: the token, and what was sent without an answer. */
  readonly shelf: KeyShelf;
};

const languageName = 'forecourt.language';
const tokenName = 'forecourt.staff-token';

/** Lets a member of staff in by his token, and shows him his station. */
export function App({ cloud, lasting, shelf }: AppProps) {
  const [language, setLanguage] = useState<Language>(() => readLanguage(lasting.getItem(languageName)));
  const [token, setToken] = useState(() => takeToken(shelf.store));
  const { me, failure, retry } = useMember(cloud, token);
  useEffect(() => {
    document.documentElement.lang = language;
    document.title = sayIn(language)('desk');
  }, [language]);

  useEffect(() => {
    // A link with a token opens no new page where this one is open already.
    const follow = () => setToken(takeToken(shelf.store));
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, []);

  const keepToken = (next: string | null) => {
    if (next === null) shelf.store.removeItem(tokenName);
    else shelf.store.setItem(tokenName, next);
    setToken(next);
  };
  const signOut = () => {
    window.history.replaceState(null, '', writeAddress(window.location.pathname, null));
    keepToken(null);
  };
  const switchLanguage = () => {
    const next = languages.find((one) => one !== language) ?? language;
    lasting.setItem(languageName, next);
    setLanguage(next);
  };
  const calls = useMemo(() => callStaff(cloud, token ?? ''), [cloud, token]);

  const words = sayIn(language);
  const isIn = me !== null && token !== null;
  return (
    <>
      <TopLine language={language} name={isIn ? me.name : null} onSwitchLanguage={switchLanguage} onSignOut={signOut} />
      {isIn ? (
        <StaffContext.Provider value={{ language, calls, me, shelf }}>
          <Desk session={shelf.store} onShut={retry} />
        </StaffContext.Provider>
      ) : token !== null && failure === null ? (
        <p class="loading">{words('loading')}</p>
      ) : failure !== null && !isWrongToken(failure) ? (
        <main class="narrow">
          <Notice text={textOf(failure, language)} action={words('try_again')} onAction={retry} />
        </main>
      ) : (
        <SignIn
          language={language}
          failure={failure === null ? null : textOf(failure, language)}
          onToken={(typed) => (typed === token ? retry() : keepToken(typed))}
        />
      )}
    </>
  );
}

const isWrongToken = (failure: Failure): boolean => failure.kind === 'refused' && failure.problem.status === 401;

/** The token of the address, which is taken out of it so that no history and no screenshot keeps it; else the one of this tab. */
function takeToken(session: TextStore): string | null {
  const { token, orderId } = readAddress(window.location.hash);
  if (token === null) return session.getItem(tokenName);
  window.history.replaceState(null, '', writeAddress(window.location.pathname, orderId));
  session.setItem(tokenName, token);
  return token;
}

/** Whom the token belongs to. */
function useMember(cloud: Cloud, token: string | null) {
  const [me, setMe] = useState<StaffMeMessage | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    setMe(null);
    setFailure(null);
    if (token === null) return undefined;
    let isCurrent = true;
    const ask = async () => {
      const answer = await callStaff(cloud, token).me();
      if (!isCurrent) return;
      if (answer.kind === 'answered') setMe(answer.body);
      else setFailure(answer);
    };
    void ask();
    return () => {
      isCurrent = false;
    };
  }, [cloud, token, tries]);
  return { me, failure, retry: () => setTries(tries + 1) };
}

const readLanguage = (kept: string | null): Language =>
  languages.find((language) => language === kept) ?? chooseLanguage(navigator.languages ?? [navigator.language]);
