import type { FactDetail } from '../../../electron/contract/entities/ledger.ts';
import { text } from '../../text/en.ts';

/** Share of right answers at which only its owner's word makes a fact weak. */
const learnedShare = 0.8;

/** How its test questions were answered, with their number. */
export function FactTests({ detail: { tests, testsNeeded, fact } }: { readonly detail: FactDetail }) {
  if (tests === null || tests.asked === 0) return <>{text.facts.neverAsked}</>;
  const { right, asked, mixedUp, testedAt, version } = tests;
  const remark =
    asked < testsNeeded
      ? text.facts.tooFewTests(asked, testsNeeded)
      : mixedUp
        ? text.facts.mixedUp
        : fact.state === 'weak'
          ? right / asked >= learnedShare
            ? text.facts.toldWrong
            : text.facts.failed(asked - right, asked)
          : null;
  return (
    <>
      {text.facts.testsWords(right, asked, version, testedAt)}
      {remark !== null && <span className="meta fact-reason">{remark}</span>}
    </>
  );
}
