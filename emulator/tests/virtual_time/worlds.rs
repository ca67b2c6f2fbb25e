//! Worlds: isolation, scripted statuses, faults and the log, in virtual time.

use std::io::Read;

use crate::virtual_nyne::{Reply, Virtual};
use http::{Method, StatusCode};
use nyne_emulator::{Cut, Delivery, Ending, Request, Settings};
use serde_json::{Value, json};

/// A world in which every request meets a fault.
fn always(fault: Value) -> Virtual {
    faulty("any", fault)
}

fn faulty(on: &str, fault: Value) -> Virtual {
    Virtual::world(json!({ "latencyMs": 0, "faults": [{ "on": on, "from": 1, "to": null, "fault": fault }] }))
}

/// How a POST is answered, and whether it made a job.
fn post_meeting(fault: Value) -> (Reply, bool) {
    let mut world = faulty("POST", fault);
    let reply = world.post(json!({ "email": "ada@example.com" }));
    let made = world.log()["jobs"] == 1;
    (reply, made)
}

/// How a GET for Ada's completed job is answered.
fn get_meeting(fault: Value) -> Reply {
    let mut world = faulty("GET", fault);
    let id = world.submit_ada();
    world.get(&id)
}

#[test]
fn worlds_know_nothing_of_each_other() {
    let mut world = Virtual::world(json!({ "credits": 5, "perMinute": 2, "latencyMs": 0 }));
    let id = world.submit_ada();
    let first = world.base.clone();
    let made = world.send("POST", "/emulator/worlds", b"", &[]);
    world.base = made.json()["path"].as_str().unwrap().to_owned();
    assert_ne!(world.base, first);
    assert_eq!(world.get(&id).status, 404);
    assert_eq!(world.credits_left(), 1000);
    assert_eq!(world.log()["gets"], 1);
    world.base = String::new();
    assert_eq!(world.get(&id).status, 404);
    world.base = first;
    assert_eq!(world.poll(&id)["completed"], true);
    assert_eq!((world.credits_left(), world.log()["gets"].clone()), (4, json!(1)));
}

#[test]
fn a_removed_world_is_gone() {
    let mut world = Virtual::world(json!({}));
    let url = world.base.clone();
    assert_eq!(world.send("DELETE", &url, b"", &[]).status, 200);
    assert_eq!(world.send("GET", &url, b"", &[]).status, 404);
    assert_eq!(world.post(json!({ "email": "a" })).status, 404);
}

#[test]
fn a_world_that_makes_no_sense_is_refused_with_the_reason() {
    let mut emulator = Virtual::with(Settings::default());
    for (body, reason) in [
        (json!({ "latency": 5 }), "latency"),
        (json!({ "speed": 0 }), "speed"),
        (json!({ "failureShare": 2 }), "share"),
        (json!({ "latencyMs": "soon" }), "latencyMs"),
        (json!({ "latencyMs": -1 }), "negative"),
        (json!({ "credits": 1.5 }), "credits: "),
        (json!({ "people": { " ": "+1-202-555-0199" } }), "nobody"),
        (json!({ "people": { "ada@example.com": 5 } }), "people.ada@example.com: "),
        (json!({ "faults": [{ "on": "any", "fault": { "kind": "error", "code": "of_my_own" } }] }), "status"),
        (json!({ "faults": [{ "on": "PUT", "from": 1, "fault": { "kind": "empty" } }] }), "PUT"),
        (json!({ "faults": [{ "on": "any", "from": 1, "fault": { "kind": "explode" } }] }), "explode"),
        (json!({ "faults": [{ "on": "any", "from": 1, "fault": { "kind": "delay" } }] }), "faults[0].fault: "),
        (json!({ "faults": [{ "on": "any", "from": 1, "fault": { "kind": "empty", "code": 1 } }] }), "code"),
        (json!({ "faults": [{ "on": "any", "from": 1, "fault": { "kind": "empty", "status": 100 } }] }), "200"),
        (
            json!({ "faults": [{ "on": "any", "from": 1, "fault": { "kind": "redirect", "location": "\n" } }] }),
            "header",
        ),
    ] {
        let reply = emulator.send("POST", "/emulator/worlds", body.to_string().as_bytes(), &[]);
        assert_eq!((reply.status, reply.error_code().as_str()), (400, "invalid_world"), "{body}");
        assert!(reply.text().contains(reason), "{}", reply.text());
    }
}

