import type { ReactNode } from 'react';
import { ChevronDown } from 'lucide-react';
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';

export type MenuAction = {
  readonly id: string;
  readonly label: string;
  readonly note?: string;
  readonly isDisabled?: boolean;
  readonly isDanger?: boolean;
  readonly onAction: () => void;
};

export type MenuButtonProps = {
  readonly label: string;
  /** Verb and object, where the label alone does not name the act. */
  readonly name?: string;
  readonly icon?: ReactNode;
  readonly kind?: 'plain' | 'quiet' | 'primary';
  readonly isDisabled?: boolean;
  readonly items: readonly MenuAction[];
};

/** A button that opens a list of acts. */
export function MenuButton({ label, name, icon, kind = 'plain', isDisabled, items }: MenuButtonProps) {
  return (
    <MenuTrigger>
      <AriaButton
        className={`button button-${kind}`}
        {...(name !== undefined && { 'aria-label': name })}
        {...(isDisabled !== undefined && { isDisabled })}
      >
        {icon}
        <span>{label}</span>
        <ChevronDown aria-hidden size={16} />
      </AriaButton>
      <Popover className="popover">
        <Menu className="menu">
          {items.map((item) => (
            <MenuItem
              key={item.id}
              id={item.id}
              textValue={item.label}
              isDisabled={item.isDisabled ?? false}
              onAction={item.onAction}
              className={`menu-item${item.isDanger === true ? ' is-danger' : ''}`}
            >
              <span>{item.label}</span>
              {item.note !== undefined && <span className="menu-note">{item.note}</span>}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
