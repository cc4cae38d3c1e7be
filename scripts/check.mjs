// Types, lint with the layer rules, format and dead code: each names itself, all are run, one failure fails the whole.
import { spawnSync } from "node:child_process";

const checks = {
  types: ["tsc", "-p", "tsconfig.json"],
  "types of stacks": ["tsc", "-p", "tsconfig.stacks.json"],
  "lint and layers": ["oxlint", "--type-aware", "--deny-warnings", "."],
  format: ["oxfmt", "--check", "."],
  "dead code": ["knip", "--no-progress"],
};

const failed = Object.entries(checks).filter(([name, [command, ...args]]) => {
  const begin = Date.now();
  const { status, stdout, stderr } = spawnSync(`node_modules/.bin/${command}`, args, { encoding: "utf8", maxBuffer: 1 << 26 });
  console.log(`${status === 0 ? "ok" : "FAILED"}  ${name} (${((Date.now() - begin) / 1000).toFixed(1)} s)`);
  if (status !== 0) console.log(stdout + stderr);
  return status !== 0;
});
process.exit(failed.length === 0 ? 0 : 1);
