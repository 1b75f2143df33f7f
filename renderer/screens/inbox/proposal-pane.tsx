import { useState } from 'react';
import type { FactDraft } from '../../../electron/contract/entities/fact.ts';
import type { DraftEffect, Proposal } from '../../../electron/contract/entities/proposal.ts';
import { Button } from '../../components/button.tsx';
import { Loading } from '../../components/loading.tsx';
import { Note } from '../../components/note.tsx';
import { OtherValue } from '../../components/other-value.tsx';
import { TextField } from '../../components/text-field.tsx';
import { text } from '../../text/en.ts';
import { effectWords, needsEdit } from './proposal-rules.ts';
import { useProposalActs } from './use-proposal-acts.ts';

export type PaneMode = 'read' | 'edit' | 'merge' | 'choose';

export type ProposalPaneProps = {
  /** Null where it is settled or gone. */
  readonly proposal: Proposal | null;
  readonly isLoading: boolean;
  readonly mode: PaneMode;
  readonly onMode: (mode: PaneMode) => void;
  readonly onAccept: (proposal: Proposal) => void;
  readonly onReject: (proposal: Proposal) => void;
  readonly onSettled: (proposal: Proposal) => void;
};

/** One proposal: whose words it rests on, what it becomes, and what can be done with it. */
export function ProposalPane({ proposal, isLoading, mode, onMode, onSettled, ...rest }: ProposalPaneProps) {
  if (proposal === null)
    return isLoading ? <Loading what={text.inbox.pane.toLowerCase()} /> : <p>{text.inbox.gone}</p>;
  const back = () => onMode('read');
  return (
    <div className="stack">
      <h2>{proposal.statement}</h2>
      <Quote proposal={proposal} />
      {proposal.touches !== null && (
        <p>
          <span className="muted">{effectWords(proposal)}</span>{' '}
          <a href={`#/facts/${proposal.touches.factId}`}>{text.inbox.touches}</a>
        </p>
      )}
      {mode === 'edit' && <EditForm proposal={proposal} onSettled={onSettled} onBack={back} />}
      {mode === 'choose' && (
        <Choice proposal={proposal} effect={proposal} onSettled={onSettled} onBack={back} />
      )}
      {mode === 'merge' && proposal.touches !== null && (
        <MergeForm
          proposal={proposal}
          statement={proposal.touches.statement}
          onSettled={onSettled}
          onBack={back}
        />
      )}
      {mode === 'read' && <Acts proposal={proposal} onMode={onMode} {...rest} />}
    </div>
  );
}

function Quote({ proposal }: { readonly proposal: Proposal }) {
  if (proposal.quote === null) return <Note kind="warning">{text.inbox.noQuote}</Note>;
  return (
    <figure className="quote">
      <figcaption className="meta">
        {text.inbox.youWrote(proposal.source.name, proposal.createdAt)}
        {proposal.foundBy === 'model' && `. ${text.inbox.foundByModel}`}
      </figcaption>
      <blockquote>{proposal.quote}</blockquote>
    </figure>
  );
}

type ActsProps = Pick<ProposalPaneProps, 'onMode' | 'onAccept' | 'onReject'> & {
  readonly proposal: Proposal;
};

function Acts({ proposal, onMode, onAccept, onReject }: ActsProps) {
  return (
    <div className="line">
      <Button isDisabled={needsEdit(proposal)} onPress={() => onAccept(proposal)}>
        {text.inbox.accept}
      </Button>
      <Button onPress={() => onMode('edit')}>{text.inbox.edit}</Button>
      {proposal.touches !== null && <Button onPress={() => onMode('merge')}>{text.inbox.merge}</Button>}
      <Button onPress={() => onReject(proposal)}>{text.inbox.reject}</Button>
    </div>
  );
}

type FormProps = {
  readonly proposal: Proposal;
  readonly onSettled: (proposal: Proposal) => void;
  readonly onBack: () => void;
};

