import {
  BookOpen,
  Boxes,
  ChartColumn,
  CircleQuestionMark,
  GraduationCap,
  History,
  Inbox,
  List,
  MessageSquare,
  Search,
  Settings,
  User,
  type LucideIcon,
} from 'lucide-react';
import { useLocation } from 'wouter';
import { IconButton } from '../components/icon-button.tsx';
import { useApp, useAppStore } from '../state/use-app.ts';
import { text } from '../text/en.ts';
import { number } from '../text/format.ts';
import { ProfileMenu } from './profile-menu.tsx';

export type Place = keyof typeof text.shell.places;

/** The places in the order of the rail, with their icons. */
export const places: readonly (readonly [Place, LucideIcon])[] = [
  ['chat', MessageSquare],
  ['facts', List],
  ['inbox', Inbox],
  ['lessons', BookOpen],
  ['train', GraduationCap],
  ['report', ChartColumn],
  ['versions', History],
  ['models', Boxes],
  ['settings', Settings],
];

/** The places, with how many facts there are and how many proposals wait. */
export function Rail() {
  const store = useAppStore();
  const [path] = useLocation();
  const facts = useApp((state) => state.summary?.facts.total ?? null);
  const waiting = useApp((state) => state.summary?.proposals ?? null);
  const counts: Readonly<Partial<Record<Place, number | null>>> = {
    facts,
    inbox: waiting === 0 ? null : waiting,
  };
  const here = path.split('/')[1] ?? '';

  return (
    <nav className="rail" aria-label={text.shell.navigation} data-region tabIndex={-1}>
      <ProfileMenu icon={<User aria-hidden size={16} />} />
      <ul className="rail-places">
        {places.map(([place, Icon]) => {
          const shown = counts[place] ?? null;
          return (
            <li key={place}>
              <a
                href={`#/${place}`}
                className="rail-place"
                aria-current={here === place ? 'page' : undefined}
                title={text.shell.places[place]}
              >
                <Icon aria-hidden size={16} />
                <span className="rail-word">{text.shell.places[place]}</span>
                {shown !== null && <span className="rail-count">{number(shown)}</span>}
              </a>
            </li>
          );
        })}
      </ul>
      <div className="rail-foot">
        <IconButton
          label={text.shell.openPalette}
          icon={<Search aria-hidden size={16} />}
          onPress={() => store.setState({ isPaletteOpen: true })}
        />
        <IconButton
          label={text.shell.help}
          icon={<CircleQuestionMark aria-hidden size={16} />}
          onPress={() => store.setState({ isHelpOpen: true })}
        />
      </div>
    </nav>
  );
}
