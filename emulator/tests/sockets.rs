//! The server as a client's socket sees it.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Long enough for anything to happen here, so that what has not happened by then never will.
const PATIENCE: Duration = Duration::from_secs(20);

/// Long enough to see that nothing more is sent.
const SILENCE: Duration = Duration::from_millis(150);

struct Server {
    process: Child,
    address: SocketAddr,
}

impl Server {
    fn start(flags: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_nyne-emulator"))
            .args(["--port", "0"])
            .args(flags)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("nyne-emulator listening on http://").unwrap().parse().unwrap();
        Self { process, address }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A world, and the address of the server it lives in.
struct World {
    address: SocketAddr,
    path: String,
}

impl World {
    fn new(server: &Server, settings: Value) -> Self {
        let made = exchange(server.address, &request("POST", "/emulator/worlds", &settings.to_string()));
        let path = made.json()["path"].as_str().unwrap().to_owned();
        Self { address: server.address, path }
    }

    fn always(server: &Server, fault: Value) -> Self {
        Self::new(server, json!({ "faults": [{ "on": "any", "from": 1, "to": null, "fault": fault }] }))
    }

    fn submit(&self) -> Conversation {
        Conversation::open(self.address, &self.submission(json!({ "email": "ada@example.com" })))
    }

    fn submission(&self, query: Value) -> String {
        request("POST", &format!("{}/person/phone", self.path), &query.to_string())
    }

    fn log(&self) -> Value {
        exchange(self.address, &request("GET", &self.path, "")).json()
    }

    /// The log, as soon as it is as wanted.
    fn log_once(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        let start = Instant::now();
        loop {
            let log = self.log();
            if wanted(&log) {
                return log;
            }
            assert!(start.elapsed() < PATIENCE, "never as wanted: {log}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn last_request(&self) -> Value {
        self.log()["requests"].as_array().unwrap().last().unwrap().clone()
    }
}

/// An HTTP/1.1 request on a connection of its own.
struct Conversation {
    stream: TcpStream,
}

/// How reading ended.
#[derive(Debug, PartialEq)]
enum End {
    Closed,
    Reset,
    Silent,
}

impl Conversation {
    fn open(address: SocketAddr, request: &str) -> Self {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        Self { stream }
    }

    /// Reads until the server closes or resets, or nothing has come for so long.
    fn read(&mut self, patience: Duration) -> (Vec<u8>, End) {
        self.stream.set_read_timeout(Some(patience)).unwrap();
        let mut bytes = Vec::new();
        let mut buffer = [0; 65_536];
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => return (bytes, End::Closed),
                Ok(read) => bytes.extend(&buffer[..read]),
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return (bytes, End::Reset),
                Err(error) if [ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&error.kind()) => {
                    return (bytes, End::Silent);
                }
                Err(error) => panic!("{error}"),
            }
        }
    }

    fn reply(&mut self) -> Reply {
        let (bytes, end) = self.read(PATIENCE);
        assert_eq!(end, End::Closed);
        Reply::from(bytes)
    }
}

struct Reply {
    head: String,
    body: Vec<u8>,
}

impl From<Vec<u8>> for Reply {
    fn from(bytes: Vec<u8>) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        Self { head, body: bytes[end + 4..].to_vec() }
    }
}

impl Reply {
    fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

fn request(method: &str, path: &str, body: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nHost: emulator\r\nConnection: close\r\nX-API-Key: nyne_live_emulator\r\n\
         X-API-Secret: nyne_sec_emulator\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn exchange(address: SocketAddr, request: &str) -> Reply {
    Conversation::open(address, request).reply()
}

fn server() -> Server {
    Server::start(&[])
}

#[test]
fn a_number_is_found_through_the_main_service() {
    let server = Server::start(&["--latency", "fixed:30s", "--speed", "1000", "--api-key", "k", "--api-secret", "s"]);
    let with_keys = |request: String| request.replace("nyne_live_emulator", "k").replace("nyne_sec_emulator", "s");
    let submission = with_keys(request("POST", "/person/phone", r#"{"email":"ada@example.com"}"#));
    let submitted = exchange(server.address, &submission);
    assert_eq!(submitted.status(), 202);
    assert!(submitted.header("date").is_some_and(|date| date.ends_with("gmt")));
    let id = submitted.json()["data"]["request_id"].as_str().unwrap().to_owned();
    let poll = with_keys(request("GET", &format!("/person/phone?request_id={id}"), ""));
    let start = Instant::now();
    loop {
        let data = exchange(server.address, &poll).json()["data"].clone();
        if data["status"] == "completed" {
            assert_eq!(data["result"]["mobile"], "+1-202-555-0100");
            return;
        }
        assert!(start.elapsed() < PATIENCE, "{data}");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn wrong_flags_are_refused_with_the_reason() {
    for (flags, reason) in [
        (["--speed", "0"], "speed"),
        (["--failures", "2"], "share of failures"),
        (["--latency", "soon"], "fixed:30s"),
        (["--host", "host.invalid"], "cannot listen"),
    ] {
        let run = Command::new(env!("CARGO_BIN_EXE_nyne-emulator")).args(["--port", "0"]).args(flags).output().unwrap();
        let said = String::from_utf8_lossy(&run.stderr);
        assert!(!run.status.success() && said.contains(reason), "{said}");
        assert!(!said.contains("panicked"), "{said}");
    }
}

#[test]
fn a_reset_is_a_tcp_reset_at_its_place() {
    let server = server();
    for (place, answered) in [("start", Value::Null), ("headers", Value::Null), ("body", json!(200))] {
        let world = World::always(&server, json!({ "kind": "reset", "at": place }));
        let (bytes, end) = world.submit().read(PATIENCE);
        assert_eq!(end, End::Reset);
        assert_cut(&bytes, place);
        let entry = world.last_request();
        assert_eq!((&entry["answered"], &entry["closedEarly"]), (&answered, &json!(false)));
    }
}

#[test]
fn a_hang_stays_open_and_silent_until_the_client_leaves() {
    let server = server();
    for (place, answered) in [("start", Value::Null), ("headers", Value::Null), ("body", json!(200))] {
        let world = World::always(&server, json!({ "kind": "hang", "at": place }));
        let mut conversation = world.submit();
        let (bytes, end) = conversation.read(SILENCE);
        assert_eq!(end, End::Silent);
        assert_cut(&bytes, place);
        let entry = world.last_request();
        assert_eq!((&entry["answered"], &entry["closedEarly"]), (&answered, &json!(false)));
        drop(conversation);
        world.log_once(|log| log["requests"][0]["closedEarly"] == true);
    }
}

fn assert_cut(bytes: &[u8], place: &str) {
    let text = String::from_utf8_lossy(bytes);
    match place {
        "start" => assert_eq!(text, ""),
        "headers" => assert!(text.starts_with("HTTP/1.1 200 OK\r\n") && !text.contains("\r\n\r\n"), "{text}"),
        _ => {
            let reply = Reply::from(bytes.to_vec());
            let announced: usize = reply.header("content-length").unwrap().parse().unwrap();
            assert_eq!(reply.body.len(), announced / 2);
        }
    }
}

#[test]
fn a_client_that_leaves_in_a_delay_is_noticed() {
    let server = server();
    let world = World::always(&server, json!({ "kind": "delay", "ms": 3_600_000 }));
    let mut conversation = world.submit();
    assert_eq!(conversation.read(SILENCE), (Vec::new(), End::Silent));
    drop(conversation);
    let log = world.log_once(|log| log["requests"][0]["closedEarly"] == true);
    assert_eq!((&log["requests"][0]["answered"], &log["jobs"]), (&Value::Null, &json!(1)));
}

#[test]
fn a_delayed_answer_comes_whole() {
    let server = server();
    let world = World::always(&server, json!({ "kind": "delay", "ms": 20 }));
    assert_eq!(world.submit().reply().status(), 202);
    let entry = world.last_request();
    assert_eq!((&entry["answered"], &entry["closedEarly"]), (&json!(202), &json!(false)));
}

#[test]
fn a_slow_body_drips_with_its_length_announced() {
    let server = server();
    let world = World::always(&server, json!({ "kind": "slowBody", "bytesPerSecond": 2_000 }));
    let reply = world.submit().reply();
    assert_eq!(reply.header("content-length"), Some(reply.body.len().to_string().as_str()));
    assert_eq!(reply.json()["data"]["status"], "queued");
    assert_eq!(world.last_request()["closedEarly"], false);

    let world = World::always(&server, json!({ "kind": "slowBody", "bytesPerSecond": 0.01 }));
    let mut conversation = world.submit();
    let (bytes, end) = conversation.read(SILENCE);
    assert_eq!((Reply::from(bytes).body.len(), end), (1, End::Silent));
    drop(conversation);
    world.log_once(|log| log["requests"][0]["closedEarly"] == true);
}

#[test]
fn an_oversized_body_comes_with_or_without_a_length() {
    let server = server();
    let world = World::always(&server, json!({ "kind": "oversized" }));
    let reply = world.submit().reply();
    assert_eq!((reply.header("content-length"), reply.body.len()), (Some("2097152"), 2_097_152));
    let world = World::always(&server, json!({ "kind": "oversized", "chunked": true }));
    let reply = world.submit().reply();
    assert_eq!((reply.header("content-length"), reply.header("transfer-encoding")), (None, Some("chunked")));
    assert!(reply.body.len() > 2_097_152);
    assert_eq!(world.last_request()["closedEarly"], false);
}

#[test]
fn a_client_that_leaves_in_mid_body_is_noticed() {
    let server = server();
    let world = World::always(&server, json!({ "kind": "oversized", "bytes": 30_000_000 }));
    let mut conversation = world.submit();
    conversation.stream.read_exact(&mut [0; 1_000_000]).unwrap();
    drop(conversation);
    world.log_once(|log| log["requests"][0]["closedEarly"] == true);
}

#[test]
fn an_answer_without_a_body_is_complete() {
    let server = server();
    let world = World::always(&server, json!({ "kind": "noContent" }));
    assert_eq!(world.submit().reply().status(), 204);
    let world = World::always(&server, json!({ "kind": "empty" }));
    assert_eq!(world.submit().reply().header("content-length"), Some("0"));
    let world = World::always(&server, json!({ "kind": "status", "status": 304, "body": "not to be sent" }));
    assert_eq!(world.submit().reply().status(), 304);
    assert_eq!(world.last_request()["closedEarly"], false);
}

#[test]
fn one_connection_carries_many_requests() {
    let server = server();
    let world = World::new(&server, json!({}));
    let keep = world.submission(json!({ "email": "ada@example.com" })).replace("Connection: close\r\n", "");
    let mut conversation = Conversation::open(server.address, &keep);
    let (first, end) = conversation.read(SILENCE);
    assert_eq!((Reply::from(first).status(), end), (202, End::Silent));
    conversation.stream.write_all(world.submission(json!({ "email": "ada@example.com" })).as_bytes()).unwrap();
    assert_eq!(conversation.reply().status(), 202);
    assert_eq!(world.log()["posts"], 2);
}

#[test]
fn a_request_larger_than_a_mebibyte_is_refused() {
    let server = server();
    let world = World::new(&server, json!({}));
    let named = |length: usize| json!({ "name": "x".repeat(length - r#"{"name":""}"#.len()) });
    let too_large = world.submission(named((1 << 20) + 1));
    assert_eq!(exchange(server.address, &too_large).status(), 413);
    let largest = world.submission(named(1 << 20));
    assert_eq!(exchange(server.address, &largest).status(), 202);
}

#[test]
fn whoever_speaks_no_http_harms_nobody() {
    let server = server();
    for nonsense in ["", "\r\n\r\n", "GET\r\n\r\n", "\u{0}\u{1}\u{2}", "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n"] {
        drop(Conversation::open(server.address, nonsense).read(SILENCE));
    }
    assert_eq!(exchange(server.address, &request("GET", "/emulator/people", "")).status(), 200);
}

#[test]
fn a_finished_job_is_posted_to_its_callback_url() {
    let server = server();
    let world = World::new(&server, json!({ "latencyMs": 20_000, "speed": 1000 }));
    let sink = format!("http://{}/emulator/sink/done", server.address);
    let submitted =
        exchange(server.address, &world.submission(json!({ "email": "ada@example.com", "callback_url": sink })));
    let log = world.log_once(|log| log["callbacks"] != json!([]));
    assert_eq!((&log["callbacks"][0]["url"], &log["callbacks"][0]["status"]), (&json!(sink), &json!(200)));
    let received = exchange(server.address, &request("GET", "/emulator/sink/done", "")).json();
    assert_eq!(
        (&received[0]["method"], &received[0]["headers"]["content-type"]),
        (&json!("POST"), &json!("application/json"))
    );
    assert_eq!(received[0]["body"], log["callbacks"][0]["body"]);
    thread::sleep(SILENCE);
    assert_eq!(world.log()["callbacks"].as_array().unwrap().len(), 1);
    let payload: Value = serde_json::from_str(received[0]["body"].as_str().unwrap()).unwrap();
    assert_eq!(payload["data"]["request_id"], submitted.json()["data"]["request_id"]);
    assert_eq!(payload["data"]["result"]["mobile"], "+1-202-555-0100");
}

#[test]
fn a_callback_that_is_not_taken_is_tried_three_times() {
    /// Answers 500 to every request.
    static RECEIVER: LazyLock<SocketAddr> = LazyLock::new(|| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            }
        });
        address
    });
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = server();
    for (address, status) in [(*RECEIVER, json!(500)), (closed, Value::Null)] {
        let world = World::new(&server, json!({ "latencyMs": 0, "speed": 1000 }));
        let query = json!({ "email": "ada@example.com", "callback_url": format!("http://{address}/") });
        exchange(server.address, &world.submission(query));
        let log = world.log_once(|log| log["callbacks"].as_array().unwrap().len() == 3);
        assert!(log["callbacks"].as_array().unwrap().iter().all(|tried| tried["status"] == status), "{log}");
        thread::sleep(SILENCE);
        assert_eq!(world.log()["callbacks"].as_array().unwrap().len(), 3);
    }
}
