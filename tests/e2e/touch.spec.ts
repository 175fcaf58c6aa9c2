// Fingers on the stage, by real touch events: pinching, turning, throwing; what gives way beyond the photo's end.
import type { CDPSession, Page } from '@playwright/test'
import type { TrueCrop } from '../../www/element/true-crop.js'
import type { View } from '../../www/protocol.js'
import { type Server, expect, fixture, openHtml, pickFile, readResult, test, waitUntilSettled } from './harness.js'

type Points = [x: number, y: number][]

const viewOf = (page: Page): Promise<View> => page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).view as View)
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

class Fingers {
  readonly #client: CDPSession
  readonly #middle: [number, number]

  constructor(client: CDPSession, middle: [number, number]) {
    this.#client = client
    this.#middle = middle
  }

  /** Seconds. The events say themselves when they were: a slow machine does not slow the fingers. */
  #time = Date.now() / 1000

  async #send(type: 'touchStart' | 'touchMove' | 'touchEnd', points: Points): Promise<void> {
    const touchPoints = points.map(([x, y], id) => ({ x: this.#middle[0] + x, y: this.#middle[1] + y, id }))
    await this.#client.send('Input.dispatchTouchEvent', { type, touchPoints, timestamp: this.#time })
  }

  /** Puts fingers down, moves them through places with pauses between, and lets go unless told otherwise. */
  async move(places: Points[], { pause = 16, rest = 0, letGo = true } = {}): Promise<void> {
    const [first = [], ...others] = places
    this.#time = Math.max(this.#time + 1, Date.now() / 1000)
    await this.#send('touchStart', first)
    for (const points of others) {
      this.#time += pause / 1000
      await this.#send('touchMove', points)
    }
    this.#time += rest / 1000
    await wait(rest)
    if (letGo) await this.letGo()
  }

  letGo = (): Promise<void> => this.#send('touchEnd', [])
}

/** Two fingers on a circle around the middle. */
const pair = (radius: number, degrees: number): Points => {
  const [x, y] = [radius * Math.cos((degrees * Math.PI) / 180), radius * Math.sin((degrees * Math.PI) / 180)]
  return [
    [-x, -y],
    [x, y],
  ]
}
const steps = (count: number, at: (part: number) => Points): Points[] =>
  Array.from({ length: count + 1 }, (_, i) => at(i / count))

async function withFingers(
  browser: { newContext(options: object): Promise<import('@playwright/test').BrowserContext> },
  server: Server,
  attributes: string,
  run: (page: Page, fingers: Fingers) => Promise<void>,
  reducedMotion: 'reduce' | 'no-preference' = 'no-preference',
): Promise<void> {
  const context = await browser.newContext({ hasTouch: true, viewport: { width: 420, height: 800 }, reducedMotion })
  const page = await context.newPage()
  await openHtml(page, server, `<true-crop width="64" height="64" ${attributes}></true-crop>`)
  await page.addStyleTag({ content: 'true-crop { width: 400px }' })
  await pickFile(page, fixture('coffee.jpg'))
  await page.evaluate(() => {
    const element = document.querySelector('true-crop') as TrueCrop
    element.view = { zoom: 2, center: { x: 0.5, y: 0.5 }, rotate: 0, flip: 'none' }
  })
  const box = await page.locator('true-crop [part=frame]').boundingBox()
  if (!box) throw new Error('no frame')
  await run(page, new Fingers(await context.newCDPSession(page), [box.x + box.width / 2, box.y + box.height / 2]))
  await context.close()
}

test('two fingers turn the photo beyond a threshold, and zoom it', async ({ browser, server }) => {
  await withFingers(browser, server, 'straighten', async (page, fingers) => {
    await fingers.move(steps(10, (part) => pair(60, 10 * part)))
    expect((await viewOf(page)).rotate, 'a pinch is never straight').toBe(0)
    await fingers.move(steps(12, (part) => pair(60, 42 * part)))
    const turned = await viewOf(page)
    expect(turned.rotate).toBeCloseTo(30, 1)
    // Around the fingers: the middle stayed.
    expect(turned.center.x).toBeCloseTo(0.5, 2)
    await fingers.move(steps(12, (part) => pair(60 + 60 * part, 14 * part)))
    const pinched = await viewOf(page)
    expect(pinched.zoom / turned.zoom).toBeCloseTo(2, 1)
    expect(pinched.rotate, 'a wide pinch does not turn').toBe(turned.rotate)
    // One step each.
    await page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).undo())
    expect(await viewOf(page)).toEqual(turned)
    // Back, and drawn to the quarter turn.
    await fingers.move(steps(12, (part) => pair(60, -41 * part)))
    expect((await viewOf(page)).rotate).toBe(0)
    await waitUntilSettled(page)
    expect((await readResult(page)).receipt.view).toEqual(await viewOf(page))
  })
})

