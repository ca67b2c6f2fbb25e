//! The fuzz targets and their rules are in `tests/simulation/`, whose tests replay the corpora on every toolchain.

#[path = "../../tests/simulation/chance.rs"]
pub mod chance;
#[path = "../../tests/simulation/http.rs"]
pub mod http;
#[path = "../../tests/simulation/plan.rs"]
pub mod plan;
#[path = "../../tests/simulation/rules.rs"]
pub mod rules;
#[path = "../../tests/simulation/storm.rs"]
pub mod storm;
#[path = "../../tests/simulation/targets.rs"]
pub mod targets;
