import { Label, ProgressBar as AriaProgressBar } from 'react-aria-components';

export type ProgressBarProps = {
  /** What is done: "Reading file 3 of 12". */
  readonly label: string;
  readonly done: number;
  /** Null where nobody knows. */
  readonly total: number | null;
  /** Done and total in words, and the time that is left. */
  readonly words: string;
};

/** A bar that never stands without words. */
export function ProgressBar({ label, done, total, words }: ProgressBarProps) {
  const isKnown = total !== null && total > 0;
  return (
    <AriaProgressBar
      className="progress"
      isIndeterminate={!isKnown}
      value={isKnown ? Math.min(done, total) : 0}
      maxValue={isKnown ? total : 1}
      valueLabel={words}
    >
      {({ percentage }) => (
        <>
          <span className="progress-words">
            <Label>{label}</Label>
            <span className="muted">{words}</span>
          </span>
          <span className="progress-track">
            <span
              className={`progress-fill${isKnown ? '' : ' is-unknown'}`}
              style={{ width: `${isKnown ? (percentage ?? 0) : 30}%` }}
            />
          </span>
        </>
      )}
    </AriaProgressBar>
  );
}
