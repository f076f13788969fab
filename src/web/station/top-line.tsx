import type { Language } from '../words.ts';
import { sayIn } from './staff-tools.ts';

type TopLineProps = {
  readonly language: Language;
  /** Of whoever is signed in. */
  readonly name: string | null;
  readonly onSwitchLanguage: () => void;
  readonly onSignOut: () => void;
};

export function TopLine({ language, name, onSwitchLanguage, onSignOut }: TopLineProps) {
  const words = sayIn(language);
  return (
    <header class="top">
      <span class="brand">
        <span class="brand-mark" aria-hidden="true" />
        {words('desk')}
      </span>
      <span class="top-side">
        {name === null ? null : <span class="member">{words('signed_in', { name })}</span>}
        <button type="button" class="quiet" lang={language === 'en' ? 'zh-CN' : 'en'} onClick={onSwitchLanguage}>
          {words('other_language')}
        </button>
        {name === null ? null : (
          <button type="button" class="quiet" onClick={onSignOut}>
            {words('sign_out')}
          </button>
        )}
      </span>
    </header>
  );
}
