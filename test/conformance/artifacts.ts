import { createHash } from "node:crypto";
import { expect } from "vitest";
import { own } from "./api.ts";
import type { Platform } from "./platform.ts";

export interface ArtifactShown {
  readonly path: string;
  readonly size: number;
  readonly contentType: string;
  readonly attempt: number;
  readonly url: string;
}

const needs = ["function"] as const;

export function artifacts({ promise }: Platform): void {
  promise("files that a job leaves are listed by path and read by their address, whatever they are called", { needs }, async (api) => {
    const files = {
      "report.html": "<h1>hi</h1>", "a/b c.txt": "hi\n", "größe/数据 #1 100%.csv": "é,数\n", "empty": "", "x+y=z&.json": "{}",
    }; // prettier-ignore
    const { id, state } = await api.finish({ function: "writer", params: { files } });
    expect(state).toBe("completed");
    const listed = await api.all<ArtifactShown>(`/v1/jobs/${id}/artifacts`);
    expect(listed.map(({ path, size }) => [path, size])).toEqual(
      Object.entries(files).map(([path, text]) => [path, Buffer.byteLength(text)]).toSorted(([a], [b]) => (a! < b! ? -1 : 1)),
    ); // prettier-ignore
    for (const { path, url } of listed) expect(await (await api.request("GET", url)).text(), path).toBe(files[path as keyof typeof files]);
    expect(listed.find(({ path }) => path === "report.html")).toMatchObject({ attempt: 1, contentType: "text/html; charset=utf-8" });
  });

  promise("files are listed page by page", { needs }, async (api) => {
    const names = Array.from({ length: 7 }, (_, index) => `${index}.txt`);
    const files = Object.fromEntries(names.map((name) => [name, name]));
    const { id } = await api.finish({ function: "writer", params: { files } });
    expect((await api.all<ArtifactShown>(`/v1/jobs/${id}/artifacts`, 3)).map(({ path }) => path)).toEqual(names);
  });

  promise("a large file comes back byte by byte as it was written", { needs }, async (api) => {
    const bytes = 3_000_000;
    const { id, result } = await api.finish({ function: "writer", params: { bytes } });
    const response = await api.request("GET", `/v1/jobs/${id}/artifacts/large.bin`);
    const content = Buffer.from(await response.arrayBuffer());
    expect([response.status, content.length]).toEqual([200, bytes]);
    expect(createHash("sha256").update(content).digest("hex")).toBe((result as { sha256: string }).sha256);
  });

  promise("of the same path the latest attempt's file is there, and what a failed attempt left too", { needs }, async (api) => {
    const files = { "log.txt": "attempt {attempt}" };
    const retry = { maxAttempts: 2, delay: 0 };
    const failed = await api.finish({ function: "writer", params: { files, until: 9 }, retry });
    expect(failed.state).toBe("failed");
    const [file, ...more] = await api.all<ArtifactShown>(`/v1/jobs/${failed.id}/artifacts`);
    expect([file, more]).toMatchObject([{ path: "log.txt", attempt: 2 }, []]);
    expect(await (await api.request("GET", file!.url)).text()).toBe("attempt 2");
  });

  promise("files are read by their path and by no other", { needs }, async (api) => {
    const { id } = await api.finish({ function: "writer", params: { files: { "a/b.txt": "hi" } } });
    for (const path of ["a", "b.txt", "..%2f..%2ftoken", "%2e%2e/%2e%2e/token", "a%00", "a//b.txt", "A/b.txt"])
      expect(await api.refused("GET", `/v1/jobs/${id}/artifacts/${path}`), path).toMatchObject({ status: 404 });
  });

  promise("a page that a job left does not run with the server's rights", { needs }, async (api) => {
    const { id } = await api.finish({ function: "writer", params: { files: { "page.html": "<script>alert(1)</script>" } } });
    const { url, token } = api.reached;
    const response = await fetch(`${url}/v1/jobs/${id}/artifacts/page.html`, {
      redirect: "manual",
      headers: { authorization: `Bearer ${token}` },
    });
    const isElsewhere = response.status === 307 && !response.headers.get("location")!.startsWith(url);
    if (!isElsewhere) expect(response.headers.get("content-security-policy")).toMatch(/^sandbox/);
  });

  promise("a job that left nothing has no files, and one that there is not has no list", { needs }, async (api) => {
    const { id } = await api.finish({ function: "echo" });
    expect(await api.get(`/v1/jobs/${id}/artifacts`)).toEqual({ items: [] });
    expect(await api.refused("GET", `/v1/jobs/${id}/artifacts/a.txt`)).toMatchObject({ status: 404, code: "artifact.not_found" });
    expect(await api.refused("GET", `/v1/jobs/${own("nobody")}/artifacts`)).toMatchObject({ status: 404, code: "job.not_found" });
  });
}
