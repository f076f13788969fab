import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Notice } from './notice.tsx';
import { useWords } from './page-tools.ts';

/** A component whose code is fetched when it is first drawn (or ahead, by calling `load`), so that it does not weigh on the first load. */
export function lazy<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  return function Lazy(props: Props) {
    const { words } = useWords();
    // Held in an object, since a state setter would call a bare component as an updater.
    const [loaded, setLoaded] = useState<{ readonly Body: ComponentType<Props> } | null>(null);
    const [failed, setFailed] = useState(false);
    useEffect(() => {
      load().then(
        (Body) => setLoaded({ Body }),
        () => setFailed(true),
      );
    }, []);
    if (loaded !== null) return <loaded.Body {...props} />;
    // A browser remembers a module that failed to load, so only a reload of the page tries it truly again.
    if (failed)
      return (
        <Notice text={words('unanswered')} action={words('try_again')} onAction={() => window.location.reload()} />
      );
    return <p class="loading">{words('loading')}</p>;
  };
}
