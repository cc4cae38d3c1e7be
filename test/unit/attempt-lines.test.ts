import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeBlock, encodeLines, parseRecord } from "../../shared/attempt/log-format.ts";
import { Lines } from "../../shared/attempt/lines.ts";
import { Mask } from "../../shared/attempt/mask.ts";
import { LOG_LINE_MAX_BYTES } from "../../shared/domain/log.ts";

interface Line {
  readonly text: string;
  readonly partial: boolean;
}

function linesOf(chunks: readonly Uint8Array[], secrets: readonly string[] = []): Line[] {
  const lines = new Lines(new Mask(secrets));
  const blocks = [...chunks.flatMap((chunk) => lines.push(chunk)), ...lines.end()];
  return blocks.flatMap(({ text, partial }) => text.split("\n").map((line) => ({ text: line, partial })));
}

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const borders = [0, ...places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return borders.slice(1).map((end, index) => bytes.subarray(borders[index], end));
}

const whole = (lines: readonly Line[]): string => lines.map(({ text, partial }) => (partial ? text : `${text}\n`)).join("");
const places = fc.array(fc.nat());
const bytesOf = (text: string): Uint8Array => Buffer.from(text);

const someBytes = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 8 }),
      fc.constantFrom("\n", "\r\n", "\r", "é", "😀", "secret", "sec", "ret", "\0", "\uFEFF").map(bytesOf),
    ),
  )
  .map((parts) => Uint8Array.from(Buffer.concat(parts)));

/** Lines around the longest that a record may have, of characters of one to four bytes. */
const longText = fc
  .array(
    fc.tuple(fc.constantFrom("x", "é", "€", "😀", "secret", "\r"), fc.integer({ min: LOG_LINE_MAX_BYTES / 8, max: LOG_LINE_MAX_BYTES }), fc.constantFrom("", "\n", "\r\n")), // prettier-ignore
    { maxLength: 5 },
  )
  .map((parts) => parts.map(([text, times, end]) => text.repeat(Math.ceil(times / 2)) + end).join(""));

describe("lines", () => {
  test("are the same however the bytes are cut", () => {
    fc.assert(
      fc.property(someBytes, places, (bytes, at) => {
        expect(linesOf(cut(bytes, at), ["secret"])).toEqual(linesOf([bytes], ["secret"]));
      }),
    );
  });

  test("lose nothing but the ends of lines and what is no UTF-8", () => {
    fc.assert(
      fc.property(someBytes, places, (bytes, at) => {
        const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
        const expected = text.replaceAll(/\r(?=\n|$)/g, "");
        expect(whole(linesOf(cut(bytes, at)))).toBe(expected === "" || expected.endsWith("\n") ? expected : `${expected}\n`);
      }),
    );
  });

  test("too long for a record are cut at a character, the same however the bytes are cut", () => {
    fc.assert(
      fc.property(longText, places, (text, at) => {
        const lines = linesOf(cut(bytesOf(text), at), ["secret"]);
        // As booleans: nobody wants to read the difference of two megabytes.
        expect(JSON.stringify(lines) === JSON.stringify(linesOf([bytesOf(text)], ["secret"]))).toBe(true);
        expect(lines.every((line) => Buffer.byteLength(line.text) <= LOG_LINE_MAX_BYTES)).toBe(true);
        expect(/\uFFFD|secret/.test(whole(lines))).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  test("a line of just the longest length is whole", () => {
    const longest = "x".repeat(LOG_LINE_MAX_BYTES);
    expect(linesOf([bytesOf(`${longest}\r`), bytesOf("\n")])).toEqual([{ text: longest, partial: false }]);
    expect(linesOf([bytesOf(`${longest}y\n`)])).toEqual([{ text: longest, partial: true }, { text: "y", partial: false }]); // prettier-ignore
  });

  test("a line is there as soon as it ends, also if a secret is longer", () => {
    expect(new Lines(new Mask(["a very long secret"])).push(bytesOf("a very\n"))).toEqual([{ text: "a very", partial: false }]);
  });
});

describe("masking", () => {
  const secret = fc.string({ minLength: 1, maxLength: 6, unit: fc.constantFrom("a", "b", "c") });
  const text = fc.string({ maxLength: 40, unit: fc.constantFrom("a", "b", "c", "d") });

  test("leaves no secret, whichever overlap", () => {
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 4 }), text, (secrets, said) => {
        const masked = new Mask(secrets).text(said);
        for (const one of secrets) expect(masked).not.toContain(one);
      }),
    );
  });

  test("is the same however the text is cut", () => {
    fc.assert(
      fc.property(fc.array(secret, { maxLength: 4 }), fc.array(text), (secrets, parts) => {
        const mask = new Mask(secrets);
        const stream = mask.stream();
        expect(parts.map((part) => stream.push(part)).join("") + stream.push("", true)).toBe(mask.text(parts.join("")));
      }),
    );
  });

  test("leaves text without secrets as it is", () => {
    fc.assert(
      fc.property(fc.string(), (said) => {
        expect(new Mask(["", "\u{10FFFF}secret"]).text(said)).toBe(said);
      }),
    );
  });

  test("covers the lines of a secret, its form in JSON, and JSON's keys and values", () => {
    const mask = new Mask(["first line\nsecond line\n}", 'say "hi"']);
    expect(mask.text("second line }")).toBe("*** }");
    expect(mask.text(JSON.stringify({ said: 'say "hi"' }))).toBe('{"said":"***"}');
    expect(mask.json({ 'say "hi"': ["x first line x", 1, null, { deep: 'say "hi"' }] })).toEqual({
      "***": ["x *** x", 1, null, { deep: "***" }],
    });
  });
});

describe("a record of the log", () => {
  test("reads as it was written", () => {
    const line = fc.string({ unit: "binary" }).filter((said) => !said.includes("\n"));
    fc.assert(
      fc.property(line, fc.boolean(), fc.constantFrom("stdout" as const, "stderr" as const), fc.nat(), (said, partial, stream, at) => {
        const record = encodeBlock(at, stream, { text: said, partial });
        expect(record.endsWith("\n")).toBe(true);
        expect(parseRecord(record.slice(0, -1))).toEqual(partial ? { at, stream, text: said, partial } : { at, stream, text: said });
      }),
    );
  });

  test("text of several lines becomes several records", () => {
    expect(encodeLines(36, "stderr", "a\r\n\nb\n")).toBe("10 e a\n10 e \n10 e b\n");
  });

  test("what is no record is shown as it is", () => {
    expect(parseRecord("garbage")).toEqual({ at: 0, stream: "stdout", text: "garbage" });
  });
});
