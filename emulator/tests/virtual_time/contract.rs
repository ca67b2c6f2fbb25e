//! What Nyne's contract promises, in virtual time.

use crate::virtual_nyne::Virtual;
use nyne_emulator::Settings;
use serde_json::{Value, json};

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;

#[test]
fn a_submit_is_queued_under_an_id_of_the_documented_form() {
    let mut nyne = Virtual::with(Settings::default());
    let reply = nyne.post(json!({ "email": "ada@example.com" }));
    assert_eq!(reply.status, 202);
    assert_eq!(reply.headers["content-type"], "application/json");
    assert_eq!(reply.headers["date"], "Thu, 28 May 2026 20:26:40 GMT");
    let body = reply.json();
    assert_eq!(body["success"], true);
    assert_eq!(body["timestamp"], "2026-05-28T20:26:40");
    assert_eq!(body["data"]["status"], "queued");
    let id: Vec<&str> = body["data"]["request_id"].as_str().unwrap().split('_').collect();
    let [hex, seconds, number] = id[..] else { panic!("{id:?}") };
    assert!(hex.len() == 32 && hex.chars().all(|digit| "0123456789abcdef".contains(digit)), "{hex}");
    assert_eq!(seconds, "1780000000");
    assert!(number.parse::<u32>().is_ok());
}

#[test]
fn a_job_runs_through_its_statuses_and_ends_with_the_number() {
    let mut nyne = Virtual::world(json!({ "latencyMs": 40_000 }));
    let id = nyne.submit_ada();
    let mut seen = Vec::new();
    for _ in 0..39 {
        let data = nyne.poll(&id);
        assert_eq!(data["completed"], false);
        assert!(data.get("result").is_none());
        seen.push(data["status"].as_str().unwrap().to_owned());
        nyne.pass(1_000);
    }
    seen.dedup();
    assert!(seen == ["queued", "processing"] || seen == ["queued", "processing", "pending"], "{seen:?}");
    nyne.pass(1_000);
    let done = nyne.poll(&id);
    assert_eq!(
        done,
        json!({
            "request_id": id,
            "status": "completed",
            "completed": true,
            "result": { "mobile": "+1-202-555-0100" },
            "completed_on": "2026-05-28T20:27:20Z",
        })
    );
    nyne.pass(MINUTE);
    assert_eq!(nyne.poll(&id), done);
}

#[test]
fn some_jobs_say_pending_and_some_do_not() {
    let mut nyne = Virtual::world(json!({ "latencyMs": 10_000, "seed": 5 }));
    let ids: Vec<String> = (0..40).map(|_| nyne.submit_ada()).collect();
    nyne.pass(9_000);
    let pending = ids.iter().filter(|id| nyne.poll(id)["status"] == "pending").count();
    assert!((1..40).contains(&pending), "{pending}");
}

#[test]
fn only_a_found_number_is_charged_once_and_at_completion() {
    let mut nyne = Virtual::world(json!({ "latencyMs": 30_000, "credits": 10 }));
    let ada = nyne.submit_ada();
    let nobody = nyne.submit(json!({ "email": "nobody@example.com" }));
    let without = nyne.submit(json!({ "email": "nomobile@example.com" }));
    nyne.pass(29_999);
    assert_eq!(nyne.credits_left(), 10);
    nyne.pass(1);
    assert_eq!(nyne.credits_left(), 9);
    for _ in 0..5 {
        assert_eq!(nyne.poll(&ada)["result"]["mobile"], "+1-202-555-0100");
        for id in [&nobody, &without] {
            let data = nyne.poll(id);
            assert_eq!((&data["status"], &data["result"]["mobile"]), (&json!("completed"), &Value::Null));
        }
    }
    assert_eq!(nyne.credits_left(), 9);
    assert_eq!(nyne.log()["jobs"], 3);
}

#[test]
fn without_credits_a_submit_is_refused_and_a_poll_is_not() {
    let mut nyne = Virtual::world(json!({ "latencyMs": 1_000, "credits": 1 }));
    let id = nyne.submit_ada();
    nyne.pass(1_000);
    let refused = nyne.post(json!({ "email": "ada@example.com" }));
    assert_eq!((refused.status, refused.error_code().as_str()), (402, "insufficient_credits"));
    assert_eq!(nyne.poll(&id)["status"], "completed");
    assert_eq!((nyne.log()["jobs"].clone(), nyne.credits_left()), (json!(1), 0));
}

#[test]
fn a_failed_job_says_why_and_costs_nothing() {
    let mut nyne = Virtual::world(json!({ "latencyMs": 1_000, "failureShare": 1, "credits": 3 }));
    let id = nyne.submit_ada();
    nyne.pass(1_000);
    let data = nyne.poll(&id);
    assert_eq!(data["status"], "failed");
    assert!(data["error"].as_str().is_some_and(|error| !error.is_empty()));
    assert!(data.get("result").is_none());
    assert_eq!(nyne.credits_left(), 3);
}

