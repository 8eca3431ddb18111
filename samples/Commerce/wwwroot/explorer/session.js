// The sign-in of the demonstration: a role is chosen at the top, without a password. The server enforces its rights.

import { ask, get, post, remove } from './api.js';
import { announce, at, h } from './dom.js';

/** Shows the role, and changes it. */
export async function startSession() {
  const choice = at('role');
  const control = choice.closest('label');
  const show = session => {
    control.hidden = session.choices.length === 0; // The sign-in is switched off.
    const several = session.roles.length > 1 ? [session.roles.join(', ')] : [];
    choice.replaceChildren(...['', ...session.choices, ...several].map(role => h('option', { value: role }, role || 'visitor')));
    choice.value = session.roles.join(', ');
  };
  choice.addEventListener('change', async () => {
    try {
      if (choice.value) await post('/api/session', { roles: choice.value.split(', ') });
      else await remove('/api/session');
      location.reload();
    } catch (error) {
      announce(error.message);
      choice.title = error.message;
      show(await ask('/api/session'));
    }
  });
  show(await get('/api/session').catch(() => ({ roles: [], choices: [] })));
}
