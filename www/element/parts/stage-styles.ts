/** The styles of what is seen of an open photo: they are loaded with the gestures, before there is one. */

export const styles = `
.stage[data-grabbed] { cursor: grabbing; }
.exact, .frame { position: absolute; box-sizing: border-box; }
.frame, .exact { border-radius: var(--truecrop-frame-radius, 2px); }
.wrap[data-shape=round] :is(.frame, .exact), .wrap[data-shape=round] .frame::after { border-radius: 50%; }
.frame {
  box-shadow: 0 0 0 1.5px #fff, 0 0 0 2.5px rgb(0 0 0 / 35%), 0 0 0 100vmax var(--_veil);
}
.frame::after {
  content: ''; position: absolute; inset: 0; opacity: 0; transition: opacity 150ms;
  background:
    linear-gradient(to right, transparent calc(33.33% - .5px), rgb(255 255 255 / 60%) 0 calc(33.33% + .5px), transparent 0 calc(66.66% - .5px), rgb(255 255 255 / 60%) 0 calc(66.66% + .5px), transparent 0),
    linear-gradient(to bottom, transparent calc(33.33% - .5px), rgb(255 255 255 / 60%) 0 calc(33.33% + .5px), transparent 0 calc(66.66% - .5px), rgb(255 255 255 / 60%) 0 calc(66.66% + .5px), transparent 0);
}
.stage[data-grabbed] .frame::after { opacity: 1; }
.wrap:not([data-photo]) .frame { visibility: hidden; }
.wrap[data-alpha] .stage {
  background: repeating-conic-gradient(light-dark(#fff, #2a2e36) 0 25%, light-dark(#e3e6eb, #22252c) 0 50%) 0 0 / 20px 20px;
}
@media (forced-colors: active) {
  .frame { forced-color-adjust: none; box-shadow: 0 0 0 3px CanvasText, 0 0 0 100vmax color-mix(in srgb, Canvas 75%, transparent); }
}
`