#[test]
fn people_of_ones_own_are_found_by_any_identifier_before_those_of_the_directory() {
    let mut world = Virtual::world(json!({ "latencyMs": 0, "people": {
        "Grace@Example.com": "+1-202-555-0190",
        "https://www.linkedin.com/in/linus-sample": "+1-202-555-0191",
        "(202) 555-0177": "+1-202-555-0192",
        "Margaret Sample": "+1-202-555-0193",
        "ada@example.com": null,
    } }));
    let mut mobile = |query: Value| {
        let id = world.submit(query);
        world.poll(&id)["result"]["mobile"].clone()
    };
    for (query, expected) in [
        (json!({ "email": "grace@example.com " }), json!("+1-202-555-0190")),
        (json!({ "social_media_url": "linkedin.com/in/linus-sample/" }), json!("+1-202-555-0191")),
        (json!({ "phone": "+1 202 555 0177" }), json!("+1-202-555-0192")),
        (json!({ "name": "margaret  sample", "company": "Any" }), json!("+1-202-555-0193")),
        (json!({ "email": "who@example.com", "name": "Margaret Sample" }), json!("+1-202-555-0193")),
        (json!({ "email": "ada@example.com" }), Value::Null),
        (json!({ "name": "Ada Example" }), json!("+1-202-555-0100")),
        (json!({ "email": "who@example.com" }), Value::Null),
    ] {
        assert_eq!(mobile(query.clone()), expected, "{query}");
    }
    assert_eq!(world.credits_left(), 1000 - 6);
}

#[test]
fn faults_that_are_added_while_a_world_runs_befall_the_next_requests_one_after_the_other() {
    let mut world = Virtual::world(json!({ "latencyMs": 0 }));
    let id = world.submit_ada();
    assert_eq!(world.get(&id).status, 200);
    let mut add = |faults: Value| {
        let url = world.base.clone();
        world.send("PATCH", &url, json!({ "faults": faults }).to_string().as_bytes(), &[])
    };
    let error = |code: &str| json!({ "kind": "error", "code": code });
    assert_eq!(add(json!([{ "on": "GET", "times": 2, "fault": error("service_unavailable") }])).status, 200);
    assert_eq!(add(json!([{ "on": "any", "times": 1, "fault": error("rate_limit_exceeded") }])).status, 200);
    assert_eq!(add(json!([{ "on": "any", "times": 1, "fault": { "kind": "explode" } }])).error_code(), "invalid_world");
    assert_eq!(add(json!([])).status, 200);
    let submit = world.post(json!({ "email": "ada@example.com" }));
    let statuses = (0..3).map(|_| world.get(&id).status).collect::<Vec<_>>();
    assert_eq!((submit.status, statuses), (429, vec![503, 503, 200]));
}

#[test]
fn an_error_by_code_is_worded_as_the_service_words_it_and_has_the_status_that_the_code_stands_for() {
    let mut refused = Virtual::world(json!({ "credits": 0 }));
    let without_credits = refused.post(json!({ "email": "ada@example.com" }));
    let (fault, _) = post_meeting(json!({ "kind": "error", "code": "insufficient_credits" }));
    assert_eq!((fault.status, fault.json()), (402, without_credits.json()));
    for (code, status) in [
        ("invalid_request", 400),
        ("invalid_credentials", 401),
        ("subscription_required", 403),
        ("request_not_found", 404),
        ("rate_limit_exceeded", 429),
        ("internal_error", 500),
        ("service_unavailable", 503),
    ] {
        let (reply, _) = post_meeting(json!({ "kind": "error", "code": code }));
        assert_eq!((reply.status, reply.error_code().as_str()), (status, code));
    }
}

