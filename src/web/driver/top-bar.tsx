import { usePage, useWords } from './page-tools.ts';

/** The product's name, which leads home, and the other language. */
export function TopBar({ onSwitchLanguage }: { readonly onSwitchLanguage: () => void }) {
  const { go } = usePage();
  const { words, language } = useWords();
  return (
    <header class="top">
      <a
        class="brand"
        href="/"
        onClick={(event) => {
          event.preventDefault();
          go({ at: 'find' });
        }}
      >
        <span class="brand-mark" aria-hidden="true" />
        {words('title')}
      </a>
      <button type="button" class="quiet" lang={language === 'en' ? 'zh-CN' : 'en'} onClick={onSwitchLanguage}>
        {words('other_language')}
      </button>
    </header>
  );
}
