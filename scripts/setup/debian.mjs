import { capture, which } from './command.mjs';

/** The parts of a requirement that Debian's packages fulfil: installed by set-up itself when it is root and apt-get is there. */
export function debianPackages(...packages) {
  const list = packages.join(' ');
  return {
    doing: `installing ${list} with apt-get`,
    place: () => 'apt-get',
    mend: (ctx) => {
      const sudo = ctx.isSuperuser ? '' : 'sudo ';
      return `${sudo}apt-get update && ${sudo}apt-get install -y ${list}`;
    },
    install: async (ctx) => {
      if (!ctx.isSuperuser) throw new Error('missing, and installing it needs root');
      if (!which('apt-get', ctx.env)) throw new Error('missing, and there is no apt-get on PATH to install it with');
      const env = { ...ctx.env, DEBIAN_FRONTEND: 'noninteractive' };
      await capture('apt-get', ['update'], { env });
      await capture('apt-get', ['install', '-y', '--no-install-recommends', ...packages], { env });
    },
  };
}
