/// <reference path="./.sst/platform/config.d.ts" />

export default $config({
  app(input) {
    const isProduction = input.stage === "production";
    return {
      name: "switchyard",
      home: "aws",
      removal: isProduction ? "retain" : "remove",
      protect: isProduction,
      providers: {
        aws: { version: "7.20.0", defaultTags: { tags: { project: "switchyard", stage: input.stage } } },
        random: "4.16.6",
      },
    };
  },
  // SST forbids static imports in this file.
  async run() {
    const { switchyard } = await import("./stacks/switchyard.ts");
    return switchyard();
  },
});
