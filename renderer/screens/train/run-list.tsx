import { useState } from 'react';
import { useLocation } from 'wouter';
import type { MethodOutputs } from '../../../electron/contract/methods.ts';
import { Button } from '../../components/button.tsx';
import { Checkbox } from '../../components/checkbox.tsx';
import { ErrorNote } from '../../components/error-note.tsx';
import { Loading } from '../../components/loading.tsx';
import { useClient } from '../../state/use-app.ts';
import { useQuery } from '../../state/use-query.ts';
import { text } from '../../text/en.ts';
import { clockTime, duration, shortDay } from '../../text/format.ts';

type ListedRun = MethodOutputs['runs']['list']['runs'][number];

const pageLength = 20;

/** Every training that ever ran, newest first; two of them can be compared. */
export function RunList() {
  const client = useClient();
  const [, navigate] = useLocation();
  const [limit, setLimit] = useState(pageLength);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const { data, error, reload } = useQuery(client.runs.list, { limit }, ['runs', 'adapters']);
  const { train } = text;
  const runs = data?.runs ?? [];
  const choose = (id: string, isOn: boolean) =>
    // A third one takes the place of the first.
    setChosen(isOn ? [...chosen, id].slice(-2) : chosen.filter((other) => other !== id));
  const [a, b] = chosen;
  return (
    <section className="stack-small">
      <div className="line">
        <h2>{train.history}</h2>
        {runs.length > 1 && (
          <div className="line-end line">
            {chosen.length !== 2 && <span className="meta">{train.compareHint}</span>}
            <Button
              isDisabled={chosen.length !== 2}
              onPress={() => {
                // The older one first: "better in the second" is then better now.
                const order = runs.map(({ id }) => id);
                if (a === undefined || b === undefined) return;
                const [older, newer] = order.indexOf(a) > order.indexOf(b) ? [a, b] : [b, a];
                navigate(`/train/${older}/compare/${newer}`);
              }}
            >
              {train.compare(chosen.length)}
            </Button>
          </div>
        )}
      </div>
      {error !== null && <ErrorNote error={error} onRetry={reload} />}
      {data === undefined && error === null && <Loading what={train.readingRuns} />}
      {data !== undefined && runs.length === 0 && <p className="muted">{train.noRuns}</p>}
      {runs.length > 0 && (
        <div className="table-scroll" tabIndex={0} role="region" aria-label={train.history}>
          <table className="data-table run-table">
            <thead>
              <tr>
                <th>
                  <span className="hidden-text">{train.compare(0)}</span>
                </th>
                <th>{train.runColumns.when}</th>
                <th>{train.runColumns.result}</th>
                <th>{train.runColumns.recipe}</th>
                <th className="number">{train.runColumns.time}</th>
              </tr>
            </thead>
            <tbody>
              {runs.map((run) => (
                <tr key={run.id}>
                  <td>
                    <Checkbox isSelected={chosen.includes(run.id)} onChange={(isOn) => choose(run.id, isOn)}>
                      <span className="hidden-text">{train.select(nameOf(run))}</span>
                    </Checkbox>
                  </td>
                  <td>
                    <a href={`#/train/${run.id}`}>{whenOf(run.createdAt)}</a>
                  </td>
                  <td>{resultOf(run)}</td>
                  <td>
                    {train.recipes[run.recipe]}, {train.modes[run.mode]}
                  </td>
                  <td className="number">{run.seconds === null ? '' : duration(run.seconds)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {(data?.nextCursor ?? null) !== null && (
        <Button kind="quiet" onPress={() => setLimit(Math.min(1000, limit + 100))}>
          {text.common.more}
        </Button>
      )}
    </section>
  );
}

/** "21 Nov, 14:05". */
export const whenOf = (at: number): string => `${shortDay(at)}, ${clockTime(at)}`;

const nameOf = ({ version, createdAt }: ListedRun): string => text.train.run(version, whenOf(createdAt));

function resultOf({ state, version, approved }: ListedRun): string {
  const { train } = text;
  if (version === null) return train.states[state];
  const verdict = approved === null ? train.states[state] : approved ? train.approved : train.notApproved;
  return `${train.versionMade(version)}, ${verdict}`;
}