#[test]
fn scripted_statuses_are_told_poll_by_poll_and_then_the_job_is_done() {
    let mut world = Virtual::world(json!({ "statuses": ["queued", "processing", "weird"] }));
    let id = world.submit_ada();
    world.pass(3_000_000);
    let told: Vec<Value> = (0..5).map(|_| world.poll(&id)["status"].clone()).collect();
    assert_eq!(told, ["queued", "processing", "weird", "completed", "completed"]);
    assert_eq!(world.credits_left(), 999);
    let other = world.submit_ada();
    assert_eq!(world.poll(&other)["status"], "queued");
}

#[test]
fn an_empty_script_is_a_job_that_is_done_at_once() {
    let mut world = Virtual::world(json!({ "statuses": [] }));
    let id = world.submit(json!({ "email": "ada@example.com", "callback_url": "https://hooks.example.com" }));
    assert_eq!(world.emulator.due_callbacks(world.now).len(), 1);
    assert_eq!(world.poll(&id)["status"], "completed");
}

#[test]
fn a_lost_poll_takes_no_status_from_the_script() {
    let fault = json!({ "on": "GET", "from": 1, "to": 2, "fault": { "kind": "reset", "at": "body" } });
    let mut world = Virtual::world(json!({ "statuses": ["first"], "faults": [fault] }));
    let id = world.submit_ada();
    world.get(&id);
    world.get(&id);
    assert_eq!(world.poll(&id)["status"], "first");
}

#[test]
fn a_fault_befalls_the_requests_it_names() {
    let fault = |on, from, to: Value, status| json!({ "on": on, "from": from, "to": to, "fault": { "kind": "empty", "status": status } });
    let mut world = Virtual::world(json!({ "faults": [
        fault("POST", 2, json!(2), 500),
        fault("GET", 2, json!(3), 501),
        fault("any", 8, Value::Null, 502),
    ] }));
    let mut statuses = Vec::new();
    let id = world.submit_ada();
    for _ in 0..4 {
        statuses.push(world.get(&id).status);
    }
    for _ in 0..4 {
        statuses.push(world.post(json!({ "email": "a" })).status);
    }
    assert_eq!(statuses, [200, 501, 501, 200, 500, 202, 502, 502]);
}

#[test]
fn a_lost_answer_makes_a_job_only_where_asked() {
    for kind in [
        json!({ "kind": "status", "status": 500 }),
        json!({ "kind": "error", "status": 503, "code": "service_unavailable" }),
        json!({ "kind": "reset", "at": "start" }),
        json!({ "kind": "hang", "at": "body" }),
        json!({ "kind": "empty" }),
        json!({ "kind": "noContent" }),
        json!({ "kind": "html" }),
        json!({ "kind": "notFound" }),
        json!({ "kind": "redirect", "location": "/elsewhere" }),
        json!({ "kind": "echoSecrets" }),
    ] {
        let (_, made) = post_meeting(kind.clone());
        assert!(!made, "{kind}");
        let mut with_job = kind;
        with_job["thenJob"] = json!(true);
        let (_, made) = post_meeting(with_job.clone());
        assert!(made, "{with_job}");
    }
}

#[test]
fn an_altered_answer_has_made_its_job() {
    for kind in [
        json!({ "kind": "slowBody", "bytesPerSecond": 20 }),
        json!({ "kind": "delay", "ms": 500 }),
        json!({ "kind": "truncate" }),
        json!({ "kind": "controlCharacters" }),
        json!({ "kind": "replace", "path": "data" }),
        json!({ "kind": "bare" }),
        json!({ "kind": "oversized" }),
        json!({ "kind": "contentType", "value": "text/plain" }),
        json!({ "kind": "headers", "headers": { "Cache-Control": "max-age=3600" } }),
        json!({ "kind": "gzip" }),
        json!({ "kind": "jobStatus", "status": "weird" }),
        json!({ "kind": "jobFailed" }),
        json!({ "kind": "completedAtOnce" }),
        json!({ "kind": "noMatch", "form": "null" }),
    ] {
        let (_, made) = post_meeting(kind.clone());
        assert!(made, "{kind}");
    }
}

