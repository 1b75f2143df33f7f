import type { ReactNode } from 'react';
import type { EvaluationReport } from '../../../electron/contract/entities/report.ts';
import { text } from '../../text/en.ts';

/** What is no fact of the owner's: not inventing, general ability, language. */
export function Everything({ report }: { readonly report: EvaluationReport }) {
  const { abstention, general, handedOver, againstBase } = report;
  const words = text.report;
  return (
    <section className="stack-small">
      <h2>{words.safety}</h2>
      <dl className="measures">
        <Measure label={words.abstention} meaning={words.abstentionMeaning}>
          {abstention === null || abstention.n === 0 ? (
            <span className="muted">{words.notAsked}</span>
          ) : (
            <>
              {words.rightOf(abstention)} <span className="muted">{words.share(abstention)}</span>
            </>
          )}
        </Measure>
        <Measure label={words.general}>
          {general === null ? (
            <span className="bad">{words.generalMissing}</span>
          ) : (
            <>
              {words.generalWords(general.tuned, general.base)}{' '}
              {general.base !== null && (
                <span className="muted">{general.couldBeChance ? words.couldBeChance : words.notChance}</span>
              )}
            </>
          )}
        </Measure>
        {handedOver !== null && handedOver.n > 0 && (
          <Measure label={words.handedOver} meaning={words.handedOverMeaning}>
            {words.rightOf(handedOver)} <span className="muted">{words.share(handedOver)}</span>
          </Measure>
        )}
        {againstBase !== null && (
          <Measure label={words.language}>{words.languageWords(againstBase.perplexity.ratio)}</Measure>
        )}
      </dl>
    </section>
  );
}

type MeasureProps = { readonly label: string; readonly meaning?: string; readonly children: ReactNode };

function Measure({ label, meaning, children }: MeasureProps) {
  return (
    <div className="measure">
      <dt>{label}</dt>
      <dd>
        {children}
        {meaning !== undefined && <span className="field-note">{meaning}</span>}
      </dd>
    </div>
  );
}
