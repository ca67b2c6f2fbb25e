// What the parts found, as docs/performance.md and the pictures beside it.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import * as vega from "vega";
import * as vegaLite from "vega-lite";

import { CONTENDERS, OWN } from "./contenders/index.mjs";

/** A part's place in the page: a run of some parts leaves the others' sections as they are. */
const begin = (part) => `<!-- ${part}: written by cargo xtask bench ${part} -->`;
const end = (part) => `<!-- end of ${part} -->`;

/** Writes one part's section and pictures into `docs`. */
export async function write(docs, part, section) {
  const page = join(docs, "performance.md");
  const text = await readFile(page, "utf8");
  const [from, to] = [text.indexOf(begin(part)), text.indexOf(end(part))];
  if (from < 0 || to < from) throw new Error(`docs/performance.md has no place for ${part}: put back "${begin(part)}" and "${end(part)}"`);
  await mkdir(join(docs, "performance"), { recursive: true });
  for (const { name, spec } of section.charts ?? []) {
    const view = new vega.View(vega.parse(vegaLite.compile(spec).spec), { renderer: "none" });
    await writeFile(join(docs, "performance", `${name}.svg`), `${await view.toSVG()}\n`);
  }
  await writeFile(page, `${text.slice(0, from)}${begin(part)}\n\n${markdown(section)}\n${text.slice(to)}`);
}

export function markdown({ title, measured, text, goals = [], tables = [], charts = [] }) {
  const parts = [`## ${title}`, `${text}\n\nMeasured ${measured}.`];
  if (goals.length) {
    const rows = goals.map(verdict).map(([what, measured, goal, met]) => [what, measured, goal, met === "met" ? met : `**${met}**`]);
    parts.push(table({ columns: ["", "measured", "goal", ""], rows }));
  }
  for (const { name, alt } of charts) parts.push(`![${alt}](performance/${name}.svg)`);
  for (const one of tables) parts.push(table(one));
  return `${parts.join("\n\n")}\n`;
}

/** A goal in words: of what, measured, the goal, and whether it is met. */
export const verdict = ({ what, most = Infinity, least, value, unit = "" }) => [
  what,
  `${+value.toPrecision(3)}${unit}`,
  least === undefined ? `at most ${most}${unit}` : `at least ${least}${unit}`,
  value <= most && value >= (least ?? -Infinity) ? "met" : "missed",
];

/** The first column holds names, the others numbers. */
function table({ caption, columns, rows }) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const lines = [line(columns), line(columns.map((_, i) => (i === 0 ? "---" : "--:"))), ...rows.map(line)];
  return (caption ? `**${caption}**\n\n` : "") + lines.join("\n");
}

/** This package stands out; the others are alike. */
const colour = (own) => ({ condition: { test: { field: "name", oneOf: own }, value: "#d9480f" }, value: "#8ea3b8" });
const GOAL = { color: "#222", thickness: 2 };
const CONFIG = { font: "system-ui, sans-serif", background: "white", view: { stroke: null }, legend: { labelLimit: 400 }, axis: { grid: false, labelLimit: 200, domainColor: "#bbb", tickColor: "#bbb" } };

/**
 * Bars beside names, in a panel for each group; a tick where a row has a goal.
 * @param {{ rows: { group: string, name: string, value: number, goal?: number }[], axis: string, own?: string[] }} what
 */
export function bars({ rows, axis, format = ".2f", own = [CONTENDERS[OWN]] }) {
  const names = [...new Set(rows.map(({ name }) => name))];
  const y = { field: "name", type: "nominal", sort: names, title: null };
  const x = { field: "value", type: "quantitative", title: axis, axis: { titleFontWeight: "normal" } };
  return {
    config: CONFIG,
    data: { values: rows },
    facet: { field: "group", type: "nominal", sort: [...new Set(rows.map(({ group }) => group))], title: null, header: { labelFontWeight: "bold" } },
    columns: 2,
    spec: {
      width: 260,
      layer: [
        { mark: { type: "bar", height: { band: 0.7 } }, encoding: { y, x, color: colour(own) } },
        ...(rows.some(({ goal }) => goal !== undefined) ? [{ mark: { type: "tick", ...GOAL }, encoding: { y, x: { ...x, field: "goal" } } }] : []),
        { mark: { type: "text", align: "left", dx: 4 }, encoding: { y, x, text: { field: "value", type: "quantitative", format } } },
      ],
    },
    resolve: { scale: { x: "independent" } },
  };
}

/**
 * A line for each name, and one across for a goal.
 * @param {{ rows: { name: string, x: number, y: number }[], x: string, y: string, goal?: number }} what
 */
export function lines({ rows, x, y, logarithmic = false, goal }) {
  const names = [...new Set(rows.map(({ name }) => name))];
  return {
    config: CONFIG,
    width: 560,
    height: 260,
    data: { values: rows },
    layer: [
      {
        mark: { type: "line", point: rows.length < 100 },
        encoding: {
          x: { field: "x", type: "quantitative", title: x, axis: { titleFontWeight: "normal" }, ...(logarithmic && { scale: { type: "log" } }) },
          y: { field: "y", type: "quantitative", title: y, axis: { titleFontWeight: "normal" } },
          color: { field: "name", type: "nominal", sort: names, title: null },
        },
      },
      ...(goal === undefined ? [] : [{ mark: { type: "rule", ...GOAL, strokeDash: [4, 4] }, encoding: { y: { datum: goal } } }]),
    ],
  };
}