/** Asks what becomes of the value that it contradicts, then accepts. */
function Choice({ proposal, effect, draft, onSettled, onBack }: ChoiceProps) {
  const acts = useProposalActs();
  return (
    <OtherValue
      known={effect.touches?.statement ?? ''}
      told={effect.statement}
      onChoose={(ifOther) =>
        void acts
          .accept(proposal, draft, ifOther)
          .then((result) => result !== undefined && onSettled(proposal))
      }
      onCancel={onBack}
    />
  );
}

type ChoiceProps = FormProps & { readonly effect: DraftEffect; readonly draft?: FactDraft };

function EditForm({ proposal, onSettled, onBack }: FormProps) {
  const acts = useProposalActs();
  const { draft } = proposal;
  const [subject, setSubject] = useState(draft.subject ?? 'me');
  const [attribute, setAttribute] = useState(draft.attribute);
  const [value, setValue] = useState(draft.value);
  const [from, setFrom] = useState(draft.validFrom ?? '');
  const [other, setOther] = useState<{ effect: DraftEffect; draft: FactDraft } | null>(null);
  const canSave = attribute.trim() !== '' && value.trim() !== '';
  async function save(): Promise<void> {
    if (!canSave) return;
    const { validFrom: _, ...rest } = draft;
    const edited: FactDraft = {
      ...rest,
      subject: subject.trim() === '' ? 'me' : subject.trim(),
      attribute: attribute.trim(),
      value: value.trim(),
      ...(from !== '' && { validFrom: from }),
    };
    const effect = await acts.preview(edited);
    if (effect?.effect === 'conflicts') setOther({ effect, draft: edited });
    else if (effect !== undefined && (await acts.accept(proposal, edited)) !== undefined) onSettled(proposal);
  }
  if (other !== null)
    return <Choice proposal={proposal} {...other} onSettled={onSettled} onBack={() => setOther(null)} />;
  const enter = () => void save();
  return (
    <div className="stack-small">
      <TextField
        label={text.inbox.subject}
        value={subject}
        onChange={setSubject}
        onEnter={enter}
        maxLength={200}
      />
      <TextField
        label={text.inbox.attribute}
        value={attribute}
        onChange={setAttribute}
        onEnter={enter}
        maxLength={200}
      />
      <TextField label={text.inbox.value} value={value} onChange={setValue} onEnter={enter} autoFocus />
      <TextField label={text.inbox.from} value={from} onChange={setFrom} onEnter={enter} maxLength={10} />
      <div className="line">
        <Button isDisabled={!canSave} onPress={enter}>
          {text.inbox.saveAccept}
        </Button>
        <Button kind="quiet" onPress={onBack}>
          {text.common.cancel}
        </Button>
      </div>
    </div>
  );
}

function MergeForm({ proposal, statement, onSettled, onBack }: FormProps & { readonly statement: string }) {
  const acts = useProposalActs();
  const [value, setValue] = useState(proposal.draft.value);
  async function merge(how: 'changed' | 'typo'): Promise<void> {
    if (value.trim() === '') return;
    if ((await acts.merge(proposal, value.trim(), how)) !== undefined) onSettled(proposal);
  }
  return (
    <div className="stack-small" role="group" aria-label={text.inbox.mergeTitle}>
      <div className="merge-sides">
        <div>
          <p className="meta">{text.inbox.mergeOld}</p>
          <p>{statement}</p>
        </div>
        <div>
          <p className="meta">{text.inbox.mergeNew}</p>
          <p>{proposal.statement}</p>
        </div>
      </div>
      <TextField
        label={text.inbox.mergeValue}
        value={value}
        onChange={setValue}
        autoFocus
        onEnter={() => void merge('changed')}
      />
      <div className="line">
        <Button onPress={() => void merge('changed')}>{text.inbox.mergeChanged}</Button>
        <Button onPress={() => void merge('typo')}>{text.inbox.mergeTypo}</Button>
        <Button kind="quiet" onPress={onBack}>
          {text.common.cancel}
        </Button>
      </div>
    </div>
  );
}
