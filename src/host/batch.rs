//! Many lookups under one budget: `findPhones`.

use std::cell::{Cell, RefCell};
use std::future::{Future, Ready, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context as TaskContext, Poll, Waker};

use futures_util::Stream;
use futures_util::stream::FuturesUnordered;
use js_sys::{Array, Function, JsString, Map, Promise, Reflect, Symbol};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{future_to_promise, spawn_local};

use super::calls::{InFlight, Registration};
use super::caught::otherwise;
use super::client::{Client, Shared};
use super::context::Context;
use super::driver::{Ended, Settled, Setup, Woken, first_of, forgotten, invalid};
use super::error::{self, NyneError, member};
use super::navigator::is_worker;
use super::options::{self, Options, Submission};
use super::promise::{Promises, ignore};
use super::signal::Signal;
use super::store::{Claim, Noted, Store, report_failure};
use super::timer::{self, Timer};
use super::values;
use crate::lookup::Operation;
use crate::protocol::{Error, Failure, Peer, Secrets, Submitted};

#[wasm_bindgen]
extern "C" {
    /// The guard's record of the batch.
    type Record;
    /// The outcomes that nobody has taken yet. There they outlive a module that breaks.
    #[wasm_bindgen(method, getter)]
    fn outcomes(this: &Record) -> Array;
    /// The guard's record of one of its lookups.
    #[wasm_bindgen(method)]
    fn lookup(this: &Record) -> LookupRecord;

    type LookupRecord;
    /// A query gets what this lookup ends with.
    #[wasm_bindgen(method)]
    fn serves(this: &LookupRecord, index: f64, query: &JsValue);

    /// An iterator or async iterator of the caller's.
    type Source;
    #[wasm_bindgen(method, catch)]
    fn next(this: &Source) -> Result<JsValue, JsValue>;

    /// What it gives.
    type Iteration;
    #[wasm_bindgen(method, getter, catch)]
    fn done(this: &Iteration) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch)]
    fn value(this: &Iteration) -> Result<JsValue, JsValue>;
}

/// Requests at once. A browser opens no more connections to a server of HTTP/1.1.
const AT_ONCE: usize = 6;
/// How long a lookup waits while the service answers that there are too many requests, in ms. Its longest published limit is
/// an hour.
const PATIENCE: f64 = 7_200_000.0;
/// How long to wait if such an answer does not say it, in ms.
const LIMITED: f64 = 15_000.0;

/// What the caller's iterator gives: a query, or that there is none left, or what it threw.
type NextQuery = Result<Option<JsValue>, JsValue>;

/// A batch. Dropping it ends its lookups.
pub struct Batch(Rc<State>);

struct State {
    flight: Registration,
    record: Option<Record>,
    options: Options,
    shared: Rc<Shared>,
    context: Rc<Context>,
    source: Source,
    signal: RefCell<Option<Signal>>,
    promises: Promises,
    store: Option<Store>,
    /// Whether the source may give more: it need not clean up after it has ended by itself.
    source_is_open: Cell<bool>,
    /// What became of each query, by its key: the guard's record while it is looked up, then whether it succeeded and with
    /// what.
    seen: Map,
    /// The outcomes that nobody has taken yet.
    outcomes: Array,
    /// The lookups in flight, which an abort and `refused` concern.
    calls: RefCell<Vec<Rc<InFlight>>>,
    /// The account's error, which ended the submits.
    refused: RefCell<Option<Failure>>,
    /// How the batch ended, until the caller has heard that too.
    end: Cell<Option<Result<(), JsValue>>>,
    started: Cell<bool>,
    ended: Cell<bool>,
    /// Those who wait for anything of the above.
    wakers: RefCell<Vec<Waker>>,
}

impl Drop for Batch {
    fn drop(&mut self) {
        self.end();
    }
}

