// What a file is, by its name: artifacts are served as what they are.
import { extname } from "node:path";

const text = (type: string): string => `${type}; charset=utf-8`;
const contentTypes: Record<string, string> = {
  ".txt": text("text/plain"), ".log": text("text/plain"), ".md": text("text/markdown"), ".csv": text("text/csv"),
  ".tsv": text("text/tab-separated-values"), ".html": text("text/html"), ".css": text("text/css"), ".js": text("text/javascript"),
  ".xml": text("application/xml"), ".yaml": text("application/yaml"), ".yml": text("application/yaml"),
  ".json": "application/json", ".ndjson": "application/x-ndjson", ".jsonl": "application/x-ndjson", ".geojson": "application/geo+json",
  ".pdf": "application/pdf", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".svg": "image/svg+xml",
  ".webp": "image/webp", ".zip": "application/zip", ".gz": "application/gzip", ".tar": "application/x-tar",
  ".parquet": "application/vnd.apache.parquet", ".wasm": "application/wasm", ".mp4": "video/mp4",
}; // prettier-ignore

export const contentTypeOf = (path: string): string => contentTypes[extname(path).toLowerCase()] ?? "application/octet-stream";
