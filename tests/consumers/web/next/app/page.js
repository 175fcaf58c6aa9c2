import { Crop } from './crop.js'

export default function Page() {
  return <Crop />
}
