import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** A room as the table in docs/architecture.md has it: `rooms` and `packages` are what it may import, `processes` who loads it. */
export interface Room {
  readonly rooms: readonly string[];
  readonly packages: readonly string[];
  readonly processes: readonly string[];
}

const page = readFileSync(resolve(import.meta.dirname, '../docs/architecture.md'), 'utf8');
const section = (name: string): string => page.split(/^## /m).find((text) => text.startsWith(`${name}\n`)) ?? '';

/** What stands in a cell, in its order. What is no room is a path from the root of the checkout; from src/ it is one level up. */
const list = (cell: string): string[] =>
  cell
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

const ROW = /^\| `([\w-]+)` \|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|$/gm;

/** The rooms of the table. */
export const ROOMS: Readonly<Record<string, Room>> = Object.fromEntries(
  [...section('The rooms').matchAll(ROW)].map(([, room = '', , imports = '', packages = '', processes = '']) => [
    room,
    {
      rooms: list(imports).map((name) => (name.includes('/') ? `../${name}` : name)),
      packages: list(packages),
      processes: list(processes),
    },
  ]),
);

/** The picture above the table: each floor's rooms, the lowest first. */
export const FLOORS: readonly (readonly string[])[] = [...section('The rooms').matchAll(/^\d {2}(.+)$/gm)]
  .map(([, rooms = '']) => rooms.split(/ +/))
  .reverse();

/** The rooms that the picture of the processes names. */
export const PICTURED: readonly string[] = [...(section('The processes').split('```')[1] ?? '').matchAll(/\b([a-z]+)\/ /g)].map(
  ([, room = '']) => room,
);

/** Each room by the longest way down from it. */
export function floorsOf(rooms: Readonly<Record<string, Pick<Room, 'rooms'>>>): string[][] {
  const floorOf = (room: string): number => Math.max(-1, ...inside(room).map(floorOf)) + 1;
  const inside = (room: string): string[] => (rooms[room]?.rooms ?? []).filter((name) => !name.startsWith('../'));
  const floors: string[][] = [];
  for (const room of Object.keys(rooms).sort()) (floors[floorOf(room)] ??= []).push(room);
  return floors;
}
