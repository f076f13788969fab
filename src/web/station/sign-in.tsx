import { useState } from 'preact/hooks';
import type { Language } from '../words.ts';
import { sayIn } from './staff-tools.ts';

type SignInProps = {
  readonly language: Language;
  /** Why the token that was tried does not open. */
  readonly failure: string | null;
  readonly onToken: (token: string) => void;
};

/** Asks for the token. */
export function SignIn({ language, failure, onToken }: SignInProps) {
  const words = sayIn(language);
  const [typed, setTyped] = useState('');
  return (
    <main class="narrow">
      <form
        class="card form"
        onSubmit={(event) => {
          event.preventDefault();
          if (typed.trim() !== '') onToken(typed.trim());
        }}
      >
        <h1>{words('token_heading')}</h1>
        <p id="token-text">{words('token_text')}</p>
        <div>
          <label class="label" for="token">
            {words('token')}
          </label>
          <input
            id="token"
            type="password"
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
            autocomplete="off"
            spellcheck={false}
            aria-describedby="token-text token-fault"
            aria-invalid={failure !== null}
          />
          <p class="fault" id="token-fault" role="alert">
            {failure ?? ''}
          </p>
        </div>
        <button type="submit" class="first wide">
          {words('come_in')}
        </button>
      </form>
    </main>
  );
}
