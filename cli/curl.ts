// A request as somebody would type it. The token is named, not shown: the line may be pasted anywhere.

export interface CurlRequest {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export function curlOf({ method, url, headers = {}, body = "" }: CurlRequest): string {
  const isStream = new URL(url).searchParams.has("follow");
  const parts = [
    // Without -L an answer that lies elsewhere (a large result, an artifact) would be an empty one.
    `curl -sS${isStream ? "N" : ""}L${method === "GET" ? "" : ` -X ${method}`} ${quoted(url)}`,
    '-H "authorization: Bearer $SWITCHYARD_TOKEN"',
    ...Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    // Not --data: it would read a file for a body that begins with @.
    ...(body === "" ? [] : [`--data-raw ${quoted(body)}`]),
  ];
  return parts.join(" \\\n  ");
}

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
