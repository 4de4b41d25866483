import { beforeAll, expect, test, vi } from "vitest";
import { errorText, loadLanguage } from "@/i18n";
import { ApiError } from "@/problems";

beforeAll(async () => {
  vi.stubGlobal("document", { documentElement: {} });
  await loadLanguage("en");
});

test("a refusal is told in words, with its facts", () => {
  expect(errorText(new ApiError({ reason: "INSUFFICIENT_FUNDS", metadata: { asset: "GOLD" } }))).toContain("GOLD");
  expect(errorText(ApiError.local("OFFLINE"))).toContain("connection");
});

test("a reason that this page does not know, and a fact that is missing, have a general sentence", () => {
  const general = errorText(new ApiError({ reason: "SOMETHING_OF_TOMORROW" }));
  expect(general).toBe("That did not work. Please try again.");
  expect(errorText(new ApiError({ reason: "INSUFFICIENT_FUNDS" }))).toBe(general);
});
