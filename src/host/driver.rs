//! Drives one call: turns what happens (a reply, an abort, a timer) into an `Event`, and performs the `Action` that the
//! lookup returns.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use js_sys::{Function, JsString, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::AbortSignal;

use super::body::{self, Unread};
use super::callback::{self, Carrier};
use super::calls::{InFlight, Registration};
use super::caught::otherwise;
use super::client::{Client, Shared};
use super::context::Context;
use super::error::NyneError;
use super::exchange::{Answer, Broken, Exchanger, Method};
use super::navigator::is_worker;
use super::options::{self, Options};
use super::promise::Promises;
use super::signal::Signal;
use super::timer::{self, Timer};
use super::{error, json, values};
use crate::lookup::{Action, Event, Lookup, Moment, Operation, Outcome, Plan, Progress, Step, Ticket};
use crate::protocol::{
    Defect, Error, Expected, Failure, Job, MAX_BODY, Peer, Problem, Reading, Reply, Secrets, State, Submitted,
};

/// How long the sender of a callback may take for its body, in ms.
const CALLBACK_LIMIT: f64 = 15_000.0;

/// During a wait of more than this, in ms, a call keeps nothing that it can make again.
const LONG_WAIT: f64 = 1_000.0;

/// How often a call in a Worker looks whether it is its turn, in ms.
const LOOK: f64 = 100.0;

/// How a call ends.
type End = Result<JsValue, JsValue>;

/// Why a call ended without its result: the error, what was thrown, and what the service said.
pub type Ended = (Box<Error>, Option<JsValue>, Option<JsValue>);

/// What a lookup ends with, and how far it has come.
pub struct Settled {
    pub end: Result<Outcome<JsValue>, Ended>,
    pub lookup: Lookup,
}

impl Settled {
    /// The result of the call.
    pub fn result(self) -> Result<JsValue, Ended> {
        self.end.map(|outcome| values::outcome(outcome, self.lookup.id().unwrap_or_default()))
    }
}

/// One call, from its checked arguments to its end.
pub type CallFuture = Pin<Box<dyn Future<Output = End>>>;

pub fn find_phone(client: &Client, query: &JsValue, options: &JsValue, call: JsValue) -> Promise {
    submit(Operation::Find, client, query, options, call)
}

pub fn submit_phone(client: &Client, query: &JsValue, options: &JsValue, call: JsValue) -> Promise {
    submit(Operation::Submit, client, query, options, call)
}

pub fn poll_result(client: &Client, request: &JsValue, options: &JsValue, call: JsValue) -> Promise {
    ask(Operation::Poll, client, request, options, call)
}

pub fn check_status(client: &Client, request: &JsValue, options: &JsValue, call: JsValue) -> Promise {
    ask(Operation::Check, client, request, options, call)
}

fn submit(operation: Operation, client: &Client, query: &JsValue, options: &JsValue, call: JsValue) -> Promise {
    run(call, &mut |flight| {
        let submission = options::read_query(query).map_err(invalid)?;
        let setup = Setup::new(client, options, &submission.personal, flight).map_err(invalid)?;
        Ok(setup.drive(operation, None, Some(submission.body), None))
    })
}

fn ask(operation: Operation, client: &Client, request: &JsValue, options: &JsValue, call: JsValue) -> Promise {
    run(call, &mut |flight| {
        let request = options::read_request(request).map_err(|(text, id)| Error::invalid_argument(text, id))?;
        flight.0.record(Submitted::Yes, Some(&request.id));
        let setup = Setup::new(client, options, &[], flight);
        let setup = setup.map_err(|text| Error::invalid_argument(text, Some(request.id.clone())))?;
        Ok(setup.drive(operation, Some(request.id), None, request.age))
    })
}

pub fn parse_callback(input: &JsValue, call: JsValue) -> Promise {
    run(call, &mut |flight| Ok(confirm(callback::open(input).map_err(invalid)?, flight.0.clone(), None)))
}

pub fn confirm_callback(client: &Client, input: &JsValue, options: &JsValue, call: JsValue) -> Promise {
    run(call, &mut |flight| {
        let carrier = callback::open(input).map_err(invalid)?;
        let setup = Setup::new(client, options, &[], flight).map_err(invalid)?;
        Ok(confirm(carrier, flight.0.clone(), Some(setup)))
    })
}

