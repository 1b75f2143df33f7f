import type { ReactNode } from 'react';
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components';

export type IconButtonProps = Omit<AriaButtonProps, 'className' | 'style' | 'children' | 'aria-label'> & {
  /** Verb and object: "Close details". */
  readonly label: string;
  readonly icon: ReactNode;
};

/** A button that shows only an icon; its label is its name and its tooltip. */
export function IconButton({ label, icon, ...rest }: IconButtonProps) {
  return (
    <AriaButton {...rest} aria-label={label} className="icon-button">
      <span className="icon-button-inside" title={label}>
        {icon}
      </span>
    </AriaButton>
  );
}
