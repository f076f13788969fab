import { useState } from 'preact/hooks';
import { readTypedCode } from './address.ts';
import { findWords } from './find-words.ts';
import { usePage, useWords } from './page-tools.ts';

const typedLengthMax = 200;

/** For whom the position does not help: the code that stands on the pump, typed, or pasted by a scanner as a whole link. */
export function CodeForm() {
  const { go } = usePage();
  const { words } = useWords(findWords);
  const [typed, setTyped] = useState('');
  const [missing, setMissing] = useState(false);

  function submit(event: Event): void {
    event.preventDefault();
    const pumpCode = readTypedCode(typed);
    setMissing(pumpCode === null);
    if (pumpCode === null) document.getElementById('code')?.focus();
    else go({ at: 'pump', pumpCode });
  }

  return (
    <form class="card" onSubmit={submit} noValidate>
      <label class="label" for="code">
        {words('find_by_code')}
      </label>
      <p class="hint" id="code-hint">
        {words('find_by_code_hint')}
      </p>
      <div class="together">
        <input
          id="code"
          class="code"
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
          maxLength={typedLengthMax}
          autocomplete="off"
          autocapitalize="characters"
          spellcheck={false}
          aria-describedby={missing ? 'code-hint code-fault' : 'code-hint'}
          aria-invalid={missing}
        />
        <button type="submit" class="second">
          {words('go_on')}
        </button>
      </div>
      {missing ? (
        <p class="fault" id="code-fault" role="alert">
          {words('code_missing')}
        </p>
      ) : null}
    </form>
  );
}
