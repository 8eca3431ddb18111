// All screens, in the order of the navigation. A new screen is one folder and one line here.

import type { Screen } from '../shell/screen';
import { screen as consumers } from './consumers';
import { screen as deadLetters } from './dead-letters';
import { screen as events } from './events';
import { screen as overview } from './overview';
import { screen as streams } from './streams';

export const screens: readonly Screen[] = [overview, events, streams, consumers, deadLetters];