/// Reads a callback and, given a setup, asks how its job stands.
fn confirm(carrier: Carrier, call: Rc<InFlight>, setup: Option<Setup>) -> CallFuture {
    Box::pin(async move {
        match (read_callback(carrier, &call, setup.as_ref()).await, setup) {
            (Err((error, cause)), Some(setup)) => Err(setup.fail(&error, cause, None).into()),
            (Err((error, cause)), None) => Err(error::new(&error, Peer::Nyne, &Secrets::default(), cause, None).into()),
            (Ok((id, job)), None) => Ok(values::status(job, &id, Plan::default().schedule.first_delay)),
            (Ok((id, _)), Some(setup)) => setup.drive(Operation::Check, Some(id), None, None).await,
        }
    })
}

pub fn invalid(text: String) -> Error {
    Error::invalid_argument(text, None)
}

/// Begins a call now, while the caller's arguments are as they were passed, and makes a promise of its future.
pub fn run(call: JsValue, begin: &mut dyn FnMut(&Registration) -> Result<CallFuture, Error>) -> Promise {
    trap();
    let flight = Registration::new(call);
    let future = match begin(&flight) {
        Ok(future) => future,
        Err(error) => return Promise::reject(&error::new(&error, Peer::Nyne, &Secrets::default(), None, None)),
    };
    let mut begun = Some((future, flight));
    Promise::new(&mut move |resolve, reject| {
        if let Some((future, flight)) = begun.take() {
            spawn_local(settle(future, flight, resolve, reject));
        }
    })
}

async fn settle(future: CallFuture, flight: Registration, resolve: Function, reject: Function) {
    let end = future.await;
    drop(flight);
    let _ = match end {
        Ok(result) => resolve.call1(&JsValue::UNDEFINED, &result),
        Err(error) => reject.call1(&JsValue::UNDEFINED, &error),
    };
}

/// Is told what the reply to a submit proves: the id of the job that it made, or that it made none.
pub type OnAnswer = Box<dyn Fn(Option<&str>)>;

/// Takes the claim on a submit. Says whether it was free.
pub type Claiming = Rc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<bool, Broken>>>>>;

/// What came of a request, or of the claim on it.
enum Done {
    Claimed(bool),
    Answered(Answer),
}

/// A request under way, or the claim on it.
type Work = Pin<Box<dyn Future<Output = Result<Done, Broken>>>>;

/// What a call needs beside its state machine.
pub struct Setup {
    pub plan: Plan,
    signal: Option<AbortSignal>,
    /// The signal, if somebody listens to it already. Node warns of many listeners.
    pub heard: Option<Signal>,
    on_status: Option<Function>,
    pub claim: Option<Claiming>,
    pub on_answer: Option<OnAnswer>,
    /// How far an earlier call has come with the same lookup.
    pub progress: Option<Progress>,
    shared: Rc<Shared>,
    exchanger: Rc<Exchanger>,
}

/// The state machine of one call. Dropping it gives back what the call has of the client's budget.
struct Driven {
    lookup: Lookup,
    shared: Rc<Shared>,
    call: Rc<InFlight>,
}

impl Driven {
    fn on(&mut self, event: Event<JsValue>) -> Step<JsValue> {
        self.act(|lookup, moment| lookup.on(event, moment))
    }

    /// Lets the lookup act. Once it does not wait for its turn any more, nobody wakes it for that.
    fn act<R>(&mut self, act: impl FnOnce(&mut Lookup, &mut Moment) -> R) -> R {
        let Driven { lookup, shared, call } = self;
        shared.at(timer::now(), call, |moment| {
            let ticket = lookup.ticket();
            let result = act(lookup, moment);
            if let Some(ticket) = ticket
                && lookup.ticket() != Some(ticket)
            {
                shared.leave(ticket);
            }
            result
        })
    }
}

impl Drop for Driven {
    fn drop(&mut self) {
        self.act(Lookup::leave);
    }
}

