import { Check, ChevronDown } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import { useLocation } from 'wouter';
import { useAct, useApp, useClient } from '../state/use-app.ts';
import { useQuery } from '../state/use-query.ts';
import { text } from '../text/en.ts';

/** Whose facts these are, and the way to other profiles. */
export function ProfileMenu({ icon }: { readonly icon: ReactNode }) {
  const client = useClient();
  const act = useAct();
  const [, navigate] = useLocation();
  const name = useApp((state) => state.profileName) ?? text.common.product;
  const { data } = useQuery(client.profiles.list, {}, ['profiles']);

  return (
    <MenuTrigger>
      <AriaButton className="button button-quiet rail-profile" aria-label={text.shell.profile(name)}>
        {icon}
        <span className="rail-word">{name}</span>
        <ChevronDown aria-hidden size={16} className="rail-word" />
      </AriaButton>
      <Popover className="popover" placement="bottom start">
        <Menu className="menu">
          {(data?.profiles ?? []).map((profile) => (
            <MenuItem
              key={profile.id}
              id={profile.id}
              textValue={profile.name}
              className="menu-item select-item"
              onAction={() => {
                if (profile.name === name) return;
                void act(() => client.profiles.use({ id: profile.id }), { said: text.shell.switchNote });
              }}
            >
              <span className="select-mark">{profile.name === name && <Check aria-hidden size={16} />}</span>
              <span>{profile.name}</span>
            </MenuItem>
          ))}
          <MenuItem
            id="manage"
            textValue={text.shell.manageProfiles}
            className="menu-item select-item"
            onAction={() => navigate('/settings/profiles')}
          >
            <span className="select-mark" />
            <span>{text.shell.manageProfiles}</span>
          </MenuItem>
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
