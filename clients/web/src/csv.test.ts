import { expect, test } from "vitest";
import { csvOf } from "@/csv";

test("cells are quoted where they have to be, and formulas are text", () => {
  const rows = [["a,b", 'say "hi"', "two\nlines"], ["=1+1", "-5.00", "+5"], ["@x", "-cmd", undefined], [5n, 1, ""]] as const;
  expect(csvOf(["x", "y", "z"], rows)).toBe(
    'x,y,z\r\n"a,b","say ""hi""","two\nlines"\r\n\'=1+1,-5.00,+5\r\n\'@x,\'-cmd,\r\n5,1,\r\n',
  );
});