#[test]
fn about_the_set_share_of_jobs_fails() {
    let mut nyne = Virtual::world(
        json!({ "latencyMs": 0, "failureShare": 0.25, "perMinute": 10_000, "perHour": 10_000, "seed": 3 }),
    );
    let failed = (0..400)
        .filter(|_| {
            let id = nyne.submit_ada();
            nyne.poll(&id)["status"] == "failed"
        })
        .count();
    assert!((70..130).contains(&failed), "{failed}");
}

#[test]
fn each_missing_or_wrong_credential_has_its_code() {
    let mut nyne = Virtual::with(Settings::default());
    let key = ("x-api-key", "nyne_live_emulator");
    let secret = ("x-api-secret", "nyne_sec_emulator");
    for (headers, code) in [
        (vec![], "missing_api_key"),
        (vec![secret], "missing_api_key"),
        (vec![("x-api-key", "other"), secret], "invalid_api_key"),
        (vec![key], "missing_api_secret"),
        (vec![key, ("x-api-secret", "other")], "invalid_api_secret"),
    ] {
        for method in ["POST", "GET"] {
            let reply = nyne.send(method, "/person/phone?request_id=x", b"{}", &headers);
            assert_eq!((reply.status, reply.error_code().as_str()), (401, code));
        }
    }
}

