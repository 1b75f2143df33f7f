import { useState } from 'react';
import type { TaughtWhy, TrainPlan } from '../../../electron/contract/entities/train-plan.ts';
import { Button } from '../../components/button.tsx';
import { Note } from '../../components/note.tsx';
import { useClient } from '../../state/use-app.ts';
import { useQuery } from '../../state/use-query.ts';
import { text } from '../../text/en.ts';
import { number } from '../../text/format.ts';

export type PlanProps = {
  readonly plan: TrainPlan;
  /** Facts that the version in use does not hold well enough. */
  readonly weak: number;
  readonly onRebuild: () => void;
};

/** True where memory and disk suffice. */
export function fits({ memory, disk }: TrainPlan): boolean {
  return !lacks(memory) && !lacks(disk);
}

const lacks = ({ neededBytes, freeBytes }: TrainPlan['memory'] | TrainPlan['disk']): boolean =>
  freeBytes !== null && neededBytes > freeBytes;

/** What the next training would do: what it teaches, how long, how much memory, and why. */
export function Plan({ plan, weak, onRebuild }: PlanProps) {
  const client = useClient();
  const versions = useQuery(client.adapters.list, plan.adapterId === null ? null : {}, ['adapters']).data;
  const { train } = text;
  const { memory, disk, time, facts, samples } = plan;
  const isNothing = plan.mode === 'nothing';
  const counts = countWhys(facts);
  const former = facts.filter(({ current }) => !current).length;
  const allSamples = Object.values(samples).reduce((sum, each) => sum + each, 0);
  const version = versions?.adapters.find(({ id }) => id === plan.adapterId)?.number ?? null;
  return (
    <section className="card stack" aria-label={train.plan}>
      <p className="plan-what">{train.what(plan.mode, counts, former, plan.replayed)}</p>
      {isNothing && (
        <div className="line">
          <Button onPress={onRebuild}>{train.rebuildToggle}</Button>
          {weak > 0 && <span className="muted">{train.stillWeak(weak)}</span>}
        </div>
      )}
      {plan.resumes !== null && <Note>{train.resumes(plan.resumes.step, plan.resumes.steps)}</Note>}
      {lacks(memory) && memory.freeBytes !== null && (
        <Note kind="warning">{train.noFit(memory.neededBytes, memory.freeBytes)}</Note>
      )}
      {lacks(disk) && disk.freeBytes !== null && (
        <Note kind="warning">{train.noDisk(disk.neededBytes, disk.freeBytes)}</Note>
      )}
      {!isNothing && (
        <dl className="plan-figures">
          <Figure
            label={train.timeLabel}
            value={train.time(time.lowSeconds, time.highSeconds, time.basis)}
            note={time.judgeSeconds > 0 ? train.judging(time.judgeSeconds) : undefined}
          />
          <Figure
            label={train.memoryLabel}
            value={train.memory(memory.neededBytes, memory.freeBytes)}
            note={plan.sharing === 'exclusive' ? train.exclusive : train.coexist}
          />
          <Figure label={train.baseLabel} value={plan.base.name} note={train.recipes[plan.recipe]} />
          <Figure
            label={train.startsFrom}
            value={plan.mode === 'warm' ? train.fromVersion(version) : train.fromBase}
          />
          <Figure label={train.samplesLabel} value={train.samples(allSamples, plan.steps, plan.epochs)} />
          <Figure label={train.deviceLabel} value={plan.device} />
        </dl>
      )}
      {plan.mode === 'rebuild' && plan.reasons.length > 0 && (
        <p className="meta">
          {train.whyRebuild}: {plan.reasons.map((reason) => reason.text).join('; ')}
        </p>
      )}
      {facts.length > 0 && <TaughtFacts facts={facts} />}
    </section>
  );
}

type FigureProps = { readonly label: string; readonly value: string; readonly note?: string | undefined };

function Figure({ label, value, note }: FigureProps) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        {value}
        {note !== undefined && <span className="field-note">{note}</span>}
      </dd>
    </div>
  );
}

const factsAtOnce = 100;

function TaughtFacts({ facts }: { readonly facts: TrainPlan['facts'] }) {
  const [isOpen, setIsOpen] = useState(false);
  const { train } = text;
  return (
    <details className="fold" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>
        {train.showFacts} ({number(facts.length)})
      </summary>
      {isOpen && (
        <ul className="taught">
          {facts.slice(0, factsAtOnce).map(({ factId, statement, why }) => (
            <li key={factId}>
              <a href={`#/facts/${factId}`}>{statement}</a> <span className="muted">{whyWord(why)}</span>
            </li>
          ))}
          {facts.length > factsAtOnce && (
            <li className="muted">{train.moreFacts(facts.length - factsAtOnce)}</li>
          )}
        </ul>
      )}
    </details>
  );
}

const whyWord = (why: TaughtWhy): string => text.train.whyWords[why];

/** Facts of today by why they are taught; the strip counts the same. */
function countWhys(facts: TrainPlan['facts']): Partial<Record<TaughtWhy, number>> {
  const counts: Partial<Record<TaughtWhy, number>> = {};
  for (const { why, current } of facts) if (current) counts[why] = (counts[why] ?? 0) + 1;
  return counts;
}

export type MissingProps = { readonly hasModel: boolean; readonly hasFacts: boolean };

/** The plan greyed, with what is missing linked. */
export function MissingPlan({ hasModel, hasFacts }: MissingProps) {
  const { train } = text;
  return (
    <section className="card stack" aria-label={train.plan}>
      <h2>{train.missing}</h2>
      <p className="muted">{train.missingWords}</p>
      <dl className="plan-figures is-grey" aria-hidden>
        {[train.timeLabel, train.memoryLabel, train.baseLabel, train.samplesLabel].map((label) => (
          <Figure key={label} label={label} value="-" />
        ))}
      </dl>
      <div className="line">
        {!hasModel && <LinkButton to="#/models">{train.missingModel}</LinkButton>}
        {!hasFacts && <LinkButton to="#/facts/new">{train.missingFacts}</LinkButton>}
      </div>
    </section>
  );
}

function LinkButton({ to, children }: { readonly to: string; readonly children: string }) {
  return (
    <Button
      kind="plain"
      onPress={() => {
        location.hash = to;
      }}
    >
      {children}
    </Button>
  );
}
