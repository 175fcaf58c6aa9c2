// A server component: the element's entry itself says that it belongs to the browser.
import 'truecrop/element/define'
import { Crop } from './crop.js'

export default function Page() {
  return (
    <>
      <true-crop id="of-the-server" width="64" height="64" />
      <Crop />
    </>
  )
}