impl Batch {
    pub fn new(client: &Client, queries: &JsValue, options: &JsValue, call: JsValue) -> Result<Batch, NyneError> {
        let record: Option<Record> = call.is_object().then(|| call.clone().unchecked_into());
        let flight = Registration::new(call);
        let read = || {
            let options = client.options.with(options)?.without_claim()?;
            // A batch could not begin without a target.
            options.target()?;
            Ok((options, iterator(queries)?))
        };
        let (options, source) =
            read().map_err(|text: String| error::new(&invalid(text), Peer::Nyne, &Secrets::default(), None, None))?;
        let promises = Promises::new(&flight.0);
        Ok(Batch(Rc::new(State {
            flight,
            outcomes: record.as_ref().map_or_else(Array::new, Record::outcomes),
            record,
            store: options.store().map(Store::new),
            options,
            shared: client.shared.clone(),
            context: Rc::new(Context::capture()),
            source,
            signal: RefCell::default(),
            promises,
            source_is_open: Cell::new(true),
            seen: Map::new(),
            calls: RefCell::default(),
            refused: RefCell::default(),
            end: Cell::default(),
            started: Cell::new(false),
            ended: Cell::new(false),
            wakers: RefCell::default(),
        })))
    }

    /// The next outcome, as an async iterator gives it.
    pub fn next(&self) -> Promise {
        let state = self.0.clone();
        if !state.started.replace(true) {
            spawn_local(state.clone().run());
        }
        future_to_promise(async move { state.outcome().await })
    }

    /// Ends every lookup in flight. No outcome comes any more.
    pub fn end(&self) {
        let state = &self.0;
        if !state.ended.replace(true) {
            state.outcomes.set_length(0);
            state.end.set(Some(Ok(())));
            state.close_source();
            state.notify();
        }
    }
}

/// Begins to iterate over the queries.
fn iterator(queries: &JsValue) -> Result<Source, String> {
    let wrong = || "Queries must be an iterable of queries, such as a list.".to_owned();
    if !queries.is_object() {
        return Err(wrong());
    }
    let method = [Symbol::async_iterator(), Symbol::iterator()]
        .iter()
        .find_map(|symbol| Reflect::get(queries, symbol).ok()?.dyn_into::<Function>().ok());
    let iterator = method.ok_or_else(wrong)?.call0(queries).ok().filter(JsValue::is_object);
    iterator.map(JsValue::unchecked_into).ok_or_else(wrong)
}

impl State {
    /// Runs the lookups to their end, whether or not the caller takes their outcomes in time.
    async fn run(self: Rc<Self>) {
        let signal = self.options.signal().map(|signal| Signal::listen(&signal, &self.flight.0));
        let (signal, mut failure) = match signal.transpose() {
            Ok(signal) => (signal, None),
            Err(thrown) => (None, Some(self.fail(error::of_host("the signal", &thrown, &Secrets::default()), None))),
        };
        *self.signal.borrow_mut() = signal.as_ref().map(Signal::share);
        let mut was_aborted = false;
        let mut lookups = FuturesUnordered::new();
        let mut query: Option<Pin<Box<dyn Future<Output = NextQuery>>>> = None;
        let mut count = 0.0;
        let mut is_open = failure.is_none();
        let mut heartbeat = Timer::of_request(&self.flight.0);
        if is_worker() {
            // It shows that the host has not forgotten the batch. If it cannot be set, nothing can be sent either.
            let _ = heartbeat.set(f64::MAX);
        }
        self.until(|context| {
            self.flight.0.wake_with(context.waker());
            let _ = heartbeat.is_over();
            loop {
                if self.ended.get() {
                    return Poll::Ready(());
                }
                if self.flight.0.is_given_up() {
                    failure = Some(self.fail(forgotten(), None));
                    return Poll::Ready(());
                }
                // Before the lookups, which the abort ends too.
                if !was_aborted && let Some((aborted, reason)) = signal.as_ref().and_then(Signal::aborted) {
                    was_aborted = true;
                    self.wake_lookups();
                    if failure.is_none() && (is_open || !lookups.is_empty()) {
                        failure = Some(self.fail(aborted, Some(reason)));
                        is_open = false;
                        self.close_source();
                    }
                }
                while let Poll::Ready(Some(outcome)) = Pin::new(&mut lookups).poll_next(context) {
                    self.outcomes.push(&outcome);
                    self.notify();
                }
                let taken = lookups.len() + self.outcomes.length() as usize;
                if is_open && query.is_none() && taken < self.options.concurrency() {
                    let state = self.clone();
                    query = Some(Box::pin(async move { state.query().await }));
                }
                let Some(Poll::Ready(next)) =
                    query.as_mut().filter(|_| is_open).map(|query| query.as_mut().poll(context))
                else {
                    return if is_open || !lookups.is_empty() { Poll::Pending } else { Poll::Ready(()) };
                };
                query = None;
                match next {
                    Ok(Some(query)) => {
                        lookups.push(self.clone().lookup(count, query));
                        count += 1.0;
                    }
                    Ok(None) => is_open = false,
                    Err(thrown) => {
                        (is_open, failure) = (false, Some(thrown));
                        self.close_source();
                    }
                }
            }
        })
        .await;
        if !self.ended.get() {
            self.end.set(Some(failure.map_or(Ok(()), Err)));
            self.notify();
        }
    }

