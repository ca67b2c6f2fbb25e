using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "worker", worker = (
      compatibilityDate = "2026-01-01",
      modules = [
        (name = "worker.js", esModule = embed "dist/worker.js"),
        (name = "nyne_phone_finder.wasm", wasm = embed "dist/nyne_phone_finder.wasm"),
      ],
    )),
    # Otherwise a Worker reaches no address of this machine.
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "worker")],
);
