const oldest = 20;

export const node = {
  name: 'Node',
  needed: `${oldest} or newer`,
  inspect: () => ({ ok: Number.parseInt(process.versions.node, 10) >= oldest, found: process.versions.node }),
  mend: () => `npx --yes --package=node@${oldest} -- node --version   # or install it from nodejs.org`,
};
