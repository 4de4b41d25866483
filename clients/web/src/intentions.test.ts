import { expect, test, vi } from "vitest";
import { Intention } from "@/intentions";
import { ApiError } from "@/problems";

interface Call {
  requestId: string;
  input: unknown;
  resolve: (output: string) => void;
  reject: (thrown: unknown) => void;
}

function meant() {
  const calls: Call[] = [];
  const onDone = vi.fn();
  const perform = (input: unknown, requestId: string) => new Promise<string>((resolve, reject) => calls.push({ requestId, input, resolve, reject }));
  const intention = new Intention<unknown, string>(() => ({ perform, onDone }));
  return { intention, calls, onDone };
}

const lost = ApiError.local("TIMEOUT");
const refusal = new ApiError({ status: 400, reason: "INSUFFICIENT_FUNDS" });

test("it is sent once however often it is confirmed", async () => {
  const { intention, calls, onDone } = meant();
  intention.ask({ amount: 5n });
  const first = intention.confirm();
  await intention.confirm();
  intention.ask({ amount: 6n });
  expect(calls).toHaveLength(1);
  expect(intention.busy).toBe(true);
  calls[0]!.resolve("done");
  await first;
  await intention.confirm();
  expect(calls).toHaveLength(1);
  expect(onDone).toHaveBeenCalledExactlyOnceWith("done", { amount: 5n });
  expect(intention.phase.value).toMatchObject({ name: "done", output: "done" });
});

test("what is under way cannot be left", () => {
  const { intention } = meant();
  intention.ask(1);
  void intention.confirm();
  intention.close();
  expect(intention.phase.value.name).toBe("busy");
});

test("another try keeps the id, whatever went wrong", async () => {
  const { intention, calls } = meant();
  intention.ask(1);
  for (const thrown of [lost, refusal, lost]) {
    const attempt = intention.confirm();
    calls.at(-1)!.reject(thrown);
    await attempt;
    expect(intention.phase.value).toMatchObject({ name: "failed", error: thrown });
  }
  expect(new Set(calls.map(({ requestId }) => requestId)).size).toBe(1);
  expect(calls).toHaveLength(3);
});

test("each intention has an id of its own", async () => {
  const { intention, calls } = meant();
  for (const input of [1, 1]) {
    const done = intention.perform(input);
    calls.at(-1)!.resolve("done");
    await done;
    intention.close();
  }
  expect(new Set(calls.map(({ requestId }) => requestId)).size).toBe(2);
});

test("the same again, after nobody knew whether it happened, keeps the id", async () => {
  const { intention, calls } = meant();
  const fail = async (input: unknown, thrown: ApiError): Promise<string> => {
    const attempt = intention.perform(input);
    calls.at(-1)!.reject(thrown);
    await attempt;
    intention.close();
    return calls.at(-1)!.requestId;
  };
  const first = await fail({ to: "a", amount: 5n }, lost);
  expect(await fail({ to: "a", amount: 5n }, lost)).toBe(first);
  expect(await fail({ to: "b", amount: 5n }, lost)).not.toBe(first);
  const refused = await fail({ to: "c" }, refusal);
  expect(await fail({ to: "c" }, lost)).not.toBe(refused);
});

test("something else is not asked while an outcome is unknown", async () => {
  const { intention, calls } = meant();
  const attempt = intention.perform(1);
  calls[0]!.reject(lost);
  await attempt;
  intention.ask(2);
  expect(intention.phase.value).toMatchObject({ name: "failed", input: 1 });
});

test("a defect of the page is not shown as a refusal", async () => {
  const { intention, calls } = meant();
  const attempt = intention.perform(1);
  calls[0]!.reject(new TypeError("defect"));
  await expect(attempt).rejects.toThrow("defect");
});
