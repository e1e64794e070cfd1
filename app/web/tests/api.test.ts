import { describe, expect, it } from "vitest";
import type { JobOut } from "../src/api-types";
import { asProblem, createApi, Problem } from "../src/api";

function answering(body: string, status = 200): { calls: Request[]; fetcher: typeof fetch } {
  const calls: Request[] = [];
  const fetcher = (async (url: string, init: RequestInit) => {
    calls.push(new Request(`http://test${url}`, init));
    return new Response(body, { status });
  }) as unknown as typeof fetch;
  return { calls, fetcher };
}

const inIndonesian = (): string => "id";

describe("the client", () => {
  it("asks in the language of the moment", async () => {
    const { calls, fetcher } = answering("[]");
    let lang = "id";
    const api = createApi(() => lang, fetcher);
    await api.regencies();
    lang = "en";
    await api.plans("62.02");
    expect(calls.map((c) => c.headers.get("Accept-Language"))).toEqual(["id", "en"]);
    expect(calls[1]!.url).toBe("http://test/api/v1/plans?regency=62.02");
  });

  it("cannot be led to another path by what stands in the address", async () => {
    const { calls, fetcher } = answering("{}");
    await createApi(inIndonesian, fetcher).plan("../jobs/1?x");
    expect(calls[0]!.url).toBe("http://test/api/v1/plans/..%2Fjobs%2F1%3Fx");
  });

  it("hands on a problem document", async () => {
    const body = JSON.stringify({
      title: "Rencana tidak ditemukan",
      detail: "Nomor 9",
      status: 404,
    });
    const asked = createApi(inIndonesian, answering(body, 404).fetcher).plan("9");
    await expect(asked).rejects.toMatchObject({
      title: "Rencana tidak ditemukan",
      detail: "Nomor 9",
      status: 404,
    });
  });

  it("makes a problem of an error page that is no document", async () => {
    const asked = createApi(inIndonesian, answering("<html>", 502).fetcher).regencies();
    await expect(asked).rejects.toMatchObject({ title: "HTTP 502", detail: null, status: 502 });
  });

  it("makes a problem of an answer cut short and of no answer", async () => {
    const cut = createApi(inIndonesian, answering('[{"code"').fetcher).regencies();
    await expect(cut).rejects.toMatchObject({ title: "unreadable", status: 200 });
    const silent = (async () => {
      throw new TypeError("network");
    }) as unknown as typeof fetch;
    const none = createApi(inIndonesian, silent).regencies();
    await expect(none).rejects.toMatchObject({ title: "unreachable", status: 0 });
  });

  it("hears of a job, and is told once when there is no more to come", () => {
    const listeners = new Map<string, (event: unknown) => void>();
    const source = {
      readyState: 0,
      closed: 0,
      url: "",
      addEventListener: (type: string, tell: (event: unknown) => void) => listeners.set(type, tell),
      close: () => void (source.closed += 1),
    };
    const open = (url: string): EventSource => Object.assign(source, { url }) as never;
    const heard: JobOut[] = [];
    let lost = 0;
    const api = createApi(inIndonesian, fetch, open);
    const end = api.jobEvents(70, (job) => heard.push(job), () => void (lost += 1));
    expect(source.url).toBe("/api/v1/jobs/70/events?lang=id");
    listeners.get("job")!({ data: '{"job_id": 70, "version": 3}' });
    expect(heard).toEqual([{ job_id: 70, version: 3 }]);
    listeners.get("error")!({}); // the browser connects again by itself
    expect(lost).toBe(0);
    source.readyState = 2; // refused, or there is nothing more
    listeners.get("error")!({});
    end();
    expect([lost, source.closed]).toEqual([1, 1]);
  });

  it("does not pass a fault of its own off as a refusal", () => {
    expect(() => asProblem(new RangeError("bug"))).toThrow(RangeError);
    expect(asProblem(new Problem("t", null, 400)).status).toBe(400);
  });
});