    /// The next query, if there is one.
    async fn query(&self) -> NextQuery {
        let Some(value) = self.next_of_source().await.inspect_err(|_| self.source_is_open.set(false))? else {
            self.source_is_open.set(false);
            return Ok(None);
        };
        self.promises.settle(&value).await.map(Some)
    }

    async fn next_of_source(&self) -> NextQuery {
        let next = self.promises.settle(&self.source.next()?).await?;
        if !next.is_object() {
            return Err(js_sys::TypeError::new("The iterator of the queries gave no object.").into());
        }
        let next: Iteration = next.unchecked_into();
        if next.done()?.is_truthy() { Ok(None) } else { next.value().map(Some) }
    }

    /// Lets the caller's iterator clean up.
    fn close_source(&self) {
        if self.source_is_open.replace(false)
            && let Some(end) = member(&self.source, "return").and_then(|end| end.dyn_into::<Function>().ok())
            && let Ok(promise) = end.call0(&self.source)
            && let Some(promise) = promise.dyn_ref::<Promise>()
        {
            ignore(|ignore| otherwise(promise, ignore));
        }
    }

    /// Waits for the next outcome or the end.
    async fn outcome(&self) -> Result<JsValue, JsValue> {
        self.until(|_| {
            if self.outcomes.length() > 0 {
                let outcome = self.outcomes.shift();
                // There is room for another lookup.
                self.notify();
                return Poll::Ready(Ok(values::iteration(Some(&outcome))));
            }
            match self.end.take() {
                Some(end) => {
                    self.end.set(Some(Ok(())));
                    Poll::Ready(end.map(|()| values::iteration(None)))
                }
                None => Poll::Pending,
            }
        })
        .await
    }

    /// Looks one query up, and says what became of it.
    async fn lookup(self: Rc<Self>, index: f64, query: JsValue) -> JsValue {
        let result = match options::read_query(&query) {
            Ok(submission) => self.once(index, &query, submission).await,
            Err(text) => Err(error::new(&invalid(text), Peer::Nyne, &Secrets::default(), None, None).into()),
        };
        values::batch_outcome(index, &query, &result)
    }

    /// Looks a query up, unless an equal one is or was.
    async fn once(&self, index: f64, query: &JsValue, submission: Submission) -> Result<JsValue, JsValue> {
        let key = submission.key.clone();
        if self.seen.has(&key) {
            serve(&self.seen.get(&key), index, query);
            return self
                .until(|_| match self.seen.get(&key).dyn_into::<Array>() {
                    Ok(seen) => {
                        let value = seen.get(1);
                        Poll::Ready(if seen.get(0).is_truthy() { Ok(value) } else { Err(value) })
                    }
                    Err(_) => Poll::Pending,
                })
                .await;
        }
        let record = self.record.as_ref().map_or(JsValue::NULL, |record| record.lookup().into());
        serve(&record, index, query);
        self.seen.set(&key, &record);
        let result = self.find(record, submission).await;
        let (Ok(value) | Err(value)) = &result;
        self.seen.set(&key, &Array::of2(&result.is_ok().into(), value));
        self.notify();
        result
    }