test('without a dial two fingers do not turn', async ({ browser, server }) => {
  await withFingers(browser, server, '', async (page, fingers) => {
    await fingers.move(steps(12, (part) => pair(60, 60 * part)))
    expect((await viewOf(page)).rotate).toBe(0)
  })
})

/** The centre right after a finger let go, and when nothing moves any more. */
async function thrown(page: Page, run: () => Promise<void>): Promise<[number, number]> {
  await run()
  const before = (await viewOf(page)).center.x
  await wait(1500)
  return [before, (await viewOf(page)).center.x]
}

test('a photo that is thrown goes on, as a part of the same step; one that rests, or is touched again, stays', async ({
  browser,
  server,
}) => {
  await withFingers(browser, server, '', async (page, fingers) => {
    const start = await viewOf(page)
    const flick = steps(6, (part) => [[-70 * part, 0]])
    const [let1, end1] = await thrown(page, () => fingers.move(flick))
    expect(end1 - let1, 'goes on').toBeGreaterThan(0.02)
    await page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).undo())
    expect(await viewOf(page), 'one step').toEqual(start)
    const [let2, end2] = await thrown(page, () => fingers.move(flick, { rest: 200 }))
    expect(end2).toBe(let2)
    await page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).undo())
    await fingers.move(flick)
    await wait(60)
    await fingers.move([[[0, 0]]], { letGo: false })
    const held = (await viewOf(page)).center.x
    await wait(400)
    expect((await viewOf(page)).center.x, 'caught').toBe(held)
    await fingers.letGo()
    // What is shown is what is made.
    await waitUntilSettled(page)
    expect((await readResult(page)).receipt.view).toEqual(await viewOf(page))
  })
})

const offset = (page: Page) =>
  page
    .locator('true-crop [part=exact]')
    .evaluate((image: HTMLElement) => new DOMMatrix(`translate(${image.style.translate.replace(' ', ',') || '0px'})`).e)

test('beyond its end the photo gives way, less and less, and springs back', async ({ browser, server }) => {
  await withFingers(browser, server, '', async (page, fingers) => {
    await fingers.move(
      steps(10, (part) => [[170 * part, 0]]),
      { letGo: false },
    )
    await fingers.letGo()
    await wait(600)
    // At the end now: everything is beyond it.
    await fingers.move(
      steps(10, (part) => [[170 * part, 0]]),
      { letGo: false, rest: 100 },
    )
    const pulled = await offset(page)
    expect(pulled).toBeGreaterThan(20)
    expect(pulled).toBeLessThan(170)
    // The view is within its bounds all the time, and so is what is made of it.
    await waitUntilSettled(page)
    expect((await readResult(page)).receipt.crop.x).toBe(0)
    await fingers.letGo()
    await wait(700)
    expect(await offset(page)).toBe(0)
  })
})

test('people who ask for less motion see none of it', async ({ browser, server }) => {
  await withFingers(
    browser,
    server,
    '',
    async (page, fingers) => {
      const [let1, end1] = await thrown(page, () => fingers.move(steps(6, (part) => [[-70 * part, 0]])))
      expect(end1).toBe(let1)
      await fingers.move(
        steps(10, (part) => [[190 * part, 0]]),
        { letGo: false },
      )
      expect(await offset(page)).toBe(0)
    },
    'reduce',
  )
})
