/** Which rooms a room may import; the same table stands in ARCHITECTURE.md. */
export const rooms: Readonly<Record<string, readonly string[]>> = {
  "activities": [
    "activities/limits",
    "activities/partials",
    "activities/records",
    "activities/sources",
    "activities/sources/contract",
    "activities/sources/http",
    "activities/store",
    "activities/timeline",
    "activities/verify",
    "domain",
    "domain/dataset",
    "domain/failure",
    "domain/limits",
    "domain/network",
    "domain/quoting",
    "domain/run",
    "domain/signing",
    "domain/timeline"
  ],
  "activities/align": [
    "activities",
    "activities/align/threads",
    "activities/excluded",
    "activities/folders",
    "activities/manifest",
    "activities/partials",
    "activities/records",
    "activities/selection",
    "activities/settle",
    "activities/store",
    "domain",
    "domain/align",
    "domain/dataset",
    "domain/failure",
    "domain/run",
    "domain/selection",
    "domain/verify"
  ],
  "activities/align/threads": [
    "activities/alone",
    "activities/folders",
    "activities/kernels",
    "activities/png",
    "domain/align",
    "domain/dataset",
    "domain/failure",
    "domain/png",
    "domain/raster"
  ],
  "activities/alone": [],
  "activities/describe": [
    "activities/exclusion",
    "activities/folders",
    "activities/manifest",
    "activities/png",
    "activities/records",
    "activities/report",
    "activities/store",
    "domain",
    "domain/align",
    "domain/dataset",
    "domain/exclusion",
    "domain/failure",
    "domain/page",
    "domain/rights",
    "domain/rights/show",
    "domain/run",
    "domain/verify",
    "domain/words"
  ],
  "activities/describe/cards": [
    "activities/describe",
    "activities/exclusion",
    "activities/folders",
    "activities/hash",
    "activities/manifest",
    "activities/records",
    "activities/store",
    "domain",
    "domain/cards",
    "domain/dataset",
    "domain/failure",
    "domain/rights",
    "domain/run",
    "domain/selection",
    "domain/verify"
  ],
  "activities/excluded": [
    "activities/exclusion",
    "activities/manifest",
    "activities/records",
    "activities/store",
    "domain",
    "domain/dataset",
    "domain/exclusion",
    "domain/failure",
    "domain/run",
    "domain/selection",
    "domain/signing"
  ],
  "activities/exclusion": [
    "activities",
    "activities/folders",
    "activities/records",
    "activities/store",
    "domain/dataset",
    "domain/exclusion",
    "domain/failure"
  ],
  "activities/fetch": [
    "activities",
    "activities/alone",
    "activities/excluded",
    "activities/exclusion",
    "activities/folders",
    "activities/manifest",
    "activities/partials",
    "activities/records",
    "activities/settle",
    "activities/sources",
    "activities/sources/contract",
    "activities/sources/flow",
    "activities/store",
    "activities/verify",
    "domain",
    "domain/chain",
    "domain/dataset",
    "domain/failure",
    "domain/network",
    "domain/run",
    "domain/tfrecord",
    "domain/verify"
  ],
  "activities/folders": [
    "domain/dataset",
    "domain/failure"
  ],
  "activities/gates": [
    "activities",
    "activities/sources/contract",
    "domain/failure",
    "domain/gate",
    "domain/run",
    "domain/signing"
  ],
  "activities/hash": [
    "activities/kernels",
    "domain/dataset",
    "domain/kernels/md5"
  ],
  "activities/kernels": [
    "domain/align",
    "domain/kernels/deflate",
    "domain/kernels/inflate",
    "domain/kernels/pad-and-blend",
    "domain/kernels/png-rows",
    "domain/kernels/resample",
    "domain/kernels/sample-quad"
  ],
  "activities/limits": [
    "activities/sources/flow",
    "domain/limits",
    "domain/run"
  ],
  "activities/manifest": [
    "activities",
    "activities/exclusion",
    "activities/folders",
    "activities/png",
    "activities/records",
    "activities/sources",
    "activities/store",
    "domain",
    "domain/align",
    "domain/dataset",
    "domain/exclusion",
    "domain/failure",
    "domain/png",
    "domain/run",
    "domain/verify"
  ],
  "activities/notices": [
    "activities",
    "activities/sources/http",
    "domain/network",
    "domain/run"
  ],
  "activities/partials": [
    "activities/folders",
    "activities/store",
    "domain/dataset",
    "domain/failure",
    "domain/run"
  ],
  "activities/plan": [
    "activities",
    "activities/manifest",
    "activities/partials",
    "activities/records",
    "activities/selection",
    "activities/store",
    "domain",
    "domain/align",
    "domain/dataset",
    "domain/failure",
    "domain/planning",
    "domain/run",
    "domain/selection",
    "domain/tfrecord",
    "domain/verify"
  ],
  "activities/png": [
    "activities/hash",
    "activities/kernels",
    "domain/dataset",
    "domain/kernels/deflate",
    "domain/kernels/inflate",
    "domain/kernels/png-rows",
    "domain/png",
    "domain/raster",
    "domain/run"
  ],
  "activities/purge": [
    "activities",
    "activities/describe",
    "activities/exclusion",
    "activities/folders",
    "activities/manifest",
    "activities/records",
    "activities/store",
    "domain",
    "domain/cards",
    "domain/dataset",
    "domain/exclusion",
    "domain/failure",
    "domain/network",
    "domain/run",
    "domain/selection",
    "domain/verify"
  ],
  "activities/records": [
    "activities/folders",
    "domain",
    "domain/align",
    "domain/dataset",
    "domain/failure",
    "domain/selection",
    "domain/verify"
  ],
  "activities/report": [
    "activities",
    "activities/excluded",
    "activities/folders",
    "activities/manifest",
    "activities/records",
    "activities/store",
    "domain",
    "domain/dataset",
    "domain/failure",
    "domain/page",
    "domain/quoting",
    "domain/run",
    "domain/words"
  ],
  "activities/selection": [
    "activities",
    "activities/excluded",
    "activities/exclusion",
    "activities/folders",
    "activities/manifest",
    "activities/records",
    "activities/store",
    "domain/dataset",
    "domain/exclusion",
    "domain/run",
    "domain/selection"
  ],
  "activities/settle": [
    "activities",
    "activities/alone",
    "activities/folders",
    "activities/partials",
    "activities/records",
    "activities/sources/flow",
    "activities/store",
    "activities/verify",
    "domain",
    "domain/dataset",
    "domain/failure",
    "domain/run",
    "domain/tfrecord",
    "domain/verify"
  ],
  "activities/signals": [],
  "activities/sources": [
    "activities/sources/archive",
    "activities/sources/chain",
    "activities/sources/contract",
    "activities/sources/flow",
    "activities/sources/gates",
    "activities/sources/google-drive",
    "activities/sources/google-drive/api",
    "activities/sources/google-login",
    "activities/sources/http",
    "activities/sources/http-mirror",
    "activities/sources/huggingface",
    "activities/sources/local-dir",
    "activities/sources/tar",
    "activities/sources/zip",
    "domain/chain",
    "domain/failure",
    "domain/flow",
    "domain/gate",
    "domain/limits",
    "domain/mirrors",
    "domain/network",
    "domain/planning",
    "domain/run"
  ],
  "activities/sources/archive": [
    "activities/folders",
    "activities/signals",
    "activities/sources/contract",
    "activities/sources/google-drive",
    "activities/sources/http",
    "activities/sources/local-dir",
    "domain/archive",
    "domain/dataset",
    "domain/failure",
    "domain/mirrors",
    "domain/network",
    "domain/run"
  ],
  "activities/sources/chain": [
    "activities/sources/contract",
    "activities/sources/http",
    "domain/chain",
    "domain/dataset",
    "domain/failure",
    "domain/mirrors",
    "domain/run"
  ],
  "activities/sources/contract": [
    "domain/dataset",
    "domain/failure",
    "domain/network",
    "domain/planning",
    "domain/run"
  ],
  "activities/sources/flow": [
    "activities/sources/http",
    "domain/limits",
    "domain/network"
  ],
  "activities/sources/gates": [
    "activities/sources/contract",
    "domain/dataset",
    "domain/failure",
    "domain/gate",
    "domain/run"
  ],
  "activities/sources/google-drive": [
    "activities/sources/contract",
    "activities/sources/http",
    "domain/dataset",
    "domain/failure",
    "domain/network",
    "domain/run"
  ],
  "activities/sources/google-drive/api": [
    "activities/sources/contract",
    "activities/sources/google-drive",
    "activities/sources/google-login",
    "activities/sources/http",
    "domain",
    "domain/dataset",
    "domain/failure",
    "domain/flow",
    "domain/network",
    "domain/run"
  ],
  "activities/sources/google-login": [
    "activities/folders",
    "activities/signals",
    "activities/sources/http",
    "domain",
    "domain/failure",
    "domain/network",
    "domain/run"
  ],
  "activities/sources/http": [
    "activities/sources/contract",
    "domain/chain",
    "domain/dataset",
    "domain/failure",
    "domain/limits",
    "domain/mirrors",
    "domain/network",
    "domain/run"
  ],
  "activities/sources/http-mirror": [
    "activities/sources/contract",
    "activities/sources/google-drive",
    "activities/sources/http",
    "domain/dataset",
    "domain/failure",
    "domain/mirrors",
    "domain/network",
    "domain/run"
  ],
  "activities/sources/huggingface": [
    "activities/sources/archive",
    "activities/sources/contract",
    "activities/sources/google-drive",
    "activities/sources/http",
    "domain",
    "domain/dataset",
    "domain/failure",
    "domain/limits",
    "domain/mirrors",
    "domain/network",
    "domain/run"
  ],
  "activities/sources/local-dir": [
    "activities/sources/contract",
    "activities/sources/http",
    "domain/dataset",
    "domain/failure",
    "domain/run"
  ],
  "activities/sources/tar": [
    "activities/sources/archive",
    "activities/sources/contract",
    "domain/run"
  ],
  "activities/sources/zip": [
    "activities/sources/archive",
    "activities/sources/contract",
    "domain/run"
  ],
  "activities/store": [
    "activities/alone",
    "activities/folders",
    "activities/records",
    "domain",
    "domain/dataset",
    "domain/failure",
    "domain/network",
    "domain/run"
  ],
  "activities/timeline": [
    "activities/folders",
    "activities/store",
    "domain",
    "domain/dataset",
    "domain/failure",
    "domain/limits",
    "domain/timeline"
  ],
  "activities/verify": [
    "activities/alone",
    "activities/folders",
    "activities/hash",
    "activities/kernels",
    "activities/partials",
    "activities/png",
    "activities/signals",
    "activities/store",
    "domain/dataset",
    "domain/failure",
    "domain/kernels/deflate",
    "domain/kernels/png-rows",
    "domain/png",
    "domain/run",
    "domain/tfrecord",
    "domain/verify"
  ],
  "client.ts": [
    "commands",
    "domain/failure",
    "process",
    "terminal"
  ],
  "commands": [
    "activities/manifest",
    "activities/selection",
    "activities/sources/contract",
    "activities/store",
    "commands/context",
    "commands/flags",
    "commands/flags/values",
    "commands/launch",
    "commands/login",
    "commands/planning",
    "config.ts",
    "domain/dataset",
    "domain/failure",
    "domain/network",
    "domain/words",
    "runs",
    "server",
    "temporal",
    "terminal",
    "worker.ts"
  ],
  "commands/context": [
    "activities/records",
    "commands/flags",
    "commands/flags/values",
    "config.ts",
    "domain/dataset",
    "domain/failure",
    "domain/planning",
    "domain/run",
    "domain/selection",
    "domain/verify",
    "domain/words",
    "process",
    "server",
    "temporal",
    "terminal",
    "worker.ts"
  ],
  "commands/describe": [
    "activities/describe",
    "activities/describe/cards",
    "activities/exclusion",
    "activities/kernels",
    "activities/png",
    "activities/records",
    "activities/store",
    "activities/verify",
    "commands/context",
    "commands/flags",
    "commands/flags/selection",
    "commands/flags/values",
    "domain",
    "domain/cards",
    "domain/charts",
    "domain/dataset",
    "domain/failure",
    "domain/quoting",
    "domain/rights",
    "domain/rights/attribution",
    "domain/rights/show",
    "domain/selection",
    "domain/verify",
    "domain/words",
    "signing",
    "temporal",
    "terminal"
  ],
  "commands/flags": [
    "activities/sources",
    "activities/sources/google-login",
    "commands/flags/archives",
    "commands/flags/selection",
    "commands/flags/values",
    "config.ts",
    "domain",
    "domain/align",
    "domain/chain",
    "domain/dataset",
    "domain/failure",
    "domain/limits",
    "domain/network",
    "domain/notices",
    "domain/run",
    "domain/selection",
    "domain/verify",
    "stand-in/served",
    "temporal",
    "worker.ts"
  ],
  "commands/flags/archives": [
    "commands/flags/values",
    "domain",
    "domain/dataset",
    "domain/failure",
    "domain/network"
  ],
  "commands/flags/selection": [
    "commands/flags/values",
    "domain",
    "domain/dataset",
    "domain/failure",
    "domain/rights",
    "domain/selection"
  ],
  "commands/flags/values": [
    "domain/failure",
    "domain/flow",
    "domain/network",
    "domain/run"
  ],
  "commands/follow": [
    "commands/context",
    "commands/flags",
    "commands/flags/values",
    "domain/failure",
    "domain/limits",
    "domain/words",
    "runs",
    "runs/foreign",
    "terminal",
    "workflows/contract"
  ],
  "commands/launch": [
    "activities/records",
    "activities/sources",
    "commands/context",
    "commands/describe",
    "commands/flags",
    "commands/flags/selection",
    "commands/follow",
    "commands/planning",
    "domain",
    "domain/dataset",
    "domain/failure",
    "domain/network",
    "domain/notices",
    "domain/run",
    "domain/selection",
    "domain/verify",
    "logger.ts",
    "runs",
    "runs/foreign",
    "sample",
    "sample/folder",
    "sample/record",
    "server/cli",
    "signing",
    "stand-in",
    "stand-in/archives",
    "stand-in/served",
    "temporal",
    "terminal",
    "worker.ts"
  ],
  "commands/let-go": [
    "activities/exclusion",
    "activities/manifest",
    "activities/purge",
    "activities/records",
    "activities/store",
    "commands/context",
    "commands/flags",
    "commands/flags/selection",
    "commands/flags/values",
    "commands/launch",
    "domain/dataset",
    "domain/exclusion",
    "domain/failure",
    "domain/run",
    "domain/selection",
    "domain/words",
    "logger.ts",
    "runs",
    "runs/purging",
    "signing",
    "terminal"
  ],
  "commands/login": [
    "activities/sources/google-login",
    "activities/sources/http",
    "commands/context",
    "commands/flags",
    "domain",
    "domain/failure",
    "domain/network",
    "domain/run",
    "terminal"
  ],
  "commands/planning": [
    "activities/excluded",
    "activities/exclusion",
    "activities/manifest",
    "activities/plan",
    "activities/records",
    "activities/selection",
    "activities/sources",
    "activities/sources/contract",
    "activities/store",
    "activities/verify",
    "commands/context",
    "commands/flags",
    "commands/flags/archives",
    "commands/flags/selection",
    "domain",
    "domain/chain",
    "domain/dataset",
    "domain/exclusion",
    "domain/failure",
    "domain/planning",
    "domain/run",
    "domain/selection",
    "signing",
    "terminal"
  ],
  "commands/report": [
    "activities/describe",
    "activities/folders",
    "activities/report",
    "activities/timeline",
    "commands/context",
    "commands/describe",
    "commands/flags",
    "commands/flags/selection",
    "commands/flags/values",
    "domain",
    "domain/dataset",
    "domain/failure",
    "domain/page",
    "domain/quoting",
    "domain/words",
    "runs",
    "runs/foreign",
    "server/ui",
    "terminal"
  ],
  "commands/serve": [
    "commands/context",
    "commands/flags",
    "commands/flags/archives",
    "commands/flags/selection",
    "commands/flags/values",
    "commands/launch",
    "doctor",
    "domain/failure",
    "domain/run",
    "domain/words",
    "logger.ts",
    "server",
    "signing"
  ],
  "config.ts": [
    "domain/failure",
    "domain/flow",
    "domain/network"
  ],
  "doctor": [
    "activities/alone",
    "domain",
    "domain/dataset",
    "domain/failure",
    "domain/run",
    "domain/words",
    "temporal"
  ],
  "doctor/checks": [
    "activities/png",
    "activities/sources",
    "activities/sources/contract",
    "activities/sources/google-login",
    "commands/flags",
    "config.ts",
    "doctor",
    "domain",
    "domain/dataset",
    "domain/failure",
    "domain/network",
    "domain/planning",
    "domain/run",
    "domain/words",
    "runs",
    "server",
    "server/cli",
    "signing",
    "temporal"
  ],
  "domain": [],
  "domain/align": [
    "domain/dataset",
    "domain/failure",
    "domain/kernels/pad-and-blend",
    "domain/kernels/resample",
    "domain/kernels/sample-quad",
    "domain/numpy",
    "domain/raster"
  ],
  "domain/archive": [
    "domain"
  ],
  "domain/cards": [
    "domain",
    "domain/dataset",
    "domain/selection",
    "domain/words"
  ],
  "domain/chain": [
    "domain/failure",
    "domain/mirrors",
    "domain/run"
  ],
  "domain/charts": [
    "domain/quoting",
    "domain/raster",
    "domain/words"
  ],
  "domain/dataset": [
    "domain"
  ],
  "domain/exclusion": [
    "domain",
    "domain/align",
    "domain/dataset",
    "domain/run",
    "domain/selection",
    "domain/signing"
  ],
  "domain/failure": [
    "domain",
    "domain/dataset",
    "domain/quoting"
  ],
  "domain/flow": [
    "domain/run"
  ],
  "domain/gate": [
    "domain/dataset",
    "domain/failure",
    "domain/network",
    "domain/run"
  ],
  "domain/kernels/deflate": [
    "domain/wasm"
  ],
  "domain/kernels/inflate": [
    "domain/kernels/png-rows",
    "domain/wasm"
  ],
  "domain/kernels/md5": [
    "domain/dataset",
    "domain/wasm"
  ],
  "domain/kernels/pad-and-blend": [
    "domain/kernels/sample-quad",
    "domain/numpy",
    "domain/raster",
    "domain/wasm"
  ],
  "domain/kernels/png-rows": [
    "domain/wasm"
  ],
  "domain/kernels/resample": [
    "domain/raster",
    "domain/wasm"
  ],
  "domain/kernels/sample-quad": [
    "domain/kernels/resample",
    "domain/raster",
    "domain/wasm"
  ],
  "domain/limits": [
    "domain"
  ],
  "domain/mirrors": [
    "domain/dataset",
    "domain/failure",
    "domain/run"
  ],
  "domain/network": [
    "domain",
    "domain/dataset",
    "domain/run"
  ],
  "domain/notices": [
    "domain/failure"
  ],
  "domain/numpy": [],
  "domain/page": [
    "domain",
    "domain/charts",
    "domain/dataset",
    "domain/failure",
    "domain/limits",
    "domain/quoting",
    "domain/run",
    "domain/timeline",
    "domain/words"
  ],
  "domain/planning": [
    "domain",
    "domain/dataset",
    "domain/run",
    "domain/selection",
    "domain/signing",
    "domain/words"
  ],
  "domain/png": [],
  "domain/quoting": [],
  "domain/raster": [],
  "domain/rights": [
    "domain",
    "domain/charts",
    "domain/dataset",
    "domain/page",
    "domain/quoting",
    "domain/selection",
    "domain/words"
  ],
  "domain/rights/attribution": [
    "domain",
    "domain/dataset",
    "domain/page",
    "domain/quoting",
    "domain/rights",
    "domain/selection",
    "domain/words"
  ],
  "domain/rights/show": [
    "domain",
    "domain/dataset",
    "domain/page",
    "domain/quoting",
    "domain/raster",
    "domain/rights",
    "domain/verify",
    "domain/words"
  ],
  "domain/run": [
    "domain",
    "domain/align",
    "domain/dataset",
    "domain/failure",
    "domain/limits",
    "domain/notices"
  ],
  "domain/selection": [
    "domain",
    "domain/dataset",
    "domain/run",
    "domain/signing",
    "domain/words"
  ],
  "domain/signing": [
    "domain",
    "domain/dataset",
    "domain/failure",
    "domain/gate",
    "domain/network",
    "domain/notices",
    "domain/run",
    "domain/waits"
  ],
  "domain/tfrecord": [
    "domain/dataset"
  ],
  "domain/timeline": [
    "domain",
    "domain/failure",
    "domain/limits"
  ],
  "domain/verify": [
    "domain",
    "domain/align",
    "domain/dataset",
    "domain/failure",
    "domain/network",
    "domain/png",
    "domain/run"
  ],
  "domain/waits": [
    "domain/dataset",
    "domain/failure",
    "domain/run",
    "domain/words"
  ],
  "domain/wasm": [],
  "domain/words": [
    "domain",
    "domain/dataset",
    "domain/failure",
    "domain/gate",
    "domain/quoting",
    "domain/run"
  ],
  "logger.ts": [
    "domain/quoting"
  ],
  "process": [],
  "runs": [
    "activities/exclusion",
    "activities/records",
    "activities/sources",
    "activities/store",
    "domain",
    "domain/dataset",
    "domain/exclusion",
    "domain/failure",
    "domain/limits",
    "domain/network",
    "domain/notices",
    "domain/quoting",
    "domain/run",
    "domain/words",
    "runs/foreign",
    "signing",
    "temporal",
    "workflows/contract"
  ],
  "runs/foreign": [
    "domain",
    "domain/exclusion",
    "domain/failure",
    "domain/limits",
    "domain/run",
    "domain/signing",
    "domain/words",
    "signing"
  ],
  "runs/purging": [
    "domain/exclusion",
    "domain/failure",
    "domain/quoting",
    "domain/run",
    "domain/words",
    "runs",
    "runs/foreign",
    "signing"
  ],
  "sample": [
    "activities/align/threads",
    "activities/png",
    "domain",
    "domain/align",
    "domain/dataset",
    "domain/raster",
    "sample/archive",
    "sample/face",
    "sample/folder",
    "sample/picture",
    "sample/random",
    "sample/record"
  ],
  "sample/archive": [
    "domain/raster",
    "domain/tfrecord"
  ],
  "sample/face": [
    "domain/align",
    "domain/raster",
    "sample/picture",
    "sample/random"
  ],
  "sample/folder": [
    "activities/store",
    "domain",
    "domain/dataset",
    "domain/raster",
    "sample/picture",
    "sample/record"
  ],
  "sample/picture": [
    "activities/png",
    "domain/dataset",
    "domain/raster",
    "sample/random"
  ],
  "sample/random": [],
  "sample/record": [
    "domain",
    "domain/dataset",
    "domain/raster",
    "sample/face",
    "sample/random"
  ],
  "server": [
    "config.ts",
    "domain/failure",
    "process",
    "server/cli",
    "server/ui",
    "temporal"
  ],
  "server/cli": [
    "activities/sources/http",
    "domain/failure",
    "domain/network",
    "process"
  ],
  "server/ui": [],
  "signing": [
    "activities/folders",
    "domain",
    "domain/failure",
    "domain/signing"
  ],
  "stand-in": [
    "domain/dataset",
    "domain/flow",
    "stand-in/sign-in"
  ],
  "stand-in/archives": [
    "stand-in"
  ],
  "stand-in/hub": [
    "stand-in"
  ],
  "stand-in/served": [
    "domain/run",
    "stand-in",
    "stand-in/hub"
  ],
  "stand-in/sign-in": [],
  "temporal": [
    "domain/failure",
    "domain/gate",
    "domain/limits",
    "domain/network",
    "domain/quoting",
    "domain/run",
    "domain/signing",
    "process",
    "signing",
    "workflows/contract"
  ],
  "terminal": [
    "domain",
    "domain/exclusion",
    "domain/failure",
    "domain/limits",
    "domain/quoting",
    "domain/run",
    "domain/words",
    "runs"
  ],
  "worker.ts": [
    "activities",
    "activities/align/threads",
    "activities/limits",
    "activities/png",
    "activities/records",
    "activities/sources",
    "activities/sources/gates",
    "activities/sources/http",
    "activities/store",
    "activities/timeline",
    "activities/verify",
    "config.ts",
    "domain",
    "domain/dataset",
    "domain/failure",
    "domain/network",
    "domain/quoting",
    "domain/run",
    "logger.ts",
    "signing",
    "temporal"
  ],
  "workflows": [
    "activities",
    "domain",
    "domain/chain",
    "domain/dataset",
    "domain/exclusion",
    "domain/failure",
    "domain/gate",
    "domain/notices",
    "domain/quoting",
    "domain/run",
    "domain/signing",
    "domain/waits",
    "domain/words",
    "workflows/contract",
    "workflows/limits",
    "workflows/window"
  ],
  "workflows/contract": [
    "domain",
    "domain/failure",
    "domain/gate",
    "domain/limits",
    "domain/run",
    "domain/waits"
  ],
  "workflows/interceptors": [
    "domain/gate",
    "domain/run",
    "domain/signing"
  ],
  "workflows/limits": [
    "domain/limits"
  ],
  "workflows/window": [
    "domain",
    "domain/dataset",
    "domain/quoting",
    "domain/run",
    "domain/waits",
    "domain/words"
  ]
};
