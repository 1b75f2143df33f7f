import { Archive, Check, Clock, Quote, TriangleAlert, type LucideIcon } from 'lucide-react';
import { text } from '../text/en.ts';

/** The states of a fact. */
export type ChipState = keyof typeof text.common.states;
export type ChipFlag = 'conflict' | 'waiting';

const icons: Readonly<Record<ChipState, LucideIcon>> = {
  pending: Clock,
  'in-prompt': Quote,
  'in-weights': Check,
  weak: TriangleAlert,
  retired: Archive,
};

export type FactChipProps = {
  /** A state of the contract; one that only filters know reads as pending. */
  readonly state: string;
  readonly flags?: readonly ChipFlag[];
};

/** A fact's state wherever the fact is shown: icon, word and colour, with its flags beside it. */
export function FactChip({ state, flags = [] }: FactChipProps) {
  const shown = isChipState(state) ? state : 'pending';
  const Icon = icons[shown];
  const { states, stateMeanings, flagWords, flagMeanings } = text.common;
  return (
    <span className="chips">
      <span className={`chip chip-${shown}`} title={stateMeanings[shown]}>
        <Icon aria-hidden size={12} />
        {states[shown]}
      </span>
      {flags.map((flag) => (
        <span key={flag} className={`chip chip-${flag}`} title={flagMeanings[flag]}>
          {flagWords[flag]}
        </span>
      ))}
    </span>
  );
}

/** The state and flags in words, for names of rows. */
export function chipWords(state: string, flags: readonly ChipFlag[] = []): string {
  const { states, flagWords } = text.common;
  return [states[isChipState(state) ? state : 'pending'], ...flags.map((flag) => flagWords[flag])].join(', ');
}

function isChipState(state: string): state is ChipState {
  return state in icons;
}
