import './inbox.css';
import { CircleAlert, CircleCheck } from 'lucide-react';
import { useRef, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { ProgressBar } from '../../components/progress-bar.tsx';
import { TextField } from '../../components/text-field.tsx';
import { text } from '../../text/en.ts';
import { useImport } from './use-import.ts';

export type ImportFormProps = {
  /** Told how many proposals or facts came of it. */
  readonly onRead?: (found: number) => void;
};

/** Text to paste and files to choose; what was found in each stands below. */
export function ImportForm({ onRead }: ImportFormProps) {
  const { lines, busy, read } = useImport();
  const [pasted, setPasted] = useState('');
  const files = useRef<HTMLInputElement>(null);
  const { inbox } = text;

  async function readAll(chosen: readonly File[]): Promise<void> {
    const found = await read(chosen.length > 0 ? '' : pasted, chosen);
    if (chosen.length === 0) setPasted('');
    onRead?.(found);
  }

  return (
    <div className="stack">
      <p className="muted">{inbox.importWords}</p>
      <TextField
        label={inbox.importText}
        value={pasted}
        onChange={setPasted}
        rows={5}
        placeholder={inbox.importTextExample}
        maxLength={1_000_000}
      />
      <div className="line">
        <Button isDisabled={pasted.trim() === '' || busy !== null} onPress={() => void readAll([])}>
          {inbox.importRead}
        </Button>
        <Button isDisabled={busy !== null} onPress={() => files.current?.click()}>
          {inbox.importFiles}
        </Button>
        <input
          ref={files}
          type="file"
          multiple
          hidden
          aria-label={inbox.importFiles}
          accept=".txt,.md,.csv,.json,.jsonl,text/plain"
          onChange={(event) => {
            const chosen = [...(event.target.files ?? [])];
            event.target.value = '';
            if (chosen.length > 0) void readAll(chosen);
          }}
        />
      </div>
      <p className="meta">{inbox.importFilesNote}</p>
      {busy !== null && (
        <ProgressBar
          label={inbox.importing(busy.file, busy.files)}
          done={busy.file - 1}
          total={busy.files}
          words={inbox.importFound(busy.found)}
        />
      )}
      {lines.length > 0 && (
        <ul className="import-lines" aria-label={inbox.importResults}>
          {lines.map((line, index) => (
            <li key={`${index} ${line.name}`} className={line.hasFailed ? 'is-failed' : ''}>
              {line.hasFailed ? <CircleAlert aria-hidden size={16} /> : <CircleCheck aria-hidden size={16} />}
              <span>
                <span className="strong">{line.name}</span> {line.words}
                {line.unread !== undefined && line.unread.count > 0 && (
                  <details>
                    <summary>{inbox.importUnread(line.unread.count)}</summary>
                    <ul>
                      {line.unread.shown.map((sentence, at) => (
                        <li key={at}>{sentence}</li>
                      ))}
                      {line.unread.count > line.unread.shown.length && (
                        <li>{inbox.importMore(line.unread.count - line.unread.shown.length)}</li>
                      )}
                    </ul>
                  </details>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
