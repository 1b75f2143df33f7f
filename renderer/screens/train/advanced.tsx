import type { RecipeName } from '../../../electron/contract/entities/training.ts';
import { Checkbox } from '../../components/checkbox.tsx';
import { SelectField } from '../../components/select-field.tsx';
import { TextField } from '../../components/text-field.tsx';
import { useClient } from '../../state/use-app.ts';
import { useQuery } from '../../state/use-query.ts';
import { text } from '../../text/en.ts';
import { bytes } from '../../text/format.ts';

/** What a reader may set before a training; empty texts mean the default. */
export type TrainOptions = {
  readonly recipe: RecipeName;
  readonly seed: string;
  readonly device: string;
  readonly base: string;
  readonly rebuild: boolean;
};

export const defaultOptions: TrainOptions = {
  ...{ recipe: 'routed', seed: '42', device: '', base: '' },
  rebuild: false,
};

/** The request for the core; null where the seed is no number. */
export function toRequest({ recipe, seed, device, base, rebuild }: TrainOptions) {
  const seedNumber = Number(seed);
  if (seed.trim() === '' || !Number.isSafeInteger(seedNumber) || seedNumber < 0) return null;
  return {
    ...{ recipe, seed: seedNumber },
    ...(device !== '' && { device }),
    ...(base !== '' && { base }),
    ...(rebuild && { rebuild }),
  };
}

export type AdvancedProps = {
  readonly options: TrainOptions;
  readonly onChange: (options: TrainOptions) => void;
};

const recipes: readonly RecipeName[] = ['routed', 'standalone', 'low-memory', 'paper', 'quick'];

/** Settings that hardly anyone needs, each with its default and the reason for it. */
export function Advanced({ options, onChange }: AdvancedProps) {
  const client = useClient();
  const devices = useQuery(client.devices.list, {}, []).data?.devices ?? [];
  const models = useQuery(client.models.list, {}, ['models']).data?.models ?? [];
  const { train } = text;
  return (
    <details className="card fold">
      <summary>{train.advanced}</summary>
      <div className="advanced">
        <div className="stack-small">
          <SelectField
            label={train.recipe}
            value={options.recipe}
            options={recipes.map((recipe) => ({ value: recipe, label: train.recipes[recipe] }))}
            onChange={(recipe) => onChange({ ...options, recipe })}
          />
          <p className="field-note">{train.recipeWhy[options.recipe]}</p>
        </div>
        <div className="stack-small">
          <SelectField
            label={train.baseLabel}
            value={options.base}
            options={[
              { value: '', label: train.baseDefault },
              ...models.map(({ id, name, fit }) => ({
                value: id,
                label: name,
                note: text.models.fitShort(fit),
              })),
            ]}
            onChange={(base) => onChange({ ...options, base })}
          />
          <p className="field-note">{train.baseWhy}</p>
        </div>
        <div className="stack-small">
          <SelectField
            label={train.device}
            value={options.device}
            options={[
              { value: '', label: train.deviceBest },
              ...devices
                .filter(({ supported }) => supported)
                .map(({ name, description, memoryFreeBytes }) => ({
                  value: name,
                  label: description,
                  note: bytes(memoryFreeBytes),
                })),
            ]}
            onChange={(device) => onChange({ ...options, device })}
          />
          <p className="field-note">{train.deviceWhy}</p>
        </div>
        <TextField
          label={train.seed}
          value={options.seed}
          onChange={(seed) => onChange({ ...options, seed })}
          maxLength={16}
          note={train.seedWhy}
          problem={toRequest(options) === null ? train.seedProblem : undefined}
        />
        <Checkbox
          isSelected={options.rebuild}
          onChange={(rebuild) => onChange({ ...options, rebuild })}
          note={train.rebuildWhy}
        >
          {train.rebuildToggle}
        </Checkbox>
      </div>
    </details>
  );
}
