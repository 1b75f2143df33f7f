import { Check } from 'lucide-react';
import type { ReactElement, ReactNode } from 'react';
import { useLocation } from 'wouter';
import { Button } from '../../components/button.tsx';
import { Screen } from '../../shell/screen.tsx';
import { useAct, useApp, useAppStore, useClient } from '../../state/use-app.ts';
import { text } from '../../text/en.ts';
import { stepAfter, stepBefore, stepNames, type StepName } from './steps.ts';

export type WizardFrameProps = {
  readonly step: StepName;
  /** What is to be done in this step before going on; without it the way on is the primary action. */
  readonly primary?: ReactElement | null;
  readonly children: ReactNode;
};

/** What every step has: where one is, the way on, back and out. */
export function WizardFrame({ step, primary = null, children }: WizardFrameProps) {
  const client = useClient();
  const store = useAppStore();
  const act = useAct();
  const [, navigate] = useLocation();
  const reached = useApp((state) => state.settings?.wizardStep ?? null);
  const { welcome } = text;
  const at = stepNames.indexOf(step);
  const done = reached === null ? at : Math.max(at, stepNames.indexOf(reached));
  const before = stepBefore(step);

  async function remember(wizardStep: StepName | null): Promise<void> {
    const settings = await act(() => client.settings.set({ wizardStep }));
    if (settings !== undefined) store.setState({ settings });
  }

  async function goOn(): Promise<void> {
    const next = stepAfter(step);
    const furthest = next === null ? null : (stepNames[Math.max(done, at + 1)] ?? next);
    await remember(furthest);
    navigate(next === null ? '/chat' : `/welcome/${next}`);
  }

  async function skip(): Promise<void> {
    await remember(null);
    navigate('/facts');
  }

  const onward = (
    <Button kind={primary === null ? 'primary' : 'plain'} onPress={() => void goOn()}>
      {stepAfter(step) === null ? welcome.finish : welcome.next}
    </Button>
  );

  return (
    <Screen
      title={welcome.titles[step]}
      aside={welcome.stepOf(at + 1, stepNames.length)}
      secondary={
        <>
          <Button kind="quiet" onPress={() => navigate('/facts')}>
            {welcome.leave}
          </Button>
          {before !== null && <Button onPress={() => navigate(`/welcome/${before}`)}>{welcome.back}</Button>}
          {primary !== null && onward}
        </>
      }
      primary={primary ?? onward}
    >
      <div className="wizard">
        <nav aria-label={welcome.stepsLabel}>
          <ol className="wizard-steps">
            {stepNames.map((name, index) => (
              <li key={name}>
                <a href={`#/welcome/${name}`} aria-current={name === step ? 'step' : undefined}>
                  <span className="wizard-mark" aria-hidden>
                    {index < done && name !== step ? <Check size={14} /> : index + 1}
                  </span>
                  {welcome.steps[name]}
                  {index < done && name !== step && <span className="hidden-text">{welcome.done}</span>}
                </a>
              </li>
            ))}
          </ol>
        </nav>
        <div className="wizard-content stack">{children}</div>
        <div className="wizard-skip">
          <Button kind="quiet" onPress={() => void skip()}>
            {welcome.skip}
          </Button>
        </div>
      </div>
    </Screen>
  );
}
