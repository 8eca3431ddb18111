// Shows the screen of the address. Each is loaded when it is first shown.

import type { ComponentType, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Failure, Loading } from '../components/states';
import { href, match, path } from '../router';
import { screens } from '../screens';
import type { Route } from './screen';

type View = ComponentType<Record<string, string>>;

const loaded = new Map<Route, View>();

function find(): { route: Route; values: Record<string, string> } | null {
  for (const screen of screens) {
    for (const route of screen.routes) {
      const values = match(route.pattern, path.value);
      if (values) return { route, values };
    }
  }
  return null;
}

export function Outlet(): JSX.Element {
  const found = find();
  const route = found?.route;
  const [, setCount] = useState(0);
  const [error, setError] = useState<{ route: Route; error: unknown } | null>(null);
  useEffect(() => {
    if (!route || loaded.has(route)) return;
    route.load().then(module => {
      loaded.set(route, module.default);
      setCount(count => count + 1);
    }, (failure: unknown) => setError({ route, error: failure }));
  }, [route]);
  if (!found || !route) {
    return <div class="page"><h1 tabIndex={-1}>There is no such screen</h1><p><a href={href('/')}>Go to the overview</a></p></div>;
  }
  const ViewOf = loaded.get(route);
  if (ViewOf) return <ViewOf {...found.values} key={path.value} />;
  return error?.route === route ? <Failure error={error.error} retry={() => location.reload()} /> : <Loading lines={8} />;
}