#[test]
fn status_answers_with_any_status_body_and_headers() {
    let (reply, _) =
        post_meeting(json!({ "kind": "status", "status": 599, "body": "so\u{1}so", "headers": { "X-Odd": "1" } }));
    assert_eq!((reply.status, reply.text().as_str()), (599, "so\u{1}so"));
    assert_eq!(reply.headers["x-odd"], "1");
    assert_eq!(reply.headers["content-type"], "application/json");
    let date = "Thu, 01 Jan 1970 00:00:00 GMT";
    let headers = json!({ "content-type": "text/plain", "date": date });
    let (reply, _) = post_meeting(json!({ "kind": "status", "status": 200, "body": { "a": 1 }, "headers": headers }));
    assert_eq!(reply.json(), json!({ "a": 1 }));
    assert_eq!(
        (&reply.headers["content-type"], &reply.headers["date"]),
        (&"text/plain".parse().unwrap(), &date.parse().unwrap())
    );
}

#[test]
fn error_answers_in_nynes_form() {
    let fault = json!({ "kind": "error", "status": 403, "code": "ip_not_allowed", "message": "Not from there.", "headers": { "retry-after": "7" } });
    let (reply, _) = post_meeting(fault);
    assert_eq!((reply.status, reply.error_code().as_str()), (403, "ip_not_allowed"));
    assert_eq!(reply.json()["error"]["message"], "Not from there.");
    assert_eq!(reply.headers["retry-after"], "7");
}

#[test]
fn cut_answers_are_cut_where_asked() {
    for (kind, then) in [("reset", Ending::Reset), ("hang", Ending::Silence)] {
        for (place, at) in [("start", Cut::Start), ("headers", Cut::Headers), ("body", Cut::Body)] {
            let (reply, _) = post_meeting(json!({ "kind": kind, "at": place }));
            assert_eq!(reply.delivery, Delivery::Cut { at, then });
            assert!(!reply.text().contains("request_id"));
        }
    }
}

#[test]
fn slow_answers_are_the_normal_ones() {
    let drip = get_meeting(json!({ "kind": "slowBody", "bytesPerSecond": 20 }));
    assert_eq!(drip.delivery, Delivery::Drip { bytes_per_second: 20.0 });
    let late = get_meeting(json!({ "kind": "delay", "ms": 500 }));
    assert_eq!(late.delivery, Delivery::Later { ms: 500 });
    for reply in [drip, late] {
        assert_eq!(reply.json()["data"]["status"], "completed");
    }
}

#[test]
fn bodies_may_be_absent_or_no_json() {
    let (empty, _) = post_meeting(json!({ "kind": "empty" }));
    assert_eq!((empty.status, empty.body.len()), (200, 0));
    let (none, _) = post_meeting(json!({ "kind": "noContent" }));
    assert_eq!((none.status, none.body.len()), (204, 0));
    let (html, _) = post_meeting(json!({ "kind": "html", "status": 504 }));
    assert_eq!(html.status, 504);
    assert!(html.headers["content-type"].to_str().unwrap().starts_with("text/html"));
    assert!(html.text().starts_with("<!DOCTYPE html>"));
    let cut = get_meeting(json!({ "kind": "truncate" }));
    assert!(cut.text().starts_with("{\"success\":true") && serde_json::from_slice::<Value>(&cut.body).is_err());
}

#[test]
fn control_characters_are_all_that_is_wrong_with_the_body() {
    let reply = get_meeting(json!({ "kind": "controlCharacters" }));
    assert!(serde_json::from_slice::<Value>(&reply.body).is_err());
    let cleaned: Vec<u8> = reply.body.iter().map(|byte| if *byte < 0x20 { b' ' } else { *byte }).collect();
    let body: Value = serde_json::from_slice(&cleaned).unwrap();
    assert_eq!(body["data"]["result"]["mobile"], "+1-202-555-0100");
}

