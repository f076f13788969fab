import { Choices } from './choices.tsx';
import { nameMethod } from './method-name.ts';
import { buyingWords } from './buying-words.ts';
import { Notice } from './notice.tsx';
import { useWords } from './page-tools.ts';

type MethodChoiceProps = {
  readonly methods: readonly string[];
  readonly chosen: string | null;
  readonly fault: string | undefined;
  readonly onChoose: (method: string) => void;
};

/** The ways of paying that the station takes, by name. */
export function MethodChoice({ methods, chosen, fault, onChoose }: MethodChoiceProps) {
  const { words } = useWords(buyingWords);
  if (methods.length === 0)
    return <Notice text={words('method_none')} action={words('try_again')} onAction={() => window.location.reload()} />;
  return (
    <Choices
      name="method"
      legend={words('method')}
      fault={fault}
      look="rows"
      choices={methods.map((method) => ({ value: method, label: nameMethod(words, method) }))}
      chosen={chosen}
      onChoose={onChoose}
    />
  );
}
