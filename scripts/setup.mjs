// Runs before `npm start`, `npm test` and their like, with whatever Node there is (20 or newer): installs what is missing.
// A script of its own, because a shell goes on using the `node` that it found first.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";

const wantsTests = process.argv.includes("--test");
const isRoot = process.getuid?.() === 0;

const read = (file) => (existsSync(file) ? readFileSync(file, "utf8") : "");
const run = (command, args, env = {}) =>
  execFileSync(command, args, { stdio: ["ignore", 2, 2], shell: process.platform === "win32", env: { ...process.env, ...env } });

function fail(message) {
  console.error(`switchyard: ${message}`);
  process.exit(1);
}

function installPackages(lock) {
  if (read("node_modules/.installed") === lock) return;
  console.error("switchyard: installing packages…");
  run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
  // So that `npx switchyard` finds the project's own command, and the Node that lies beside it.
  if (process.platform !== "win32") symlinkSync("../../cli/main.mjs", "node_modules/.bin/switchyard");
  writeFileSync("node_modules/.installed", lock);
}

/** The packages bring Node 24 for Linux; elsewhere it must be there. */
function checkNode() {
  const bundled = "node_modules/.bin/node";
  const version = existsSync(bundled) ? execFileSync(bundled, ["--version"], { encoding: "utf8" }) : process.version;
  if (Number(/^v(\d+)/.exec(version)?.[1]) < 24)
    fail(`needs Node 24 or newer, this is ${version.trim()}. Install it from nodejs.org or your package manager.`);
}

/** SST's platform code and the providers that sst.config.ts names: what stacks/ are checked against and run on without AWS. */
function installSst(packages) {
  const wanted = createHash("sha256")
    .update(packages + read("sst.config.ts"))
    .digest("hex");
  if (read(".sst/.installed") === wanted) return;
  console.error("switchyard: installing SST's platform code…");
  run("node_modules/.bin/sst", ["install", "--stage", "ci"], {
    SST_NO_BUN: "1",
    SST_SKIP_DEPENDENCY_CHECK: "1",
    SST_TELEMETRY_DISABLED: "1",
  });
  writeFileSync(".sst/.installed", wanted);
}

/** The AWS emulator's Python packages, in an environment of their own. Without them what needs the emulator says how to get it. */
function installEmulator() {
  const venv = ".switchyard-emulator/venv";
  const requirements = read("test/emulator/requirements.txt");
  if (read(`${venv}/.installed`) === requirements) return;
  console.error("switchyard: installing the AWS emulator…");
  try {
    run("python3", ["-m", "venv", "--clear", venv]);
    run(`${venv}/bin/pip`, ["install", "--quiet", "--disable-pip-version-check", "-r", "test/emulator/requirements.txt"]);
    writeFileSync(`${venv}/.installed`, requirements);
  } catch {
    console.error(
      "switchyard: the AWS emulator could not be installed: it needs Python 3.10 or newer with venv (Debian: apt-get install python3-venv) " +
        "and PyPI. What needs it is left out and says so.",
    );
  }
}

const works = (command) => {
  try {
    execFileSync("sh", ["-c", command], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};
const has = (program) => works(`command -v ${program}`);

/** What scripts and tests call by name: the Debian package that brings it, and whether it is there. */
function installPrograms(packages) {
  const missing = Object.keys(packages).filter((name) => !packages[name]());
  if (missing.length === 0) return;
  if (!isRoot || !has("apt-get")) {
    console.error(`switchyard: missing here (Debian: apt-get install ${missing.join(" ")}). What needs it is left out and says so.`);
    return;
  }
  console.error(`switchyard: installing ${missing.join(" ")}…`);
  try {
    run("apt-get", ["update", "-qq"]);
    run("apt-get", ["install", "-y", "-qq", ...missing], { DEBIAN_FRONTEND: "noninteractive" });
  } catch {
    console.error(`switchyard: could not install ${missing.join(" ")}. What needs it is left out and says so.`);
  }
}

/** Translated once, so that the first server starts as fast as any other, and with as little memory. */
function compile(lock) {
  if (read("node_modules/.cache/switchyard.of") === lock) return;
  execFileSync("node_modules/.bin/node", ["cli/main.mjs", "serve", "--help"], { stdio: "ignore" });
  writeFileSync("node_modules/.cache/switchyard.of", lock);
}

const lock = createHash("sha256").update(read("package-lock.json")).digest("hex");
installPackages(lock);
checkNode();
if (process.platform === "linux") compile(lock);
installPrograms({
  python3: () => has("python3"),
  ...(wantsTests && {
    // Debian's python3 can make no environment without this.
    "python3-venv": () => works("python3 -c 'import ensurepip, venv'"),
    "default-jre-headless": () => has("java"),
    bash: () => has("bash"),
  }),
});
if (wantsTests) {
  installSst(lock);
  installEmulator();
}
