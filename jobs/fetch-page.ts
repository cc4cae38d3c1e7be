import { defineJob, NonRetryableError, RetryAfterError } from "switchyard";
import { z } from "zod";

export default defineJob({
  name: "fetch-page",
  description: "Fetches a page and says how large it is",
  params: z.object({ url: z.url() }),
  retry: { maxAttempts: 5, delay: "2s" },
  timeout: "30s",
  async run({ url }, ctx) {
    const response = await fetch(url, { signal: ctx.signal });
    if (response.status === 404) throw new NonRetryableError(`there is no page at ${url}`, { code: "not_found" });
    if (response.status === 429) throw new RetryAfterError("the site asks for a pause", response.headers.get("retry-after") ?? "1m");
    if (!response.ok) throw new Error(`the site answered ${response.status}`);
    const body = await response.text();
    ctx.log(`${url}: ${body.length} characters`);
    return { status: response.status, characters: body.length };
  },
});
