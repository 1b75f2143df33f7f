import { useEffect, useRef } from 'react';
import { text } from '../text/en.ts';
import { Button } from './button.tsx';

export type OtherValueProps = {
  /** What is known, and what is new, each as a sentence. */
  readonly known: string;
  readonly told: string;
  readonly onChoose: (way: 'replace' | 'correct' | 'keep-both') => void;
  readonly onCancel: () => void;
};

const ways = [
  ['replace', text.facts.itChanged, text.facts.itChangedNote],
  ['correct', text.facts.itWasWrong, text.facts.itWasTypoNote],
  ['keep-both', text.facts.keepBoth, text.facts.keepBothNote],
] as const;

/** Asks what becomes of the value that is there before a new one takes its place. */
export function OtherValue({ known, told, onChoose, onCancel }: OtherValueProps) {
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => first.current?.focus(), []);
  return (
    <div className="fact-choice" role="group" aria-label={text.facts.otherValue}>
      <p className="strong">{text.facts.otherValue}</p>
      <p>{text.facts.knownAndTold(known, told)}</p>
      {ways.map(([way, words, note], index) => (
        <div className="fact-choice-part" key={way}>
          <Button onPress={() => onChoose(way)} ref={index === 0 ? first : null}>
            {words}
          </Button>
          <p className="meta">{note}</p>
        </div>
      ))}
      <Button kind="quiet" onPress={onCancel}>
        {text.common.cancel}
      </Button>
    </div>
  );
}
