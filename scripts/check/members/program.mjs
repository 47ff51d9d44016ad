import { join } from 'node:path';
import { SyntaxKind } from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/sync';

/*
 * TypeScript 7 has no compiler API as its predecessors had; what it offers instead is a client of its compiler that it calls
 * unstable. package-lock.json holds the version that this is written for, and test/scripts/members.test.ts what is asked of it.
 */

const DECLARING = new Set([
  SyntaxKind.PropertySignature,
  SyntaxKind.MethodSignature,
  SyntaxKind.PropertyDeclaration,
  SyntaxKind.MethodDeclaration,
  SyntaxKind.GetAccessor,
  SyntaxKind.PropertyAssignment,
  SyntaxKind.ShorthandPropertyAssignment,
]);

const FUNCTIONS = new Set([SyntaxKind.ArrowFunction, SyntaxKind.FunctionExpression]);

/** The project of `root`/test/tsconfig.json: its checker, the nodes of its files, and the members that src/ declares. Close it. */
export function openProgram(root) {
  const api = new API({ cwd: root });
  const config = join(root, 'test/tsconfig.json');
  const { program, checker } = api.updateSnapshot({ openProjects: [config] }).getProject(config);
  const source = join(root, 'src/');
  const files = program
    .getSourceFileNames()
    .filter((name) => name.startsWith(source) || name.startsWith(join(root, 'test/')))
    .map((name) => fileOf(program.getSourceFile(name), name, name.startsWith(source) ? 'src' : 'test'));
  const members = files.filter(({ reader }) => reader === 'src').flatMap((file) => membersOf(file, checker));
  return { checker, files, members, close: () => api.close() };
}

function fileOf(root, name, reader) {
  const nodes = [];
  const visit = (node) => {
    nodes.push(node);
    node.forEachChild(visit);
  };
  visit(root);
  const lineOf = (node) => root.text.slice(0, node.name.getStart(root)).split('\n').length;
  return { name, reader, nodes, lineOf };
}

/** `readers`: "src" and "test", whoever reads it. `flows`: members of other types that its value becomes. */
const membersOf = (file, checker) =>
  file.nodes
    .filter((node) => DECLARING.has(node.kind) && node.name?.kind === SyntaxKind.Identifier)
    .filter((node) => node.parent.kind !== SyntaxKind.ObjectLiteralExpression || isMethodOfItsOwn(node, checker))
    .filter((node) => !isPattern(node.parent))
    .map((node) => ({ node, name: node.name.text, file, readers: new Set(), flows: new Set() }));

/**
 * Of an object that a function returns without saying of what type it is, the methods; its data goes out of the program in too many
 * ways. Other objects are judged by the declaration of their type.
 */
function isMethodOfItsOwn(node, checker) {
  const isMethod = node.kind === SyntaxKind.MethodDeclaration || FUNCTIONS.has(node.initializer?.kind);
  return isMethod && isReturned(node.parent) && checker.getContextualType(node.parent) === undefined;
}

function isReturned({ parent }) {
  if (parent.kind === SyntaxKind.ParenthesizedExpression) return isReturned(parent);
  return parent.kind === SyntaxKind.ReturnStatement || parent.kind === SyntaxKind.ArrowFunction;
}

/** A type that others are compared with, as in Extract<T, { kind: string }>: nobody has such an object. */
const isPattern = (type) => type.kind === SyntaxKind.TypeLiteral && type.parent.kind === SyntaxKind.TypeReference;
