/** The styles of what is seen of a photo, of why there is none, and while one is dragged over the element: they are loaded with the gestures, before there is one. */

export const styles = `
.message {
  margin: 0; padding: 10px 14px; border-radius: 10px; font-size: .95em; line-height: 1.4;
  color: light-dark(#8c1d18, #ffb4ab); background: light-dark(#fdecea, #3b1d1b);
}
.over::after {
  content: attr(data-drop); position: absolute; inset: 0; display: grid; place-content: center; pointer-events: none; font-weight: 600;
  border-radius: var(--_radius); background: color-mix(in srgb, var(--_accent) 85%, transparent); color: var(--truecrop-on-accent, #fff);
}
.stage { cursor: grab; touch-action: none; user-select: none; -webkit-user-select: none; }
.stage[data-touch=page] { touch-action: pan-x pan-y; }
.wrap:not([data-photo]) .stage, .wrap[data-state=opening] .stage { cursor: default; }
:host(:disabled) .stage { cursor: not-allowed; filter: grayscale(.6); opacity: .7; }
.busy {
  position: absolute; inset-inline: 0; inset-block-end: 0; block-size: 3px; background: var(--_accent);
  transform-origin: 0 0; transform: scaleX(0); opacity: 0; transition: opacity 200ms 150ms;
}
.wrap:is([data-state=opening], [data-state=moving], [data-state=rendering]) .busy { opacity: 1; }
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
.wrap:not([data-photo]) .stage:not([data-first]) .frame { visibility: hidden; }
.wrap[data-alpha] .stage {
  background: repeating-conic-gradient(light-dark(#fff, #2a2e36) 0 25%, light-dark(#e3e6eb, #22252c) 0 50%) 0 0 / 20px 20px;
}
@media (prefers-reduced-motion: reduce) { *, ::before, ::after { transition: none !important; animation: none !important; } }
@media (forced-colors: active) {
  .message { border: 1px solid; }
  .busy { forced-color-adjust: none; background: Highlight; }
  .frame { forced-color-adjust: none; box-shadow: 0 0 0 3px CanvasText, 0 0 0 100vmax color-mix(in srgb, Canvas 75%, transparent); }
}
`
