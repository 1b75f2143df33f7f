import './welcome.css';
import type { ComponentType } from 'react';
import { Redirect, useRoute } from 'wouter';
import { useApp } from '../../state/use-app.ts';
import { ChatStep } from './chat-step.tsx';
import { ComputerStep } from './computer-step.tsx';
import { FactsStep } from './facts-step.tsx';
import { ModelStep } from './model-step.tsx';
import { isStep, type StepName } from './steps.ts';
import { TrainStep } from './train-step.tsx';
import { WizardFrame } from './wizard-frame.tsx';

const screens: Readonly<Record<Exclude<StepName, 'train'>, ComponentType>> = {
  computer: ComputerStep,
  model: ModelStep,
  facts: FactsStep,
  chat: ChatStep,
};

/** The first steps; each is a place of its own and can be left. */
export default function WelcomePlace() {
  const [, parameters] = useRoute('/welcome/:step?');
  const first = useApp((state) => state.settings?.wizardStep ?? 'computer');
  const step = parameters?.step ?? '';
  if (!isStep(step)) return <Redirect to={`/welcome/${first}`} replace />;
  if (step === 'train') return <TrainStep />;
  const Step = screens[step];
  return (
    <WizardFrame step={step}>
      <Step />
    </WizardFrame>
  );
}
