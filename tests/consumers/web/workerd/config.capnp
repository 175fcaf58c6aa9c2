using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "out/worker.js"),
    (name = "truecrop/core/all.wasm", wasm = embed "node_modules/truecrop/dist/wasm/truecrop_all_bg.wasm"),
  ],
  compatibilityDate = "2025-09-01",
);