#[test]
fn one_field_can_be_replaced_or_deleted() {
    let data = |fault| get_meeting(fault).json()["data"].clone();
    let replaced = data(json!({ "kind": "replace", "path": "data.request_id", "value": [7] }));
    assert_eq!((&replaced["request_id"], &replaced["status"]), (&json!([7]), &json!("completed")));
    let nulled = data(json!({ "kind": "replace", "path": "data.result.mobile", "value": null }));
    assert_eq!(nulled["result"], json!({ "mobile": null }));
    let deleted = data(json!({ "kind": "replace", "path": "data.result.mobile" }));
    assert_eq!(deleted["result"], json!({}));
    let made = data(json!({ "kind": "replace", "path": "data.a.b", "value": 1 }));
    assert_eq!(made["a"], json!({ "b": 1 }));
    let nothing = data(json!({ "kind": "replace", "path": "no.such.field" }));
    assert_eq!(nothing["status"], "completed");
}

#[test]
fn bare_is_the_inner_object() {
    assert_eq!(get_meeting(json!({ "kind": "bare" })).json()["status"], "completed");
    let mut world = always(json!({ "kind": "bare" }));
    assert_eq!(world.get("unknown").json()["code"], "request_not_found");
}

#[test]
fn oversized_is_valid_json_of_that_size() {
    let reply = get_meeting(json!({ "kind": "oversized", "bytes": 100_000 }));
    assert_eq!((reply.body.len(), reply.delivery), (100_000, Delivery::Whole));
    assert_eq!(reply.json()["data"]["status"], "completed");
    let reply = get_meeting(json!({ "kind": "oversized", "chunked": true }));
    assert_eq!((reply.body.len(), reply.delivery), (2_097_152, Delivery::Chunked));
}

#[test]
fn content_type_and_encoding_can_be_odd() {
    let reply = get_meeting(json!({ "kind": "contentType", "value": "text/plain" }));
    assert_eq!(reply.headers["content-type"], "text/plain");
    let unzipped = |fault| {
        let reply = get_meeting(fault);
        assert_eq!(reply.headers["content-encoding"], "gzip");
        let mut text = String::new();
        flate2::read::GzDecoder::new(&reply.body[..]).read_to_string(&mut text).unwrap();
        (reply.body.len(), text)
    };
    assert!(unzipped(json!({ "kind": "gzip" })).1.contains("\"completed\""));
    let (compressed, text) = unzipped(json!({ "kind": "gzip", "bytes": 100_000 }));
    assert!(compressed < 1000);
    assert_eq!(text.len(), 100_000);
}

#[test]
fn caches_may_answer_later_polls_only_if_asked() {
    const ALLOW_CACHING: [&str; 4] = ["cache-control", "expires", "last-modified", "etag"];
    let mut world = Virtual::world(json!({ "latencyMs": 0 }));
    let id = world.submit_ada();
    let ordinary = world.get(&id);
    assert!(ALLOW_CACHING.iter().all(|name| !ordinary.headers.contains_key(*name)));

    let cacheable = get_meeting(json!({ "kind": "headers", "headers": { "Cache-Control": "max-age=3600" } }));
    assert_eq!(cacheable.headers["cache-control"], "max-age=3600");
    assert_eq!(cacheable.json()["data"]["status"], "completed");
}

#[test]
fn a_job_can_say_anything_without_ending() {
    let fault = json!({ "on": "GET", "from": 1, "to": 1, "fault": { "kind": "jobStatus", "status": "reticulating" } });
    let mut world = Virtual::world(json!({ "latencyMs": 0, "faults": [fault] }));
    let id = world.submit_ada();
    assert_eq!(world.poll(&id), json!({ "request_id": id, "status": "reticulating", "completed": false }));
    assert_eq!(world.poll(&id)["status"], "completed");
}

