import { render, type JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { start as startLive } from './api/live';
import { ActionDialog } from './components/dialog';
import { Notices } from './components/notice';
import { Failure, Loading } from './components/states';
import { startClock } from './components/time';
import { navigate, startRouter } from './router';
import { screens } from './screens';
import { Help, isHelpOpen } from './shell/help';
import { startKeys, type Key } from './shell/keys';
import { Layout } from './shell/layout';
import { Outlet } from './shell/outlet';
import { commands, isPaletteOpen, Palette } from './shell/palette';
import { loadOperator, operator, operatorError } from './shell/session';
import { nextTheme, startTheme } from './shell/theme';
import './styles/index.css';

const openPalette = (): void => {
  isPaletteOpen.value = true;
};

const openHelp = (): void => {
  isHelpOpen.value = true;
};

const keys: Key[] = [
  { keys: '/', text: 'Search', run: openPalette },
  { keys: 'Ctrl K', text: 'Search and commands', run: openPalette },
  { keys: '?', text: 'Show the keys', run: openHelp },
  { keys: 't', text: 'Change the theme', run: nextTheme },
  ...screens.map(screen => ({ keys: `g ${screen.key}`, text: screen.title, run: () => navigate(screen.path) })),
];

/** The screen. It needs the permissions of the caller, so that it requests only what it may see. */
function Content(): JSX.Element {
  if (operator.value !== null) return <Outlet />;
  return operatorError.value === null ? <Loading lines={8} /> : <Failure error={operatorError.value} retry={() => void loadOperator()} />;
}

function Console(): JSX.Element {
  useEffect(() => {
    void loadOperator();
  }, []);
  return (
    <>
      <Layout><Content /></Layout>
      <Palette />
      <Help />
      <ActionDialog />
      <Notices />
    </>
  );
}

commands.value = [
  { text: 'Change the theme', keys: 't', run: nextTheme },
  { text: 'Show the keys', keys: '?', run: openHelp },
  { text: 'Copy the address of this screen', run: () => void navigator.clipboard?.writeText(location.href) },
];
startTheme();
startRouter();
startClock();
startKeys(keys);
startLive();
const root = document.getElementById('app');
if (root) {
  root.replaceChildren();
  render(<Console />, root);
}
