/** Lines of a settlement file as people read them; docs/clearing.md has every field. */

export const LETTERS = ["H", "F", "C", "A", "O", "P", "K", "T", "S"] as const;
export type Letter = (typeof LETTERS)[number];

export interface FileLine {
  /** Its line in the file, from 1. */
  at: number;
  text: string;
  /** None for a text that is no line of such a file. */
  letter: Letter | undefined;
  /** The number in the books of a fare or a charge: its way can be traced by it. */
  n?: string;
  amount?: number;
  /** Ids of stops, of a fare. */
  way?: [string, string];
  /** A channel, or whose total it is. */
  party?: string;
  /** How many lines a total is of. */
  lines?: number;
}

const WHOLE = /^-?\d+$/;

/** What a line says; one that is malformed has nothing but its text. */
export function readLine(at: number, text: string): FileLine {
  const fields = text.split(",");
  const letter = LETTERS.find((each) => each === fields[0]);
  const said = letter === "A" ? moved(fields.slice(3)) : letter && read(letter, fields);
  return said ? { at, text, letter, ...said } : { at, text, letter: undefined };
}

type Said = Omit<FileLine, "at" | "text" | "letter">;

function read(letter: Letter, fields: string[]): Said | undefined {
  if (letter === "F" || letter === "C") return moved(fields);
  if (letter === "H") return fields.length === 10 ? {} : undefined;
  if (letter === "T") return fields.length === 7 ? {} : undefined;
  if (letter === "S") return fields.length === 3 ? {} : undefined;
  const [, party, lines, amount] = fields;
  if (fields.length !== 4 || !WHOLE.test(lines!) || !WHOLE.test(amount!)) return undefined;
  return { party: party!, lines: Number(lines), amount: Number(amount) };
}

/** A fare or a charge, as it stands by itself and within a line A. */
function moved(fields: string[]): Said | undefined {
  const [letter, n] = fields;
  const amount = fields.at(-1)!;
  if (!n || !/^\d+$/.test(n) || !WHOLE.test(amount)) return undefined;
  const told = { n, amount: Number(amount) };
  if (letter === "F" && fields.length === 14) return { ...told, way: [fields[8]!, fields[10]!] };
  if (letter === "C" && fields.length === 7) return { ...told, party: fields[4]! };
  return undefined;
}

/** Lines of a page. */
export const PAGE = 16;

/** The first line of the page that a line is on. */
export const pageOf = (line: number): number => line - ((line - 1) % PAGE);
