import { relative } from 'node:path';
import { SyntaxKind } from 'typescript/unstable/ast';
import { EXCEPTIONS } from './members/exceptions.mjs';
import { openProgram } from './members/program.mjs';
import { findReads } from './members/reads.mjs';

/**
 * Throws an error that names every member of an interface, a class or an object in src/ that no statement of src/ reads, unless
 * `exceptions` says who does; and every exception that is not needed. Knip sees dead exports; this sees what lies within them.
 */
export function checkMembers({ root }, exceptions = EXCEPTIONS) {
  const unread = findUnread(root);
  const isExcepted = ({ file, owner }, [place]) => place === file || place === `${file} ${owner}`;
  const wrong = [
    ...unread.filter((member) => !Object.entries(exceptions).some((exception) => isExcepted(member, exception))).map(sentence),
    ...Object.entries(exceptions)
      .filter((exception) => !unread.some((member) => isExcepted(member, exception)))
      .map(([place]) => `scripts/check/members/exceptions.mjs: "${place}" excepts nothing that is unread: expected no such line`),
  ];
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
}

const sentence = ({ file, line, owner, name, byTests }) =>
  `${file}:${line}: ${owner}: ${name} is read by ${byTests ? 'tests only' : 'nobody'}`;

function findUnread(root) {
  const program = openProgram(root);
  try {
    const isRead = findReads(program);
    return program.members
      .filter((member) => !isRead(member, 'src'))
      .map((member) => ({
        name: member.name,
        owner: ownerName(member.node.parent),
        file: relative(root, member.file.name),
        line: member.file.lineOf(member.node),
        byTests: isRead(member, 'test'),
      }));
  } finally {
    program.close();
  }
}

/** The declaration of the file, an interface, a class or a function, that a member is written in. */
function ownerName(node) {
  if (node.parent.kind !== SyntaxKind.SourceFile) return ownerName(node.parent);
  return (node.name ?? node.declarationList?.declarations[0]?.name)?.text ?? null;
}