impl Setup {
    fn new(client: &Client, options: &JsValue, personal: &[String], flight: &Registration) -> Result<Setup, String> {
        Setup::of(
            &client.options.with(options)?.without_claim()?,
            &client.shared,
            &Rc::new(Context::capture()),
            personal,
            flight,
        )
    }

    /// A call with options that were read before.
    pub fn of(
        options: &Options,
        shared: &Rc<Shared>,
        context: &Rc<Context>,
        personal: &[String],
        flight: &Registration,
    ) -> Result<Setup, String> {
        let mut target = options.target()?;
        personal.iter().for_each(|text| target.secrets.add_personal(text));
        let own_fetch = options.fetch();
        let is_hosts_fetch = own_fetch.is_none();
        let fetch = own_fetch.or_else(|| error::member(&js_sys::global(), "fetch")?.dyn_into().ok());
        let fetch = fetch.ok_or("This host has no fetch. Pass one as the option fetch.")?;
        let call = flight.0.clone();
        let promises = Promises::new(&call);
        let (context, poll_url) = (context.clone(), RefCell::default());
        let exchanger = Exchanger { call, promises, target, fetch, is_hosts_fetch, context, poll_url };
        let (plan, signal, on_status) = (options.plan(), options.signal(), options.on_status());
        let (shared, exchanger) = (shared.clone(), Rc::new(exchanger));
        let setup = Setup {
            plan,
            signal,
            heard: None,
            on_status,
            claim: None,
            on_answer: None,
            progress: None,
            shared,
            exchanger,
        };
        Ok(setup)
    }

    /// The limits of an operation.
    fn plan(&self, operation: Operation) -> Plan {
        let plan = Plan { claims: self.claim.is_some(), ..self.plan };
        // `checkStatus` and `submitPhone` do not wait for a job, so `timeout` does not apply to them.
        match operation {
            Operation::Find | Operation::Poll | Operation::Advance => plan,
            Operation::Submit => Plan { timeout: Plan::default().timeout, ..plan },
            Operation::Check => Plan { timeout: f64::INFINITY, ..plan },
        }
    }

    /// Listens to the caller's signal.
    pub fn listen(&self) -> Result<Option<Signal>, (Error, Option<JsValue>)> {
        if let Some(signal) = &self.heard {
            return Ok(Some(signal.share()));
        }
        let listened = self.signal.as_ref().map(|signal| Signal::listen(signal, &self.exchanger.call)).transpose();
        listened.map_err(|thrown| {
            let secrets = &self.exchanger.target.secrets;
            let failure = error::of_host("the signal", &thrown, secrets);
            (Error::new(failure, Submitted::No), Some(error::copy(&thrown, secrets)))
        })
    }

    /// What no text may repeat.
    pub fn secrets(&self) -> &Secrets {
        &self.exchanger.target.secrets
    }

    pub fn fail(&self, error: &Error, cause: Option<JsValue>, data: Option<JsValue>) -> NyneError {
        error::new(error, self.exchanger.target.peer, &self.exchanger.target.secrets, cause, data)
    }

    /// Why a request failed that is to be retried.
    pub fn problem(&self, error: &Error) -> Problem {
        error.problem(self.exchanger.target.peer)
    }

    /// Carries a lookup out, from its first request to its end.
    fn drive(self, operation: Operation, id: Option<String>, body: Option<JsString>, age: Option<f64>) -> CallFuture {
        Box::pin(async move {
            let end = self.lookup(operation, id, body, age).await.result();
            end.map_err(|(error, cause, data)| self.fail(&error, cause, data).into())
        })
    }

