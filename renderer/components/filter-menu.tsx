import { Check, ChevronDown } from 'lucide-react';
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';

export type FilterOption = { readonly value: string; readonly label: string; readonly count?: string };

export type FilterMenuProps = {
  readonly label: string;
  /** Empty: nothing is filtered. */
  readonly chosen: readonly string[];
  readonly options: readonly FilterOption[];
  readonly onChange: (chosen: readonly string[]) => void;
};

/** A filter of several values; what is chosen stands in the button. */
export function FilterMenu({ label, chosen, options, onChange }: FilterMenuProps) {
  const labels = options.filter(({ value }) => chosen.includes(value)).map((option) => option.label);
  return (
    <MenuTrigger>
      <AriaButton className={`button button-plain filter${chosen.length > 0 ? ' is-on' : ''}`}>
        <span>{labels.length === 0 ? label : `${label}: ${labels.join(', ')}`}</span>
        <ChevronDown aria-hidden size={16} />
      </AriaButton>
      <Popover className="popover">
        <Menu
          className="menu"
          aria-label={label}
          selectionMode="multiple"
          selectedKeys={chosen}
          onSelectionChange={(keys) =>
            onChange(
              keys === 'all'
                ? options.map(({ value }) => value)
                : options.map(({ value }) => value).filter((value) => keys.has(value)),
            )
          }
        >
          {options.map((option) => (
            <MenuItem
              key={option.value}
              id={option.value}
              textValue={option.label}
              className="menu-item select-item"
            >
              {({ isSelected }) => (
                <>
                  <span className="select-mark">{isSelected && <Check aria-hidden size={16} />}</span>
                  <span>{option.label}</span>
                  {option.count !== undefined && <span className="menu-note">{option.count}</span>}
                </>
              )}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
