const oldest = 20;

export const node = {
  name: 'Node',
  needed: `${oldest} or newer`,
  inspect: () => ({ ok: Number.parseInt(process.versions.node, 10) >= oldest, found: process.versions.node }),
  mend: () => `npm install --global n && n ${oldest}`,
};
