import type { GradeMessage, StationMessage } from '../../station/station.message.ts';
import { formatPrice } from '../format.ts';
import { Choices } from './choices.tsx';
import { gradesAt } from './draft.ts';
import { Notice } from './notice.tsx';
import { formWords } from './form-words.ts';
import { useWords } from './page-tools.ts';

type GradeChoiceProps = {
  readonly station: StationMessage;
  readonly pump: number | null;
  readonly chosen: string | null;
  readonly fault: string | undefined;
  readonly onChoose: (grade: string) => void;
};

/** The fuels of the pump with their prices. None is chosen beforehand: the wrong fuel costs an engine. */
export function GradeChoice({ station, pump, chosen, fault, onChoose }: GradeChoiceProps) {
  const { words } = useWords(formWords);
  const grades = gradesAt(station, pump);
  if (grades.length === 0) return <Notice text={words('grade_none')} />;
  return (
    <Choices
      name="grade"
      legend={words('grade')}
      fault={fault}
      look="rows"
      choices={grades.map((grade) => ({
        value: grade.grade,
        label: <strong>{grade.grade}</strong>,
        side: <Prices station={station} grade={grade} />,
      }))}
      chosen={chosen}
      onChoose={onChoose}
    />
  );
}

function Prices({ station, grade }: { readonly station: StationMessage; readonly grade: GradeMessage }) {
  const { words, language } = useWords(formWords);
  const price = (text: string) => formatPrice(language, text, station.currency, station.unit);
  if (grade.memberPrice === null || grade.memberPrice === grade.pumpPrice)
    return <span class="price">{price(grade.pumpPrice)}</span>;
  return (
    <>
      <span class="price">
        <small>{words('member_price')}</small> {price(grade.memberPrice)}
      </span>
      <span class="muted">
        <small>{words('pump_price')}</small> {price(grade.pumpPrice)}
      </span>
    </>
  );
}
