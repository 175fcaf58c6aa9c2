// `vite preview` needs no adapter; where it is deployed, one is chosen here.
export default {}
