//! What `navigator` says of the host.

use super::error::member;

/// Returns true if a browser says that it has no network.
pub fn is_offline() -> bool {
    member(&js_sys::global(), "navigator")
        .and_then(|navigator| member(&navigator, "onLine"))
        .is_some_and(|on_line| on_line == false)
}

/// Returns true in a Cloudflare Worker.
pub fn is_worker() -> bool {
    thread_local! {
        static IS_WORKER: bool = member(&js_sys::global(), "navigator")
            .and_then(|navigator| member(&navigator, "userAgent"))
            .is_some_and(|user_agent| user_agent == "Cloudflare-Workers");
    }
    IS_WORKER.with(|is_worker| *is_worker)
}
