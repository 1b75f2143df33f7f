import { Search, X } from 'lucide-react';
import { useEffect, useState, type Ref } from 'react';
import { Button as AriaButton, Input, Label, SearchField as AriaSearchField } from 'react-aria-components';
import { text } from '../text/en.ts';

export type SearchFieldProps = {
  readonly label: string;
  readonly value: string;
  /** Told once the reader rests for a moment, so that a keystroke costs nothing but the letter. */
  readonly onSearch: (value: string) => void;
  readonly fieldRef?: Ref<HTMLInputElement> | undefined;
};

const restMs = 120;

/** A field to search with; `/` and Ctrl+F of the page lead here (`data-search`). */
export function SearchField({ label, value, onSearch, fieldRef }: SearchFieldProps) {
  const [draft, setDraft] = useState(value);
  const [told, setTold] = useState(value);
  if (value !== told) {
    setTold(value);
    setDraft(value);
  }

  useEffect(() => {
    if (draft === told) return undefined;
    const timer = setTimeout(() => {
      setTold(draft);
      onSearch(draft);
    }, restMs);
    return () => clearTimeout(timer);
  }, [draft, told, onSearch]);

  return (
    <AriaSearchField value={draft} onChange={setDraft} maxLength={2000} className="search">
      <Label className="hidden-text">{label}</Label>
      <Search aria-hidden size={16} className="search-icon" />
      <Input
        className="field-input search-input"
        placeholder={label}
        data-search
        {...(fieldRef !== undefined && { ref: fieldRef })}
      />
      <AriaButton className="search-clear" aria-label={text.common.clearSearch}>
        <X aria-hidden size={16} />
      </AriaButton>
    </AriaSearchField>
  );
}
