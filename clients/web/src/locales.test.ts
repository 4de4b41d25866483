import { FluentResource } from "@fluent/bundle";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { LANGUAGES, type Language } from "@/i18n";
import { filesOf } from "../locales.ts";

const SOURCES = join(import.meta.dirname);

const filesIn = (language: Language): Map<string, string> => new Map(filesOf(language).map((file) => [basename(file), readFileSync(file, "utf8")]));

/** Ids of a file's messages, each with the names of what is put into it. */
function messages(texts: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { id, value } of new FluentResource(texts).body) {
    const names = new Set([...JSON.stringify(value).matchAll(/"type":"var","name":"(\w+)"/g)].map(([, name]) => name!));
    found.set(id, [...names].sort());
  }
  return found;
}

test("both languages have the same files with the same texts, with the same things put into them", () => {
  const [english, russian] = [filesIn("en"), filesIn("ru")];
  expect([...russian.keys()]).toEqual([...english.keys()]);
  for (const [name, texts] of english) {
    const theirs = messages(russian.get(name)!);
    for (const [id, names] of messages(texts)) expect.soft(theirs.get(id), `${name}: ${id}`).toEqual(names);
    expect.soft([...theirs.keys()].sort(), name).toEqual([...messages(texts).keys()].sort());
  }
});

test.each(LANGUAGES)("every text of %s is well-formed, and no id is used twice", (language) => {
  const seen = new Set<string>();
  for (const [name, texts] of filesIn(language)) {
    const read = new FluentResource(texts).body.map(({ id }) => id);
    // Fluent leaves out what it cannot read.
    const written = [...texts.matchAll(/^([a-z][\w-]*) *=/gim)].map(([, id]) => id!);
    expect(read, name).toEqual(written);
    for (const id of read) {
      expect(seen.has(id), `${id} is in two files`).toBe(false);
      seen.add(id);
    }
  }
});

test("every text that a page asks for by its name is there", () => {
  const known = new Set([...filesIn("en").values()].flatMap((texts) => [...messages(texts).keys()]));
  const asked = new Map<string, string>();
  for (const entry of readdirSync(SOURCES, { recursive: true, encoding: "utf8" })) {
    if (!/\.tsx?$/.test(entry) || entry.startsWith("contracts") || entry.includes(".test.")) continue;
    for (const [, id] of readFileSync(join(SOURCES, entry), "utf8").matchAll(/\bt\("([\w-]+)"/g)) asked.set(id!, entry);
  }
  expect(asked.size).toBeGreaterThan(20);
  const missing = [...asked].filter(([id]) => !known.has(id));
  expect(missing).toEqual([]);
});

test("Russian numbers have their forms", () => {
  const texts = [...filesIn("ru").values()].join("\n");
  for (const { id, value } of new FluentResource(texts).body) {
    const written = JSON.stringify(value);
    if (!/"value":"(one|few|many)"/.test(written)) continue;
    expect.soft(written, `${id} has no one`).toContain('"one"');
    // Where all but one is the same, as after "не хватает", it is `other`; `many` is but one of them.
    if (written.includes('"many"')) expect.soft(written, `${id} has no few`).toContain('"few"');
  }
});
