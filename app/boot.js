// Brings the islands of a page to life. The page works without it: every control is a form.

// What leptos does while it hydrates server-rendered children of an island: the innermost
// open <leptos-children> is told which island has just come alive.
const children = [];

async function wake(node, islands) {
	const name = node.localName;
	if (name === "leptos-island") {
		const island = islands[node.dataset.component];
		if (!island) throw new Error(`no island ${node.dataset.component}`);
		children.at(-1)?.();
		await island(node);
	}
	if (name === "leptos-children") children.push(node.$$on_hydrate);
	for (const child of [...node.children]) await wake(child, islands);
	if (name === "leptos-children") children.pop();
}

async function start() {
	try {
		// The build replaces both names by those with a hash. Neither file waits for the other.
		const [islands, module] = await Promise.all([
			import("./sayso.js"),
			fetch(new URL("./sayso.wasm", import.meta.url)),
		]);
		await islands.default({ module_or_path: module });
		islands.hydrate();
		await wake(document.body, islands);
		document.documentElement.dataset.live = "true";
	} catch (reason) {
		console.info("The page goes on without its script.", reason);
	}
}

if ("requestIdleCallback" in window) requestIdleCallback(start, { timeout: 2000 });
else start();