    /// One lookup.
    pub fn lookup(
        &self,
        operation: Operation,
        id: Option<String>,
        mut body: Option<JsString>,
        age: Option<f64>,
    ) -> Pin<Box<dyn Future<Output = Settled> + '_>> {
        Box::pin(async move {
            let mut lookup = Lookup::new(operation, self.plan(operation), id, timer::now());
            if let Some(progress) = &self.progress {
                lookup = lookup.resume(progress.clone());
            }
            let signal = match self.listen() {
                Ok(signal) => signal,
                Err((error, cause)) => {
                    let error =
                        Error { submitted: lookup.submitted(), request_id: lookup.id().map(str::to_owned), ..error };
                    return Settled { end: Err((Box::new(error), cause, None)), lookup };
                }
            };
            let mut driven = Driven { lookup, shared: self.shared.clone(), call: self.exchanger.call.clone() };
            let mut exchange: Option<Work> = None;
            // A timer for requests and one for waits: that of a request, which is seldom needed, is so not set again for each.
            let (mut request_timer, mut wait_timer) =
                (Timer::of_request(&self.exchanger.call), Timer::of_wait(&self.exchanger.call));
            let mut cause = None;
            let mut event = Event::Start { age };
            if let Some((failure, reason)) = signal.as_ref().and_then(Signal::aborted) {
                (event, cause) = (Event::Stop(failure), Some(reason));
            }
            loop {
                trap();
                let (was_known, before) = (driven.lookup.id().is_some(), driven.lookup.submitted());
                let was_claiming = driven.lookup.claiming();
                let step = driven.on(event);
                let lookup = &driven.lookup;
                if !lookup.exchanging() {
                    exchange = None;
                }
                // Before any code of the caller's runs: should that break the module, the guard knows the id.
                self.exchanger.call.record(lookup.submitted(), lookup.id());
                if let Some(on_answer) = &self.on_answer {
                    match (lookup.id(), lookup.submitted()) {
                        (Some(id), _) if !was_known => on_answer(Some(id)),
                        (None, Submitted::No)
                            if before == Submitted::Unknown || was_claiming && !lookup.exchanging() =>
                        {
                            on_answer(None);
                        }
                        _ => {}
                    }
                }
                if let Some(update) = &step.update
                    && let Some(on_status) = &self.on_status
                {
                    self.tell(on_status, &values::update(update, lookup, self.exchanger.target.peer));
                }
                let work: Option<Work> = match step.action {
                    Action::Settle(end) => {
                        let end = end.map_err(|(error, data)| (error, cause, data));
                        return Settled { end, lookup: lookup.clone() };
                    }
                    Action::Claim => self.claim.as_ref().map(|claim| {
                        let claim = claim();
                        Box::pin(async move { claim.await.map(Done::Claimed) }) as Work
                    }),
                    Action::Submit => body.clone().map(|body| self.send(Method::Post(body))),
                    Action::Poll => {
                        body = None;
                        lookup.id().map(|id| self.send(Method::Get(id.to_owned())))
                    }
                    Action::Wait => {
                        if !lookup.exchanging() && lookup.due() - timer::now() > LONG_WAIT {
                            request_timer.clear();
                            self.exchanger.promises.clear();
                        }
                        None
                    }
                };
                let timer = if lookup.exchanging() { &mut request_timer } else { &mut wait_timer };
                let due = match lookup.ticket() {
                    Some(ticket) => lookup.due().min(self.look_at(ticket)),
                    None => lookup.due(),
                };
                // The timer first: if the host has none, nothing is sent.
                (event, cause) = match timer.set(due) {
                    Err(thrown) => {
                        let failure = self.timer_failed(&thrown);
                        let thrown = Some(error::copy(&thrown, &self.exchanger.target.secrets));
                        (if exchange.is_some() { Event::Stop(failure) } else { Event::Broken(failure) }, thrown)
                    }
                    Ok(()) => {
                        if work.is_some() {
                            exchange = work;
                        }
                        let turn = || match self.shared.claim(lookup.ticket()?) {
                            true => Some(Woken::Turn),
                            false => self.exchanger.call.looks().then_some(Woken::Due),
                        };
                        match first_of(&self.exchanger.call, &mut exchange, &signal, &turn, timer).await {
                            Woken::Turn => (Event::Turn, None),
                            Woken::Forgotten => (Event::Stop(forgotten()), None),
                            Woken::Done(Ok(Done::Claimed(was_free))) => (Event::Claimed { was_free }, None),
                            Woken::Done(Ok(Done::Answered(answer))) => (self.read(answer, lookup), None),
                            Woken::Done(Err(Broken(failure, thrown))) => {
                                match signal.as_ref().and_then(Signal::aborted) {
                                    // The abort is why there is no answer.
                                    Some((failure, reason)) => (Event::Stop(failure), Some(reason)),
                                    None => (
                                        Event::Broken(failure),
                                        Some(error::copy(&thrown, &self.exchanger.target.secrets)),
                                    ),
                                }
                            }
                            Woken::Stopped(failure, reason) => (Event::Stop(failure), Some(reason)),
                            Woken::Due => (Event::Tick, None),
                            Woken::TimerFailed(thrown) => {
                                let failure = self.timer_failed(&thrown);
                                (Event::Stop(failure), Some(error::copy(&thrown, &self.exchanger.target.secrets)))
                            }
                        }
                    }
                };
            }
        })
    }

    fn send(&self, method: Method) -> Work {
        let exchanger = self.exchanger.clone();
        Box::pin(async move { exchanger.send(method).await.map(Done::Answered) })
    }

    /// When a call that waits for its turn must look for it.
    fn look_at(&self, ticket: Ticket) -> f64 {
        let now = timer::now();
        if !is_worker() {
            return self.shared.queue(ticket, &self.exchanger.call, now);
        }
        // A call that its host forgot may have the turn.
        self.exchanger.call.sweep();
        self.shared.queue(ticket, &self.exchanger.call, now).min(now + LOOK)
    }

    fn read(&self, answer: Answer, lookup: &Lookup) -> Event<JsValue> {
        let expected = if lookup.id().is_some() { Expected::Status } else { Expected::Submit };
        let reading = Reading { expected, id: lookup.id(), secrets: &self.exchanger.target.secrets };
        let reply = match answer.body {
            Ok(body) => Reply::read(answer.status, body, &reading),
            Err(defect) => Reply::Unreadable { status: answer.status, defect },
        };
        Event::Reply { reply, wait: answer.wait }
    }

    /// Calls the caller's `onStatus`. What it throws does not end the lookup.
    fn tell(&self, on_status: &Function, update: &JsValue) {
        match self.exchanger.context.call(on_status, update, None) {
            Ok(returned) => report_rejection(&returned),
            Err(thrown) => report(ON_STATUS_FAILED, &thrown),
        }
    }

    fn timer_failed(&self, thrown: &JsValue) -> Failure {
        error::of_host("setTimeout", thrown, &self.exchanger.target.secrets)
    }
}

