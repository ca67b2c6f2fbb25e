//! Lookups on their way from `queued` to `completed` or `failed`.

use std::collections::{BTreeSet, HashMap, VecDeque};

use serde_json::{Value, json};

use crate::clock::{self, UnixMillis};

pub struct Jobs {
    jobs: HashMap<String, Job>,
    /// Running jobs that end by time, the next one first.
    running: BTreeSet<(UnixMillis, String)>,
    /// Ended jobs, the first to expire first.
    ended: VecDeque<(UnixMillis, String)>,
    /// Ended jobs that nobody has taken note of yet.
    news: Vec<Ended>,
    expire_after: u64,
    made: u64,
}

/// A job as it is submitted: what becomes of it is decided in advance.
pub struct Plan {
    pub request_id: String,
    pub course: Course,
    pub outcome: Outcome,
    pub callback_url: Option<String>,
}

/// How a job gets on.
pub enum Course {
    /// By time: it ends then. Some jobs say `pending` for a while.
    Time { ends: UnixMillis, pends: bool },
    /// By polls: each takes the next of these, and the one after the last ends the job.
    Polls(VecDeque<String>),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Found(String),
    NoMatch,
    /// With the `error` field's value.
    Failed(Value),
}

/// A job that has ended.
pub struct Ended {
    /// The `data` of answers about it.
    pub data: Value,
    pub found: bool,
    pub callback_url: Option<String>,
}

struct Job {
    plan: Plan,
    submitted: UnixMillis,
    ended: Option<UnixMillis>,
}

impl Jobs {
    pub fn new(expire_after: u64) -> Self {
        Self {
            jobs: HashMap::new(),
            running: BTreeSet::new(),
            ended: VecDeque::new(),
            news: Vec::new(),
            expire_after,
            made: 0,
        }
    }

    pub fn made(&self) -> u64 {
        self.made
    }

    pub fn submit(&mut self, plan: Plan, now: UnixMillis) {
        if let Course::Time { ends, .. } = plan.course {
            self.running.insert((ends, plan.request_id.clone()));
        }
        self.made += 1;
        let job = Job { submitted: now, ended: None, plan };
        self.jobs.insert(job.plan.request_id.clone(), job);
    }

    /// Ends the jobs whose time has come and forgets the expired ones.
    pub fn advance(&mut self, now: UnixMillis) {
        while self.next_end().is_some_and(|ends| ends <= now)
            && let Some((ends, id)) = self.running.pop_first()
        {
            self.end(&id, None, ends);
        }
        while let Some((at, id)) = self.ended.front() {
            if at.saturating_add(self.expire_after) > now {
                break;
            }
            self.jobs.remove(id);
            self.ended.pop_front();
        }
    }

    /// When the next job ends by itself.
    pub fn next_end(&self) -> Option<UnixMillis> {
        self.running.first().map(|(ends, _)| *ends)
    }

    pub fn take_news(&mut self) -> Vec<Ended> {
        std::mem::take(&mut self.news)
    }

    /// The `data` of the answer to a poll; none for an unknown or expired job.
    pub fn poll(&mut self, id: &str, now: UnixMillis) -> Option<Value> {
        let job = self.jobs.get_mut(id)?;
        if let (Course::Polls(statuses), None) = (&mut job.plan.course, job.ended) {
            if let Some(status) = statuses.pop_front() {
                return Some(describe_running(id, &status));
            }
            self.end(id, None, now);
        }
        self.describe(id, now)
    }

    /// Ends a running job, if need be with another outcome than planned.
    pub fn end(&mut self, id: &str, outcome: Option<Outcome>, at: UnixMillis) {
        let Some(job) = self.jobs.get_mut(id).filter(|job| job.ended.is_none()) else {
            return;
        };
        if let Some(outcome) = outcome {
            job.plan.outcome = outcome;
        }
        if let Course::Time { ends, .. } = job.plan.course {
            self.running.remove(&(ends, id.to_owned()));
        }
        job.ended = Some(at);
        self.ended.push_back((at, id.to_owned()));
        self.news.push(Ended {
            data: describe_ended(id, &job.plan.outcome, at),
            found: matches!(job.plan.outcome, Outcome::Found(_)),
            callback_url: job.plan.callback_url.clone(),
        });
    }

    /// The `data` of an answer about this job, without counting a poll.
    pub fn describe(&self, id: &str, now: UnixMillis) -> Option<Value> {
        let job = self.jobs.get(id)?;
        Some(match job.ended {
            Some(at) => describe_ended(id, &job.plan.outcome, at),
            None => describe_running(id, job.status(now)),
        })
    }
}

impl Job {
    fn status(&self, now: UnixMillis) -> &'static str {
        let Course::Time { ends, pends } = self.plan.course else {
            return "queued";
        };
        let whole = ends.saturating_sub(self.submitted) as f64;
        let share = now.saturating_sub(self.submitted) as f64 / whole.max(1.0);
        match share {
            ..0.15 => "queued",
            0.7.. if pends => "pending",
            _ => "processing",
        }
    }
}

fn describe_running(id: &str, status: &str) -> Value {
    json!({ "request_id": id, "status": status, "completed": false })
}

pub fn describe_ended(id: &str, outcome: &Outcome, at: UnixMillis) -> Value {
    let completed_on = clock::with_zone(at);
    let completed = |mobile: Option<&str>| {
        json!({
            "request_id": id,
            "status": "completed",
            "completed": true,
            "result": { "mobile": mobile },
            "completed_on": completed_on,
        })
    };
    match outcome {
        Outcome::Found(mobile) => completed(Some(mobile)),
        Outcome::NoMatch => completed(None),
        Outcome::Failed(error) => json!({
            "request_id": id,
            "status": "failed",
            "completed": false,
            "error": error,
            "completed_on": completed_on,
        }),
    }
}
