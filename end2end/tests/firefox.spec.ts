import { isInstalled, isRequired, startFirefox } from "../support/firefox.ts";
import { countEntries } from "../support/server.ts";
import { expect, isScripted, test } from "../support/test.ts";

const GPC = "privacy.globalprivacycontrol.enabled";

for (const asks of [true, false]) {
  const name = asks ? "Firefox asks not to sell or share and is heard" : "without its setting it asks nothing";
  test(name, async ({ customer, server }) => {
    test.skip(!isInstalled && !isRequired, "Firefox is not installed");
    expect(isInstalled, "Firefox is where FIREFOX says").toBe(true);
    test.setTimeout(120_000);
    const before = await countEntries(server);
    const firefox = await startFirefox({
      [GPC]: asks,
      "javascript.enabled": isScripted(),
    });
    try {
      await firefox.opens(`${server.url}/choices`);
      expect(await firefox.reads("#signal-h")).toEqual(asks ? ["Opt-Out Request Honored"] : []);
      const written = await countEntries(server);
      expect(written > before).toBe(asks);
      await firefox.opens(customer.link);
      expect(await firefox.reads("#signal-control")).toEqual(
        asks ? ["Sale and sharing of your data: Off"] : [],
      );
      expect((await countEntries(server)) > written).toBe(asks);
      await firefox.opens(`${server.url}/choices`);
      expect((await firefox.reads("h1")).length).toBe(1);
    } finally {
      await firefox.stop();
    }
  });
}
