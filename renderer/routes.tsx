import { lazy, Suspense, useEffect, type ComponentType } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { Button } from './components/button.tsx';
import { EmptyState } from './components/empty-state.tsx';
import { Loading } from './components/loading.tsx';
import { CrashGuard } from './shell/crash-guard.tsx';
import { Screen } from './shell/screen.tsx';
import { useApp } from './state/use-app.ts';
import { text } from './text/en.ts';

const screens: readonly (readonly [path: string, screen: ComponentType])[] = [
  ['/welcome/:step?', lazy(() => import('./screens/welcome/index.tsx'))],
  ['/chat/:id?', lazy(() => import('./screens/chat/index.tsx'))],
  ['/facts/:id?', lazy(() => import('./screens/facts/index.tsx'))],
  ['/inbox/:id?', lazy(() => import('./screens/inbox/index.tsx'))],
  ['/lessons', lazy(() => import('./screens/lessons/index.tsx'))],
  ['/train/*?', lazy(() => import('./screens/train/index.tsx'))],
  ['/report/:evaluationId?', lazy(() => import('./screens/report/index.tsx'))],
  ['/versions/:id?', lazy(() => import('./screens/versions/index.tsx'))],
  ['/models/:id?', lazy(() => import('./screens/models/index.tsx'))],
  ['/settings/:section?', lazy(() => import('./screens/settings/index.tsx'))],
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