/// What a call was woken by.
pub enum Woken<T> {
    /// The pending work finished.
    Done(T),
    /// The caller's signal was aborted.
    Stopped(Failure, JsValue),
    /// It is the call's turn to send.
    Turn,
    /// The timer fired, or the call must look again when it will be its turn.
    Due,
    /// The timer could not be set again.
    TimerFailed(JsValue),
    /// The host has forgotten the call.
    Forgotten,
}

/// Waits for what comes first. The order counts when several have come: a reply that has arrived is taken before an abort
/// ends the call, so that its id is not lost.
pub async fn first_of<F: Future + ?Sized>(
    call: &InFlight,
    work: &mut Option<Pin<Box<F>>>,
    signal: &Option<Signal>,
    turn: &dyn Fn() -> Option<Woken<F::Output>>,
    timer: &mut Timer,
) -> Woken<F::Output> {
    poll_fn(|context| {
        if call.is_given_up() {
            return Poll::Ready(Woken::Forgotten);
        }
        call.wake_with(context.waker());
        if let Some(future) = work
            && let Poll::Ready(output) = future.as_mut().poll(context)
        {
            *work = None;
            return Poll::Ready(Woken::Done(output));
        }
        if let Some((failure, reason)) = signal.as_ref().and_then(Signal::aborted) {
            return Poll::Ready(Woken::Stopped(failure, reason));
        }
        if let Some(woken) = turn() {
            return Poll::Ready(woken);
        }
        match timer.is_over() {
            Ok(false) => Poll::Pending,
            Ok(true) => Poll::Ready(Woken::Due),
            Err(thrown) => Poll::Ready(Woken::TimerFailed(thrown)),
        }
    })
    .await
}

/// Why a forgotten call ends. Its caller is gone with the request that made it, or else learns what became of it.
pub fn forgotten() -> Failure {
    Failure::Host("it dropped the request that made the call".into())
}

