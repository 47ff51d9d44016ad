import { SyntaxKind } from 'typescript/unstable/ast';
import { TypeFlags } from 'typescript/unstable/sync';

const OWNED = new Set([SyntaxKind.SpreadAssignment, SyntaxKind.PropertyAssignment, SyntaxKind.ShorthandPropertyAssignment]);
const LITERALS = new Set([
  SyntaxKind.StringLiteral,
  SyntaxKind.NumericLiteral,
  SyntaxKind.ArrowFunction,
  SyntaxKind.ObjectLiteralExpression,
]);
const ANYTHING = TypeFlags.Any | TypeFlags.Unknown | TypeFlags.NonPrimitive;

/** Finds who reads which members. Gives a function that says whether "src" or "test" reads one. */
export function findReads({ checker, files, members }) {
  const byNode = new Map(members.map((member) => [member.node, member]));
  const declared = (symbol) => (symbol?.declarations ?? []).map((handle) => byNode.get(handle.resolve())).filter(Boolean);
  for (const file of files) {
    const { reader, nodes } = file;
    const read = (symbol) => declared(symbol).forEach((member) => member.readers.add(reader));
    const whole = readWhole(checker, read);
    readNames(checker, nodes, read);
    for (const node of reader === 'src' ? nodes : []) {
      readByKey(checker, node, read, whole);
      readByCallee(checker, node, read, whole, declared);
      readByOwner(checker, node, read, declared);
    }
  }
  return reading(checker, members, byNode);
}

/** x.name, x['name'], { name } = x */
function readNames(checker, nodes, read) {
  const names = nodes.flatMap((node) => {
    if (node.kind === SyntaxKind.PropertyAccessExpression) return [node.name];
    return node.kind === SyntaxKind.ElementAccessExpression && isText(node.argumentExpression) ? [node.argumentExpression] : [];
  });
  if (names.length > 0) checker.getSymbolAtLocation(names).forEach(read);
  const bound = nodes.filter((node) => node.kind === SyntaxKind.BindingElement && node.parent.kind === SyntaxKind.ObjectBindingPattern);
  if (bound.length === 0) return;
  const types = checker.getTypeAtLocation(bound.map((node) => node.parent));
  bound.forEach((node, i) => read(propertyOf(checker, types[i], (node.propertyName ?? node.name).text)));
}

/** x[key]: every member. 'name' in x: that one. */
function readByKey(checker, node, read, whole) {
  if (node.kind === SyntaxKind.ElementAccessExpression && !isText(node.argumentExpression)) {
    whole(checker.getTypeAtLocation(node.expression), false);
  } else if (node.kind === SyntaxKind.BinaryExpression && node.operatorToken.kind === SyntaxKind.InKeyword && isText(node.left)) {
    for (const type of partsOf(checker.getTypeAtLocation(node.right))) read(propertyOf(checker, type, node.left.text));
  }
}

/** An argument where anything is taken (JSON, a message, a log) is read to its depth; where a type is taken that is not ours, what that names. */
function readByCallee(checker, node, read, whole, declared) {
  if (node.kind !== SyntaxKind.CallExpression && node.kind !== SyntaxKind.NewExpression) return;
  const given = [...(node.arguments ?? [])].map((argument, i) => ({ argument, i }));
  const signature = given.length > 0 ? checker.getResolvedSignature(node) : undefined;
  for (const { argument, i } of given) {
    const taken = signature && argument.kind !== SyntaxKind.SpreadElement ? checker.getParameterType(signature, i) : undefined;
    if (!taken || isPlain(taken)) continue;
    const type = checker.getTypeAtLocation(argument);
    if (takesAnything(checker, taken)) whole(type, true);
    else flow(checker, type, taken, read, declared);
  }
}

/** { ...x }, { name: x } and { name } where a type is expected. */
function readByOwner(checker, node, read, declared) {
  const given = node.kind === SyntaxKind.ShorthandPropertyAssignment ? node.name : (node.initializer ?? node.expression);
  if (!OWNED.has(node.kind) || LITERALS.has(given.kind)) return;
  const owner = checker.getContextualType(node.parent);
  const property = owner && node.kind !== SyntaxKind.SpreadAssignment ? propertyOf(checker, owner, node.name.text) : undefined;
  const taken = property ? checker.getTypeOfSymbol(property) : owner;
  if (taken) flow(checker, checker.getTypeAtLocation(given), taken, read, declared);
}