#[test]
fn a_job_that_is_made_to_fail_has_failed_for_good() {
    for (error, said) in [
        (None, json!("The lookup could not be completed.")),
        (Some(json!("no luck")), json!("no luck")),
        (Some(Value::Null), Value::Null),
    ] {
        let mut fault = json!({ "kind": "jobFailed" });
        if let Some(error) = error {
            fault["error"] = error;
        }
        let fault = json!({ "on": "GET", "from": 2, "to": 2, "fault": fault });
        let mut world = Virtual::world(json!({ "latencyMs": 1000, "faults": [fault] }));
        let id = world.submit_ada();
        assert_eq!(world.poll(&id)["status"], "queued");
        for _ in 0..2 {
            let data = world.poll(&id);
            assert_eq!((&data["status"], &data["error"]), (&json!("failed"), &said));
            world.pass(5_000);
        }
        assert_eq!(world.credits_left(), 1000);
    }
}

#[test]
fn failure_and_no_match_are_told_even_of_a_job_that_is_done() {
    assert_eq!(get_meeting(json!({ "kind": "jobFailed" })).json()["data"]["status"], "failed");
    let data = get_meeting(json!({ "kind": "noMatch", "form": "null" })).json()["data"].clone();
    assert_eq!((&data["status"], &data["result"]), (&json!("completed"), &json!({ "mobile": null })));
}

#[test]
fn a_submit_can_be_completed_at_once() {
    let (reply, _) = post_meeting(json!({ "kind": "completedAtOnce" }));
    let data = reply.json()["data"].clone();
    assert_eq!((reply.status, &data["status"], &data["completed"]), (200, &json!("completed"), &json!(true)));
    assert_eq!(data["result"]["mobile"], "+1-202-555-0100");
}

#[test]
fn a_job_that_is_completed_again_and_again_is_charged_once() {
    let mut world = always(json!({ "kind": "completedAtOnce" }));
    let reply = world.post(json!({ "email": "ada@example.com", "callback_url": "https://hooks.example.com/" }));
    let id = reply.json()["data"]["request_id"].as_str().unwrap().to_owned();
    for _ in 0..3 {
        assert_eq!(world.poll(&id)["status"], "completed");
    }
    assert_eq!(world.credits_left(), 999);
    assert_eq!(world.emulator.due_callbacks(world.now).len(), 1);
}

#[test]
fn no_match_has_three_forms_and_costs_nothing() {
    for (form, result) in
        [("missing", json!({})), ("null", json!({ "mobile": null })), ("empty", json!({ "mobile": "" }))]
    {
        let fault = json!({ "kind": "noMatch", "form": form });
        let fault = json!({ "on": "GET", "from": 1, "to": 1, "fault": fault });
        let mut world = Virtual::world(json!({ "latencyMs": 9_000, "faults": [fault] }));
        let id = world.submit_ada();
        let data = world.poll(&id);
        assert_eq!((&data["status"], &data["result"]), (&json!("completed"), &result));
        world.pass(9_000);
        assert_eq!(world.credits_left(), 1000);
    }
}

#[test]
fn a_known_job_can_be_not_found_for_a_while() {
    let fault = json!({ "on": "GET", "from": 1, "to": 1, "fault": { "kind": "notFound" } });
    let mut world = Virtual::world(json!({ "latencyMs": 0, "faults": [fault] }));
    let id = world.submit_ada();
    let reply = world.get(&id);
    assert_eq!((reply.status, reply.error_code().as_str()), (404, "request_not_found"));
    assert_eq!(world.poll(&id)["status"], "completed");
}

#[test]
fn redirects_name_their_target() {
    let (reply, _) = post_meeting(json!({ "kind": "redirect", "status": 307, "location": "http://127.0.0.1:9/x" }));
    assert_eq!((reply.status, &reply.headers["location"]), (307, &"http://127.0.0.1:9/x".parse().unwrap()));
}

