import { capture, which } from './command.mjs';
import { debianPackages } from './debian.mjs';

// What getting TensorFlow takes; once it is there none of these is needed.

export const python = {
  ...debianPackages('python3'),
  name: 'python3',
  needed: 'python3 on PATH, to get TensorFlow',
  inspect: (ctx) => inspectVersion(ctx, 'python3', ['--version']),
};

export const pip = {
  ...debianPackages('python3-pip'),
  name: 'pip',
  needed: 'python3 -m pip, to get TensorFlow',
  inspect: (ctx) => inspectVersion(ctx, 'python3', ['-m', 'pip', '--version']),
};

export const compiler = {
  ...debianPackages('g++'),
  name: 'g++',
  needed: "g++ on PATH, to compile the core engine and tfjs-node's binding",
  inspect: (ctx) => inspectVersion(ctx, 'g++', ['--version']),
};

async function inspectVersion(ctx, name, args) {
  if (!which(name, ctx.env)) return { ok: false, found: `no ${name} on PATH` };
  try {
    const [firstLine] = (await capture(name, args, { env: ctx.env })).split('\n');
    return { ok: true, found: firstLine };
  } catch (failure) {
    return { ok: false, found: failure.message };
  }
}
