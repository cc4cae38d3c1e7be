// The whole of sst.config.ts in an emulator of its own, with the test jobs as Lambdas.
import { PutParameterCommand } from "@aws-sdk/client-ssm";
import { clientsOf } from "../emulator/deploy/clients.ts";
import { deployTo } from "../emulator/deployed.ts";
import { startEmulator } from "../emulator/emulator.ts";
import { jobsDir } from "./api.ts";
import type { OpenPlatform } from "./local-platform.ts";

const STAGE = "conformance";
const SECRET = { name: `/switchyard/${STAGE}/secrets/CONFORMANCE`, value: "hush-hush-of-the-conformance-suite" };

/** @throws Error with what went wrong */
export async function openEmulatorPlatform(): Promise<OpenPlatform> {
  const emulator = await startEmulator();
  try {
    const { url, token } = await deployTo(emulator.url, { stage: STAGE, jobs: jobsDir });
    const { parameters } = clientsOf({ endpoint: emulator.url, region: "us-east-1", account: "000000000000" });
    await parameters.send(new PutParameterCommand({ Name: SECRET.name, Value: SECRET.value, Type: "SecureString", Overwrite: true }));
    return {
      url,
      token,
      // A request that waits would hold one of the few processes that serve the API.
      waitSeconds: 0,
      secret: { reference: `ssm:${SECRET.name}`, value: SECRET.value },
      close: () => emulator.stop(),
    };
  } catch (error) {
    await emulator.stop();
    throw error;
  }
}
