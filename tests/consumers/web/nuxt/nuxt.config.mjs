export default {
  compatibilityDate: '2025-10-01',
  telemetry: false,
  app: { head: { link: [{ rel: 'icon', href: 'data:,' }] } },
  hooks: {
    // Nuxt loads in advance whatever a page may need: not what only some photos need.
    'build:manifest': (manifest) => {
      for (const [name, file] of Object.entries(manifest)) if (name.includes('truecrop')) file.prefetch = false
    },
  },
}
