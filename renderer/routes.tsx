import { lazy, Suspense, useEffect, type ComponentType } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { Button } from './components/button.tsx';
import { EmptyState } from './components/empty-state.tsx';
import { Loading } from './components/loading.tsx';
import { CrashGuard } from './shell/crash-guard.tsx';
import { Screen } from './shell/screen.tsx';
import { useApp } from './state/use-app.ts';
import { text } from './text/en.ts';

const retries = 3;
const retryMs = 700;

/** A screen that is read when it is first gone to; a read that fails is tried again before the reader is told. */
function screen(read: () => Promise<{ readonly default: ComponentType }>): ComponentType {
  return lazy(async () => {
    for (let failures = 0; ; failures++) {
      try {
        return await read();
      } catch (error) {
        if (failures >= retries) throw error;
        await new Promise((resolve) => setTimeout(resolve, retryMs * (failures + 1)));
      }
    }
  });
}

const screens: readonly (readonly [path: string, screen: ComponentType])[] = [
  ['/welcome/:step?', screen(() => import('./screens/welcome/index.tsx'))],
  ['/chat/:id?', screen(() => import('./screens/chat/index.tsx'))],
  ['/facts/:id?', screen(() => import('./screens/facts/index.tsx'))],
  ['/inbox/:id?', screen(() => import('./screens/inbox/index.tsx'))],
  ['/lessons', screen(() => import('./screens/lessons/index.tsx'))],
  ['/train/*?', screen(() => import('./screens/train/index.tsx'))],
  ['/report/:evaluationId?', screen(() => import('./screens/report/index.tsx'))],
  ['/versions/:id?', screen(() => import('./screens/versions/index.tsx'))],
  ['/models/:id?', screen(() => import('./screens/models/index.tsx'))],
  ['/settings/:section?', screen(() => import('./screens/settings/index.tsx'))],
];

/** Which screen a path shows; each is read when it is first gone to. */
export function Routes() {
  const [path] = useLocation();
  const place = path.split('/')[1] ?? '';
  return (
    <CrashGuard key={place}>
      <Suspense fallback={<Opening place={place} />}>
        <Switch>
          <Route path="/">
            <Start />
          </Route>
          {screens.map(([route, Shown]) => (
            <Route key={route} path={route}>
              <Shown />
            </Route>
          ))}
          <Route>
            <NotFound />
          </Route>
        </Switch>
      </Suspense>
    </CrashGuard>
  );
}

/** The wizard where it was left, else the facts. */
function Start() {
  const settings = useApp((state) => state.settings);
  const isLost = useApp((state) => state.connection === 'lost');
  if (settings === null && !isLost) return <Opening place="" />;
  const step = settings?.wizardStep ?? null;
  return <Redirect to={step === null ? '/facts' : `/welcome/${step}`} replace />;
}

function Opening({ place }: { readonly place: string }) {
  const places: Readonly<Record<string, string | undefined>> = text.shell.places;
  return (
    <Screen title={places[place] ?? text.common.product}>
      <Loading what={(places[place] ?? text.common.product).toLowerCase()} />
    </Screen>
  );
}

function NotFound() {
  const [, navigate] = useLocation();
  useEffect(() => {
    document.title = text.shell.title(text.common.product);
  }, []);
  return (
    <Screen title={text.common.product}>
      <EmptyState
        title={text.shell.notFound}
        action={<Button onPress={() => navigate('/facts')}>{text.shell.goToFacts}</Button>}
      >
        {null}
      </EmptyState>
    </Screen>
  );
}