/// What a callback says, with the id of its job; or why it cannot be read, and what was thrown.
type Callback = Result<(String, Job<JsValue>), (Error, Option<JsValue>)>;

/// Reads a callback.
async fn read_callback(carrier: Carrier, call: &Rc<InFlight>, setup: Option<&Setup>) -> Callback {
    let none = Secrets::default();
    let secrets = setup.map_or(&none, |setup| &setup.exchanger.target.secrets);
    let signal = setup.map_or(Ok(None), Setup::listen)?;
    let unusable = |failure| Err((Error::new(failure, Submitted::No), None));
    let text = match carrier {
        Carrier::Text(text) if text.length() as usize > MAX_BODY => Err(Unread::Defect(Defect::TooLarge)),
        Carrier::Text(text) => Ok(text),
        Carrier::Request(request) => {
            let promises = Promises::new(call);
            let mut timer = Timer::of_request(call);
            if let Err(thrown) = timer.set(timer::now() + CALLBACK_LIMIT) {
                return unusable(error::of_host("setTimeout", &thrown, secrets));
            }
            let mut work = Some(Box::pin(async { body::read(request.unchecked_ref(), false, &promises, call).await }));
            match first_of(call, &mut work, &signal, &|| None, &mut timer).await {
                Woken::Turn => return unusable(forgotten()),
                Woken::Forgotten => return unusable(forgotten()),
                Woken::Done(text) => text,
                Woken::Stopped(failure, reason) => {
                    return Err((Error::new(failure, Submitted::No), Some(reason)));
                }
                Woken::Due => return unusable(Failure::UnreadableCallback("it did not arrive within 15 s".into())),
                Woken::TimerFailed(thrown) => Err(Unread::Thrown(thrown)),
            }
        }
    };
    let body = match text {
        Ok(text) => json::read(&text),
        // What has a `text()` and is no request, such as the context of some frameworks.
        Err(Unread::Defect(Defect::NotAResponse(_))) => {
            return unusable(Failure::InvalidArgument(callback::UNUSABLE.into()));
        }
        Err(Unread::Defect(defect)) => return unusable(Failure::InvalidCallback(defect)),
        Err(Unread::Thrown(thrown)) => {
            let failure = Failure::UnreadableCallback(error::reason(&thrown, secrets));
            return Err((Error::new(failure, Submitted::No), Some(error::copy(&thrown, secrets))));
        }
    };
    match Reply::read(200, body, &Reading { expected: Expected::Callback, id: None, secrets }) {
        Reply::Job(Job { state: State::Unusable(defect), .. }) | Reply::Unreadable { defect, .. } => {
            unusable(Failure::InvalidCallback(defect))
        }
        Reply::Job(mut job) => Ok((job.id.take().unwrap_or_default(), job)),
        Reply::Error(error, _) => unusable(Failure::CallbackError(error.code)),
    }
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = console, js_name = error)]
    fn console_error(text: &str, thrown: &JsValue) -> Result<(), JsValue>;
}

const ON_STATUS_FAILED: &str = "nyne-phone-finder: onStatus failed; the lookup continues.";

/// Says in the console what a function of the caller's threw.
pub fn report(what: &str, thrown: &JsValue) {
    // A host without a console has nowhere to say it.
    let _ = console_error(what, thrown);
}

/// Says it of what an async `onStatus` is rejected with.
fn report_rejection(returned: &JsValue) {
    thread_local! {
        static REPORT: Closure<dyn FnMut(JsValue)> = Closure::new(|thrown| report(ON_STATUS_FAILED, &thrown));
    }
    if let Some(promise) = returned.dyn_ref::<Promise>() {
        REPORT.with(|report| otherwise(promise, report));
    }
}

/// Breaks the module, if a test asks for it.
fn trap() {
    #[cfg(feature = "trap")]
    if js_sys::Reflect::get(&js_sys::global(), &"nynePhoneFinderTrap".into()).is_ok_and(|flag| flag.is_truthy()) {
        #[cfg(target_arch = "wasm32")]
        core::arch::wasm32::unreachable();
    }
}