/** What has `type` is taken for `taken`: who reads a member there reads the one of that name here, and packages read what they name. */
function flow(checker, type, taken, read, declared) {
  for (const symbol of propertiesOf(checker, type)) {
    const given = declared(symbol);
    const target = given.length > 0 ? propertyOf(checker, taken, symbol.name) : undefined;
    if (isForeign(target)) read(symbol);
    for (const member of given) for (const other of declared(target)) member.flows.add(other);
  }
}

function readWhole(checker, read) {
  const deeply = new Set();
  return function whole(type, isDeep) {
    if (!type || isPlain(type) || (isDeep && deeply.has(type.id))) return;
    if (isDeep) deeply.add(type.id);
    for (const part of partsOf(type)) if (part !== type) whole(part, isDeep);
    if (isDeep) for (const element of elementsOf(checker, type)) whole(element, true);
    for (const symbol of propertiesOf(checker, type)) {
      read(symbol);
      if (isDeep && !isForeign(symbol)) whole(checker.getTypeOfSymbol(symbol), true);
    }
  };
}

/** Also through what a class or interface extends, through types that its own can be taken for, and through what it is spread into. */
function reading(checker, members, byNode) {
  const named = new Map();
  for (const member of members) named.set(member.name, [...(named.get(member.name) ?? []), member]);
  const typeOf = (member) => checker.getTypeAtLocation(member.node.parent);
  const inherits = (member, reader, seen) =>
    [...(member.node.parent.heritageClauses ?? [])]
      .flatMap(({ types }) => [...types])
      .map((base) => propertyOf(checker, checker.getTypeAtLocation(base), member.name))
      .some((symbol) => symbol?.declarations.some((handle) => isRead(byNode.get(handle.resolve()), reader, seen)));
  const isTakenFor = (member, reader) =>
    named.get(member.name).some((other) => other.readers.has(reader) && checker.isTypeAssignableTo(typeOf(member), typeOf(other)));
  function isRead(member, reader, before = new Set()) {
    if (member === undefined || member.readers.has(reader)) return true;
    if (before.has(member)) return false;
    const seen = new Set([...before, member]);
    return [...member.flows].some((target) => isRead(target, reader, seen)) || inherits(member, reader, seen) || isTakenFor(member, reader);
  }
  return isRead;
}

const isText = ({ kind }) => kind === SyntaxKind.StringLiteral || kind === SyntaxKind.NoSubstitutionTemplateLiteral;
const isPlain = ({ flags }) => (flags & (TypeFlags.Object | TypeFlags.UnionOrIntersection | TypeFlags.TypeParameter | ANYTHING)) === 0;
const partsOf = (type) => (type?.isUnionType() ? type.getTypes() : [type]);
const isForeign = (symbol) => symbol !== undefined && symbol.declarations.every(({ path }) => path.includes('/node_modules/'));
const propertiesOf = (checker, type) =>
  partsOf(type).flatMap((part) => (part && !isPlain(part) ? [...checker.getPropertiesOfType(part)] : []));
/** Of a union too, where only some of it have it, undefined being among the others. */
const propertyOf = (checker, type, name) =>
  partsOf(type)
    .map((part) => (part && !isPlain(part) ? checker.getPropertyOfType(part, name) : undefined))
    .find((symbol) => symbol !== undefined);
const elementsOf = (checker, type) => [
  ...(type.isTypeReference() ? checker.getTypeArguments(type) : []),
  ...checker.getIndexInfosOfType(type).map(({ valueType }) => valueType),
];

/** unknown, object, or a record of unknowns. */
const takesAnything = (checker, type) =>
  (type.flags & ANYTHING) !== 0 || checker.getIndexInfosOfType(type).some(({ valueType }) => (valueType?.flags & ANYTHING) !== 0);
