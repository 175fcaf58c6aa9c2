// A server component, and nothing else: the element's entry itself says that it belongs to the browser.
import { DefineTrueCrop } from 'truecrop/element/define'

export default function Page() {
  return (
    <>
      <DefineTrueCrop />
      <true-crop width="64" height="64" />
    </>
  )
}