#[test]
fn a_server_can_echo_the_keys() {
    let (reply, _) = post_meeting(json!({ "kind": "echoSecrets", "status": 400 }));
    assert_eq!(reply.status, 400);
    assert!(reply.text().contains("nyne_live_emulator") && reply.text().contains("nyne_sec_emulator"));
    assert_eq!(reply.headers["x-received-key"], "nyne_live_emulator");
    assert_eq!(reply.headers["x-received-secret"], "nyne_sec_emulator");
}

#[test]
fn the_log_tells_what_came_and_what_it_met() {
    let fault = json!({ "on": "GET", "from": 1, "to": 1, "fault": { "kind": "reset", "at": "start" } });
    let mut world = Virtual::world(json!({ "faults": [fault] }));
    world.pass(250);
    world.submit_ada();
    world.pass(250);
    world.get("a b".replace(' ', "%20").as_str());
    let log = world.log();
    assert_eq!((&log["posts"], &log["gets"], &log["jobs"]), (&json!(1), &json!(1), &json!(1)));
    let [post, get] = &log["requests"].as_array().unwrap()[..] else { panic!("{log}") };
    assert_eq!((&post["method"], &post["atMs"], &post["fault"]), (&json!("POST"), &json!(250), &Value::Null));
    assert_eq!(post["url"], format!("{}/person/phone", world.base));
    assert_eq!(post["body"], r#"{"email":"ada@example.com"}"#);
    assert_eq!(post["headers"]["x-api-key"], "nyne_live_emulator");
    assert_eq!((&get["atMs"], &get["fault"], &get["answered"]), (&json!(500), &json!("reset"), &Value::Null));
    assert_eq!(get["url"], format!("{}/person/phone?request_id=a%20b", world.base));
    assert_eq!(get["closedEarly"], false);
}

#[test]
fn the_log_is_told_how_the_delivery_went() {
    let mut world = Virtual::world(json!({}));
    let mut request = Request::new(Vec::new());
    *request.uri_mut() = format!("{}/person/phone", world.base).parse().unwrap();
    let ticket = world.emulator.answer(&request, world.now).ticket.unwrap();
    assert_eq!(world.log()["requests"][0]["answered"], Value::Null);
    world.emulator.answered(ticket, StatusCode::UNAUTHORIZED);
    world.emulator.closed_early(ticket);
    let entry = world.log()["requests"][0].clone();
    assert_eq!((&entry["answered"], &entry["closedEarly"]), (&json!(401), &json!(true)));
}

#[test]
fn tried_callbacks_are_logged() {
    let mut world = Virtual::world(json!({ "latencyMs": 0 }));
    world.submit(json!({ "email": "ada@example.com", "callback_url": "https://hooks.example.com/" }));
    let callback = world.emulator.due_callbacks(world.now).remove(0);
    world.emulator.callback_tried(&callback, None);
    world.emulator.callback_tried(&callback, Some(200));
    let tries = world.log()["callbacks"].clone();
    assert_eq!((&tries[0]["status"], &tries[1]["status"]), (&Value::Null, &json!(200)));
    assert_eq!((&tries[1]["url"], &tries[1]["body"]), (&json!("https://hooks.example.com/"), &json!(callback.payload)));
}

#[test]
fn the_log_keeps_the_latest_requests_and_counts_all() {
    let mut world = Virtual::world(json!({}));
    for _ in 0..10_003 {
        world.get("x");
    }
    let log = world.log();
    assert_eq!((&log["gets"], log["requests"].as_array().unwrap().len()), (&json!(10_003), 10_000));
}

#[test]
fn a_sink_takes_whatever_it_is_sent() {
    let mut emulator = Virtual::with(Settings::default());
    assert_eq!(emulator.send("POST", "/emulator/sink/hooks", b"{\"a\":1}", &[("x-odd", "1")]).status, 200);
    assert_eq!(emulator.send("GET", "/emulator/sink/hooks/person/phone?a=b", b"", &[]).status, 200);
    let listed = emulator.send("GET", "/emulator/sink/hooks", b"", &[]).json();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert_eq!((&listed[0]["method"], &listed[0]["body"]), (&json!("POST"), &json!("{\"a\":1}")));
    assert_eq!(listed[0]["headers"]["x-odd"], "1");
    assert_eq!(listed[1]["url"], "/emulator/sink/hooks/person/phone?a=b");
    assert_eq!(emulator.send("GET", "/emulator/sink/other", b"", &[]).json(), json!([]));
}

#[test]
fn pages_can_reach_worlds_and_controls() {
    let asked = [("access-control-request-method", "POST"), ("access-control-request-headers", "x-api-key")];
    let mut emulator = Virtual::world(json!({}));
    let phone = format!("{}/person/phone", emulator.base);
    for url in [phone.as_str(), "/emulator/worlds", "/emulator/sink/a", "/emulator/people"] {
        let preflight = emulator.send("OPTIONS", url, b"", &asked);
        assert_eq!((preflight.status, &preflight.headers["access-control-allow-origin"]), (204, &"*".parse().unwrap()));
        let reply = emulator.send("GET", url, b"", &[]);
        assert_eq!(reply.headers["access-control-allow-origin"], "*");
    }
    let mut closed = Virtual::world(json!({ "cors": false }));
    let phone = format!("{}/person/phone", closed.base);
    let reply = closed.send("GET", &phone, b"", &[]);
    assert!(!reply.headers.contains_key("access-control-allow-origin"));
}

#[test]
fn the_people_are_listed() {
    let people = Virtual::with(Settings::default()).send("GET", "/emulator/people", b"", &[]).json();
    assert!(people.as_array().unwrap().len() > 200);
    assert_eq!(people[0]["email"], "ada@example.com");
    assert_eq!(people[0]["socialMediaUrl"], "https://www.linkedin.com/in/ada-example");
}

#[test]
fn no_input_breaks_the_emulator() {
    let mut rng = fastrand::Rng::with_seed(11);
    let mut world = Virtual::world(json!({ "perMinute": 1_000_000, "perHour": 1_000_000 }));
    let paths = [
        "/",
        "//",
        "/emulator",
        "/emulator/",
        "/emulator/worlds",
        "/emulator/worlds/",
        "/emulator/worlds/w",
        "/emulator/worlds/w1",
        "/emulator/worlds/w1/",
        "/emulator/worlds/w99999999999999999999/person/phone",
        "/emulator/worlds/w1/person/phone",
        "/emulator/sink",
        "/emulator/sink/",
        "/emulator/people/x",
        "/person/phone",
        "*",
    ];
    let bodies: [&[u8]; 8] = [
        b"",
        b"{",
        b"null",
        b"\xff\xfe",
        b"{\"faults\":[{}]}",
        b"{\"email\":\"\\ud800\"}",
        b"{\"latencyMs\":1e308,\"speed\":1e-300}",
        b"{\"name\":\"\xf0\x9f\x98\x80\"}",
    ];
    let methods =
        [Method::GET, Method::POST, Method::DELETE, Method::OPTIONS, Method::PUT, Method::HEAD, Method::CONNECT];
    for _ in 0..20_000 {
        let mut body = bodies[rng.usize(..bodies.len())].to_vec();
        if !body.is_empty() && rng.bool() {
            let place = rng.usize(..body.len());
            body[place] = rng.u8(..);
        }
        let mut url = paths[rng.usize(..paths.len())].to_owned();
        if rng.bool() && url != "*" {
            url.push_str("?request_id=%ff%0");
        }
        let method = methods[rng.usize(..methods.len())].as_str();
        let keys = [("x-api-key", "nyne_live_emulator"), ("x-api-secret", "nyne_sec_emulator")];
        let reply = world.send(method, &url, &body, &keys);
        assert!((200..500).contains(&reply.status));
        world.pass(rng.u64(..1_000_000));
        world.emulator.due_callbacks(world.now);
    }
    world.now = u64::MAX;
    world.emulator.due_callbacks(world.now);
    world.get("x");
}
