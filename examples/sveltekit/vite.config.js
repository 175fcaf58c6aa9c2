import { sveltekit } from '@sveltejs/kit/vite'

export default {
  plugins: [sveltekit()],
  preview: { host: '127.0.0.1', port: Number(process.env.PORT ?? 3000) },
}
