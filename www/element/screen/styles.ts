/**
 * The element's styles, as a constructed style sheet, which the policy style-src 'self' allows. Pages change them by the
 * custom properties and by ::part(). Built at the first use, so that this file can be imported in Node.
 *
 * @cssprop --truecrop-accent - buttons, focus rings, slider and progress bar
 * @cssprop --truecrop-on-accent - text on the accent colour
 * @cssprop --truecrop-ink - text and icons
 * @cssprop --truecrop-muted - hints, and the icon of the empty element
 * @cssprop --truecrop-paper - background of the empty element
 * @cssprop --truecrop-ground - background of the stage
 * @cssprop --truecrop-line - border of the empty element
 * @cssprop --truecrop-veil - colour over the photo outside of the frame
 * @cssprop --truecrop-radius - corner radius of the stage
 * @cssprop --truecrop-frame-radius - corner radius of the frame
 * @cssprop --truecrop-stage-aspect - aspect ratio of the stage, width / height
 */

const CSS = `
:host {
  --_accent: var(--truecrop-accent, #486aee);
  --_ink: var(--truecrop-ink, light-dark(#1b1d22, #eceef2));
  --_muted: var(--truecrop-muted, light-dark(#5b6068, #a5abb5));
  --_paper: var(--truecrop-paper, light-dark(#ffffff, #1d2026));
  --_ground: var(--truecrop-ground, light-dark(#e9ebef, #121418));
  --_line: var(--truecrop-line, light-dark(#d4d7dd, #363b45));
  --_veil: var(--truecrop-veil, rgb(12 14 18 / 60%));
  --_radius: var(--truecrop-radius, 12px);
  color-scheme: inherit;
  display: flex;
  flex-direction: column;
  gap: 12px;
  position: relative;
  color: var(--_ink);
  font: inherit;
  min-inline-size: 0;
}
:host([hidden]), [hidden] { display: none !important; }
.shell { position: relative; display: flex; flex: 1 1 auto; min-block-size: 0; }
.stage {
  direction: ltr;
  position: relative;
  overflow: hidden;
  flex: 1 1 auto;
  inline-size: 100%;
  aspect-ratio: var(--truecrop-stage-aspect, 1);
  min-block-size: 0;
  background: var(--_ground);
  border-radius: var(--_radius);
}
.wrap, .part { display: contents; }
.stage > * { pointer-events: none; }
canvas { position: absolute; inset: 0; inline-size: 100%; block-size: 100%; }
.empty {
  position: absolute; inset: 0; display: grid; place-content: center; justify-items: center; gap: 10px;
  padding: 16px; text-align: center; direction: inherit;
  border: 1.5px dashed var(--_line); border-radius: var(--_radius); background: var(--_paper);
}
.empty .large { inline-size: 44px; block-size: 44px; color: var(--_muted); }
.choose {
  font: inherit; font-weight: 600; border: 0; border-radius: 999px; padding: 12px 22px; min-block-size: 44px; inline-size: auto;
  color: var(--truecrop-on-accent, #fff); background: var(--_accent); cursor: pointer;
}
.choose:hover { filter: brightness(1.08); }
.hint { margin: 0; color: var(--_muted); font-size: .9em; }
.note { margin: 0; font-size: .85em; line-height: 1.4; opacity: .8; }
button:is(:disabled, [aria-disabled=true]), input:disabled { opacity: .4; cursor: default; }
svg { display: block; inline-size: 100%; block-size: 100%; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
:is(button, input, .stage):focus-visible { outline: 3px solid var(--_accent); outline-offset: 2px; }
.quiet { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
/* Shadows and backgrounds vanish in forced colours, unless these are left to the page. */
@media (forced-colors: active) {
  .choose { border: 1px solid; }
}
`

let sheet: CSSStyleSheet | undefined

/** The style sheet that all elements share. */
export function styleSheet(): CSSStyleSheet {
  if (!sheet) {
    sheet = new CSSStyleSheet()
    sheet.replaceSync(CSS)
  }
  return sheet
}
