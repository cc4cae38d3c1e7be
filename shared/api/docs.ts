// A page that shows /openapi.json, with nothing from elsewhere.

export const docsPage = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Switchyard API</title>
<style>
  :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
  body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
  summary { cursor: pointer; padding: .3rem 0 } summary code { font-weight: 600 }
  .method { display: inline-block; width: 4.2rem; font: 600 .8rem ui-monospace, monospace }
  pre { overflow: auto; padding: .8rem; border: 1px solid #8884; border-radius: .4rem; font-size: .8rem }
  h2 { margin-top: 2rem; border-bottom: 1px solid #8884 }
</style>
<h1>Switchyard API</h1><p>The document itself: <a href="/openapi.json">/openapi.json</a>. Every request needs <code>authorization: Bearer TOKEN</code>.</p>
<main>Loading…</main>
<script>
  const main = document.querySelector("main");
  const element = (name, text) => Object.assign(document.createElement(name), text === undefined ? {} : { textContent: text });
  fetch("/openapi.json").then((answer) => answer.json()).then((api) => {
    main.textContent = "";
    const groups = Map.groupBy(Object.entries(api.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation }))), ({ operation }) => operation.tags[0]);
    for (const [name, routes] of groups) {
      main.append(element("h2", name));
      for (const { path, method, operation } of routes) {
        const details = element("details"), summary = element("summary"), verb = element("span", method.toUpperCase());
        verb.className = "method";
        summary.append(verb, element("code", path), " " + operation.summary);
        details.append(summary, element("pre", JSON.stringify(operation, null, 2)));
        main.append(details);
      }
    }
    main.append(element("h2", "schemas"));
    for (const [name, schema] of Object.entries(api.components.schemas)) {
      const details = element("details"), summary = element("summary");
      summary.append(element("code", name));
      details.append(summary, element("pre", JSON.stringify(schema, null, 2)));
      main.append(details);
    }
  });
</script>
`;
