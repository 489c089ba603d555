/** Read by the Vite plugin, svelte-check and editors. TypeScript in components is stripped by Svelte itself. */
/** @type {import('@sveltejs/vite-plugin-svelte').SvelteConfig} */
export default {};
