import { createApp } from 'vue'
import Avatar from './Avatar.vue'

createApp(Avatar).mount('#app')