#[test]
fn a_submit_that_is_no_query_is_refused_and_makes_no_job() {
    let mut nyne = Virtual::world(json!({ "callbackHosts": ["hooks.example.com"] }));
    for (body, code) in [
        ("", "malformed_json"),
        ("{\"email\":", "malformed_json"),
        ("\u{1}", "malformed_json"),
        ("[]", "invalid_field"),
        ("{}", "missing_parameters"),
        (r#"{"company":"Example Corp"}"#, "missing_parameters"),
        (r#"{"email":"","name":"  "}"#, "missing_parameters"),
        (r#"{"callback_url":"https://hooks.example.com/"}"#, "missing_parameters"),
        (r#"{"email":7}"#, "invalid_field"),
        (r#"{"email":null}"#, "invalid_field"),
        (r#"{"email":"ada@example.com","socialMediaUrl":"x"}"#, "invalid_field"),
        (r#"{"email":"a","callback_url":"hooks.example.com"}"#, "invalid_field"),
        (r#"{"email":"a","callback_url":"ftp://hooks.example.com/"}"#, "invalid_field"),
        (r#"{"email":"a","callback_url":"https://evil.example/hooks.example.com"}"#, "invalid_field"),
    ] {
        let reply = nyne.post_text(body);
        assert_eq!((reply.status, reply.error_code().as_str()), (400, code), "{body}");
    }
    assert_eq!(nyne.log()["jobs"], 0);
    nyne.submit(json!({ "email": "a", "callback_url": "https://HOOKS.example.com/nyne?a=1" }));
}

#[test]
fn each_identifier_alone_is_enough() {
    let mut nyne = Virtual::world(json!({ "latencyMs": 0 }));
    for query in [
        json!({ "email": "ADA@example.com" }),
        json!({ "phone": "+1 202 555 0101" }),
        json!({ "social_media_url": "linkedin.com/in/ada-example/" }),
        json!({ "name": "ada example" }),
        json!({ "name": "Ada Example", "company": "example corp" }),
    ] {
        let id = nyne.submit(query.clone());
        assert_eq!(nyne.poll(&id)["result"]["mobile"], "+1-202-555-0100", "{query}");
    }
}

#[test]
fn an_unknown_and_an_expired_request_are_not_found() {
    let mut nyne = Virtual::world(json!({ "latencyMs": 30_000, "expireAfterMs": HOUR }));
    let unknown = nyne.get("00000000000000000000000000000000_1780000000_1234");
    assert_eq!((unknown.status, unknown.error_code().as_str()), (404, "request_not_found"));
    let id = nyne.submit_ada();
    nyne.pass(30_000 + HOUR - 1);
    assert_eq!(nyne.poll(&id)["status"], "completed");
    nyne.pass(1);
    let expired = nyne.get(&id);
    assert_eq!((expired.status, expired.error_code().as_str()), (404, "request_not_found"));
}

#[test]
fn a_poll_names_its_request() {
    let mut nyne = Virtual::world(json!({}));
    for url in ["/person/phone", "/person/phone?", "/person/phone?request_id=", "/person/phone?id=7"] {
        let url = format!("{}{url}", nyne.base);
        let keys = [("x-api-key", "nyne_live_emulator"), ("x-api-secret", "nyne_sec_emulator")];
        let reply = nyne.send("GET", &url, b"", &keys);
        assert_eq!((reply.status, reply.error_code().as_str()), (400, "missing_parameters"));
    }
}

#[test]
fn a_percent_encoded_request_id_is_the_same_request() {
    let mut nyne = Virtual::world(json!({}));
    let id = nyne.submit_ada();
    assert_eq!(nyne.poll(&id.replace('_', "%5F"))["request_id"], id.as_str());
}

#[test]
fn posts_and_gets_share_the_limits_and_refusals_say_when_to_come_back() {
    let mut nyne = Virtual::world(json!({ "perMinute": 3 }));
    let id = nyne.submit_ada();
    nyne.poll(&id);
    assert_eq!(nyne.get(&id).headers["x-ratelimit-remaining"], "0");
    nyne.pass(15_500);
    for reply in [nyne.get(&id), nyne.post(json!({ "email": "ada@example.com" }))] {
        assert_eq!((reply.status, reply.error_code().as_str()), (429, "rate_limit_exceeded"));
        assert_eq!(reply.headers["retry-after"], "45");
        assert_eq!(reply.headers["ratelimit-reset"], "45");
        assert_eq!(reply.headers["x-ratelimit-reset"], "1780000060");
        assert_eq!(reply.headers["x-ratelimit-limit"], "3");
    }
    nyne.pass(44_500);
    assert_eq!(nyne.get(&id).status, 200);
    assert_eq!(nyne.log()["jobs"], 1);
}

#[test]
fn speed_divides_latency_limits_and_expiry() {
    let mut nyne = Virtual::world(json!({ "speed": 10, "latencyMs": 30_000, "perMinute": 4, "expireAfterMs": 60_000 }));
    let id = nyne.submit_ada();
    nyne.pass(2_999);
    assert_eq!(nyne.poll(&id)["completed"], false);
    nyne.pass(1);
    assert_eq!(nyne.poll(&id)["completed"], true);
    nyne.poll(&id);
    assert_eq!(nyne.get(&id).status, 429);
    nyne.pass(5_999);
    assert_eq!(nyne.get(&id).status, 200);
    nyne.pass(1);
    assert_eq!(nyne.get(&id).status, 404);
}

#[test]
fn a_finished_job_is_announced_once_with_what_a_poll_says() {
    let mut nyne = Virtual::world(json!({ "latencyMs": 30_000, "speed": 2 }));
    let id = nyne.submit(json!({ "email": "ada@example.com", "callback_url": "https://hooks.example.com/a" }));
    nyne.submit_ada();
    assert_eq!(nyne.emulator.next_end(), Some(nyne.now + 15_000));
    nyne.pass(14_999);
    assert!(nyne.emulator.due_callbacks(nyne.now).is_empty());
    nyne.pass(1);
    let due = nyne.emulator.due_callbacks(nyne.now);
    let [callback] = &due[..] else { panic!("{due:?}") };
    assert_eq!(callback.url, "https://hooks.example.com/a");
    assert_eq!(callback.retries, [500, 2_500]);
    let payload: Value = serde_json::from_str(&callback.payload).unwrap();
    assert_eq!(payload["data"], nyne.poll(&id));
    assert!(nyne.emulator.due_callbacks(nyne.now + HOUR).is_empty());
}

#[test]
fn a_failed_job_is_announced_too() {
    let mut nyne = Virtual::world(json!({ "latencyMs": 0, "failureShare": 1 }));
    nyne.submit(json!({ "email": "ada@example.com", "callback_url": "http://127.0.0.1:9/" }));
    let due = nyne.emulator.due_callbacks(nyne.now);
    let payload: Value = serde_json::from_str(&due[0].payload).unwrap();
    assert_eq!(payload["data"]["status"], "failed");
}

#[test]
fn the_same_seed_gives_the_same_answers() {
    let run = || {
        let mut nyne = Virtual::world(json!({ "seed": 42 }));
        let id = nyne.submit_ada();
        let end = nyne.emulator.next_end();
        (id, end)
    };
    assert_eq!(run(), run());
}

#[test]
fn other_paths_and_methods_are_refused() {
    let mut nyne = Virtual::with(Settings::default());
    let keys = [("x-api-key", "nyne_live_emulator"), ("x-api-secret", "nyne_sec_emulator")];
    assert_eq!(nyne.send("GET", "/", b"", &keys).status, 404);
    assert_eq!(nyne.send("GET", "/person/phone/", b"", &keys).status, 404);
    assert_eq!(nyne.send("PUT", "/person/phone", b"", &keys).status, 405);
}

#[test]
fn pages_may_call_only_where_it_is_set() {
    let asked = [("access-control-request-method", "POST"), ("access-control-request-headers", "x-api-key")];
    let mut closed = Virtual::with(Settings { cors: false, ..Settings::default() });
    let refused = closed.send("OPTIONS", "/person/phone", b"", &asked);
    assert!(refused.status >= 400 && !refused.headers.contains_key("access-control-allow-origin"));

    let mut open = Virtual::with(Settings { cors: true, ..Settings::default() });
    let preflight = open.send("OPTIONS", "/person/phone", b"", &asked);
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.headers["access-control-allow-origin"], "*");
    assert_eq!(preflight.headers["access-control-allow-headers"], "x-api-key");
    let reply = open.post(json!({ "email": "ada@example.com" }));
    assert_eq!(reply.headers["access-control-allow-origin"], "*");
    assert!(!reply.headers.contains_key("access-control-expose-headers"));

    let mut exposing = Virtual::with(Settings { expose_headers: true, ..Settings::default() });
    let reply = exposing.post(json!({ "email": "ada@example.com" }));
    assert!(reply.headers["access-control-expose-headers"].to_str().unwrap().contains("Retry-After"));
}