    async fn find(&self, record: JsValue, submission: Submission) -> Result<JsValue, JsValue> {
        let flight = Registration::of_batch(record, Some(self.flight.0.clone()));
        let setup = Setup::of(&self.options, &self.shared, &self.context, &submission.personal, &flight);
        let mut setup = setup
            .map_err(|text| JsValue::from(error::new(&invalid(text), Peer::Nyne, &Secrets::default(), None, None)))?;
        setup.plan.patient = true;
        setup.plan.limits.at_once = AT_ONCE;
        setup.heard = self.signal.borrow().as_ref().map(Signal::share);
        self.calls.borrow_mut().push(flight.0.clone());
        let end = self.ask(&mut setup, &flight.0, submission).await;
        self.calls.borrow_mut().retain(|call| !Rc::ptr_eq(call, &flight.0));
        end.map_err(|(error, cause, data)| setup.fail(&error, cause, data).into())
    }

    /// Looks a query up, unless the store knows its result, and notes what is known of it.
    async fn ask(&self, setup: &mut Setup, call: &Rc<InFlight>, submission: Submission) -> Result<JsValue, Ended> {
        let signal = setup.listen().map_err(|(error, cause)| (Box::new(error), cause, None))?;
        let (mut id, mut age, noted) = (None, None, Rc::<Noted>::default());
        if let Some(store) = &self.store {
            let promises = Promises::new(call);
            let found = store.get(&submission.key, &promises, setup.secrets());
            match or_stopped(call, &signal, setup.plan.request_timeout, found).await?? {
                Some(Claim { result: Some(result), .. }) => return Ok(result),
                Some(claim @ Claim { id: Some(_), .. }) => {
                    (id, age) = (claim.id, claim.age);
                    *noted.submitted_at.borrow_mut() = claim.submitted_at;
                }
                Some(_) if !self.options.resubmit() => return Err(ended(Failure::Claimed, Submitted::Unknown)),
                _ => {}
            }
            setup.claim = Some(store.claiming(&submission.key, &noted, call, setup.secrets()));
            setup.on_answer = Some(store.noting(&submission.key, &noted, setup.secrets()));
        }
        let mut limited_since = f64::INFINITY;
        let end = loop {
            let operation = if id.is_some() { Operation::Poll } else { Operation::Find };
            let body = id.is_none().then(|| submission.body.clone());
            let mut lookup = setup.lookup(operation, id.clone(), body, age);
            let end = poll_fn(|context| {
                // Nothing is sent for the account any more.
                let refused = self.refused.borrow();
                if let (None, Some(failure), Submitted::No) = (&id, &*refused, call.submitted()) {
                    return Poll::Ready(Err(ended(failure.clone(), Submitted::No)));
                }
                drop(refused);
                lookup.as_mut().poll(context).map(Settled::result)
            })
            .await;
            drop(lookup);
            match &end {
                Err((error, ..)) if error.is_limited() && timer::now() - limited_since < PATIENCE => {
                    limited_since = limited_since.min(timer::now());
                    (id, age) = (error.request_id.clone(), None);
                    let left = PATIENCE - (timer::now() - limited_since);
                    let refused = || (id.is_none() && self.refused.borrow().is_some()).then_some(Woken::Due);
                    if !pause(call, &signal, &refused, error.retry_after.unwrap_or(LIMITED).min(left)).await {
                        break end;
                    }
                }
                _ => break end,
            }
        };
        if let Some(store) = &self.store {
            note(store, call, &submission.key, &noted, &end, setup).await;
        }
        if let Err((error, ..)) = &end
            && let Failure::Api(api) = &error.failure
            && matches!(api.kind(), 401..=403)
        {
            self.refused.borrow_mut().get_or_insert_with(|| error.failure.clone());
            self.wake_lookups();
        }
        end
    }

