// On a server: the wrappers render the element with its attributes, without a browser.
import { renderToString as renderVue } from '@vue/server-renderer'
import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { TrueCrop } from 'truecrop/react'
import { cropStore } from 'truecrop/svelte'
import { TrueCrop as VueCrop } from 'truecrop/vue'
import { createSSRApp, h } from 'vue'

const props = { name: 'avatar', width: 512, height: 512, maxBytes: 90000, required: true, disabled: false }
const react = renderToString(createElement(TrueCrop, { ...props, view: { zoom: 1 }, onChange() {} }))
const vue = await renderVue(createSSRApp({ render: () => h(VueCrop, props) }))
const store = typeof cropStore({ outputs: [{ name: 'main', width: 1, height: 1, format: 'png' }] }).subscribe
process.stdout.write(JSON.stringify({ react, vue, store }))
