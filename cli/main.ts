#!/usr/bin/env node
// Compiled code is kept between calls: a command starts in half the time. Imports of a module run before its first line, so
// the program itself is imported behind it.
import { enableCompileCache } from "node:module";

enableCompileCache();
await import("./program.ts");