    fn fail(&self, failure: Failure, cause: Option<JsValue>) -> JsValue {
        let none = Secrets::default();
        error::new(&Error::new(failure, Submitted::No), Peer::Nyne, &none, cause, None).into()
    }

    /// Waits until `ready` is.
    async fn until<T>(&self, mut ready: impl FnMut(&mut TaskContext) -> Poll<T>) -> T {
        poll_fn(|context| {
            let poll = ready(context);
            let mut wakers = self.wakers.borrow_mut();
            if poll.is_pending() && !wakers.iter().any(|waker| waker.will_wake(context.waker())) {
                wakers.push(context.waker().clone());
            }
            poll
        })
        .await
    }

    fn wake_lookups(&self) {
        self.calls.borrow().iter().for_each(|call| call.wake());
    }

    /// Wakes those who wait for the outcomes or the end.
    fn notify(&self) {
        self.wakers.take().into_iter().for_each(Waker::wake);
    }
}

/// Notes for the guard that a query gets what a lookup ends with. `record` is the guard's, if the lookup still runs.
fn serve(record: &JsValue, index: f64, query: &JsValue) {
    if record.is_object() && !record.is_instance_of::<Array>() {
        record.unchecked_ref::<LookupRecord>().serves(index, query);
    }
}

/// Does some work with the store, unless the call is stopped or the work takes longer than `limit`, in ms.
async fn or_stopped<T>(
    call: &Rc<InFlight>,
    signal: &Option<Signal>,
    limit: f64,
    work: impl Future<Output = T>,
) -> Result<T, Ended> {
    let mut work = Some(Box::pin(work));
    let mut timer = Timer::of_wait(call);
    // Without timers nothing can be sent later, which says so then.
    let _ = timer.set(timer::now() + limit);
    match first_of(call, &mut work, signal, &|| None, &mut timer).await {
        Woken::Done(done) => Ok(done),
        Woken::Due => Err(ended(Failure::store_timeout(), Submitted::No)),
        Woken::Stopped(failure, reason) => Err((Box::new(Error::new(failure, Submitted::No)), Some(reason), None)),
        _ => Err(ended(forgotten(), Submitted::No)),
    }
}

/// Waits for `ms`, or until the call is stopped or `over` says so. Returns false if the host has no timers.
async fn pause(call: &Rc<InFlight>, signal: &Option<Signal>, over: &dyn Fn() -> Option<Woken<()>>, ms: f64) -> bool {
    let mut timer = Timer::of_wait(call);
    let set = timer.set(timer::now() + ms);
    set.is_ok() && {
        first_of(call, &mut None::<Pin<Box<Ready<()>>>>, signal, over, &mut timer).await;
        true
    }
}

/// Notes in the store how a lookup ended. If that fails, the next run polls the job again.
async fn note(
    store: &Store,
    call: &Rc<InFlight>,
    key: &JsString,
    noted: &Noted,
    end: &Result<JsValue, Ended>,
    setup: &Setup,
) {
    let promises = Promises::new(call);
    let work = async {
        if let Some(pending) = noted.pending.take()
            && let Err(thrown) = promises.settle(&pending).await
        {
            report_failure(&thrown, setup.secrets());
        }
        let Ok(result) = end else { return };
        let id = member(result, "requestId").and_then(|id| id.as_string());
        let submitted_at = noted.submitted_at.borrow().clone().unwrap_or_else(values::present);
        let claim = values::claim(&submitted_at, id.as_deref(), result);
        if let Err((_, Some(thrown), _)) = store.set(key, &claim, &promises, setup.secrets()).await {
            report_failure(&thrown, setup.secrets());
        }
    };
    // An abort does not cut it short.
    let _ = or_stopped(call, &None, setup.plan.request_timeout, work).await;
}

fn ended(failure: Failure, submitted: Submitted) -> Ended {
    let outcome_unknown = submitted == Submitted::Unknown;
    (Box::new(Error { outcome_unknown, ..Error::new(failure, submitted) }), None, None)
}
