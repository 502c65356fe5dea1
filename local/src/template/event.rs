//! What calls a function: routes, queues, streams, schedules.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value as Json;

use super::scope::arn;
use crate::filter::Filters;
use crate::route::Route;

/// Something that calls a function.
#[derive(Debug, Clone)]
pub enum Event {
    /// Requests of an HTTP API.
    Route(Route),
    /// Messages of a queue.
    Queue(QueueSource),
    /// Changes of a table.
    Stream(StreamSource),
    /// The clock.
    Schedule(ScheduleSource),
}

/// How messages of a queue come to a function.
#[derive(Debug, Clone)]
pub struct QueueSource {
    /// Which queue.
    pub queue_arn: String,
    /// Messages in one call, at most.
    pub batch_max: usize,
    /// Whether the function says which messages failed.
    pub reports_failures: bool,
    /// Calls at the same time, at most.
    pub concurrency_max: usize,
}

/// How changes of a table come to a function.
#[derive(Debug, Clone)]
pub struct StreamSource {
    /// Which stream.
    pub stream_arn: String,
    /// Records in one call, at most.
    pub batch_max: usize,
    /// Which records come at all.
    pub filters: Filters,
    /// Whether the function says which record failed.
    pub reports_failures: bool,
    /// How often a failed batch is tried again; for ever where nothing is said.
    pub retries_max: Option<u32>,
    /// Whether a batch over which the function fails comes again in halves.
    pub bisects: bool,
}

/// When the clock calls a function.
#[derive(Debug, Clone)]
pub struct ScheduleSource {
    /// The time between two calls.
    pub every: Duration,
    /// Who calls.
    pub scheduler: Scheduler,
    /// The rule or schedule.
    pub arn: String,
}

/// The two services that call by the clock; their events differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheduler {
    /// A rule of EventBridge.
    Rule,
    /// EventBridge Scheduler.
    Scheduler,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "Type", content = "Properties")]
enum Declared {
    HttpApi(HttpApi),
    #[serde(rename = "SQS")]
    Queue(Sqs),
    #[serde(rename = "DynamoDB")]
    Stream(DynamoDb),
    Schedule(Rule),
    ScheduleV2(Schedule),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct HttpApi {
    #[expect(dead_code, reason = "there is one API here")]
    api_id: Option<String>,
    method: String,
    path: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Sqs {
    queue: String,
    batch_size: Option<usize>,
    #[serde(default)]
    function_response_types: Vec<ResponseType>,
    scaling_config: Option<Scaling>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Scaling {
    #[serde(deserialize_with = "number")]
    maximum_concurrency: usize,
}

#[derive(Debug, Deserialize)]
enum ResponseType {
    ReportBatchItemFailures,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DynamoDb {
    stream: String,
    #[expect(dead_code, reason = "required, and here always since the table was made")]
    starting_position: StartingPosition,
    batch_size: Option<usize>,
    #[serde(default)]
    filter_criteria: Json,
    #[serde(default)]
    function_response_types: Vec<ResponseType>,
    maximum_retry_attempts: Option<i64>,
    #[serde(default)]
    bisect_batch_on_function_error: bool,
    #[expect(dead_code, reason = "what is given up is logged here")]
    destination_config: Option<Json>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum StartingPosition {
    TrimHorizon,
    Latest,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Rule {
    schedule: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Schedule {
    schedule_expression: String,
}

/// Messages in one call where nothing is said, as on AWS.
const QUEUE_BATCH_DEFAULT: usize = 10;
/// One receive brings no more; AWS allows more only together with a batching window.
const QUEUE_BATCH_MAX: usize = 10;
/// Calls at the same time where nothing is said: enough for one machine.
const CONCURRENCY_DEFAULT: usize = 10;
/// Records in one call where nothing is said, as on AWS.
const STREAM_BATCH_DEFAULT: usize = 100;
/// What one read of a stream brings at most.
const STREAM_BATCH_MAX: usize = 1_000;

pub(super) fn read(function: &str, name: &str, declared: &Json) -> Result<Event, String> {
    let declared = Declared::deserialize(declared).map_err(|error| error.to_string())?;
    match declared {
        Declared::HttpApi(http) => Ok(Event::Route(Route::parse(&http.method, &http.path)?)),
        Declared::Queue(sqs) => queue(sqs).map(Event::Queue),
        Declared::Stream(stream) => self::stream(stream).map(Event::Stream),
        Declared::Schedule(rule) => Ok(Event::Schedule(ScheduleSource {
            every: rate(&rule.schedule)?,
            scheduler: Scheduler::Rule,
            arn: arn("events", &format!("rule/{function}{name}")),
        })),
        Declared::ScheduleV2(schedule) => Ok(Event::Schedule(ScheduleSource {
            every: rate(&schedule.schedule_expression)?,
            scheduler: Scheduler::Scheduler,
            arn: arn("scheduler", &format!("schedule/default/{function}{name}")),
        })),
    }
}

/// A parameter of the type `Number` is a text once it is resolved.
fn number<'de, D: serde::Deserializer<'de>>(value: D) -> Result<usize, D::Error> {
    let value = Json::deserialize(value)?;
    let text = super::scope::scalar(&value).and_then(|text| text.parse().ok());
    text.ok_or_else(|| serde::de::Error::custom("a number is expected"))
}

fn queue(sqs: Sqs) -> Result<QueueSource, String> {
    let concurrency = sqs.scaling_config.map(|scaling| scaling.maximum_concurrency);
    if concurrency.is_some_and(|calls| !(2..=1_000).contains(&calls)) {
        return Err("MaximumConcurrency must be 2 to 1000".to_owned());
    }
    Ok(QueueSource {
        queue_arn: sqs.queue,
        batch_max: batch(sqs.batch_size, QUEUE_BATCH_DEFAULT, QUEUE_BATCH_MAX)?,
        reports_failures: !sqs.function_response_types.is_empty(),
        concurrency_max: concurrency.unwrap_or(CONCURRENCY_DEFAULT),
    })
}

fn stream(stream: DynamoDb) -> Result<StreamSource, String> {
    Ok(StreamSource {
        stream_arn: stream.stream,
        batch_max: batch(stream.batch_size, STREAM_BATCH_DEFAULT, STREAM_BATCH_MAX)?,
        filters: Filters::parse(&stream.filter_criteria)?,
        reports_failures: !stream.function_response_types.is_empty(),
        bisects: stream.bisect_batch_on_function_error,
        // -1 is AWS's way to say for ever.
        retries_max: stream.maximum_retry_attempts.and_then(|n| u32::try_from(n).ok()),
    })
}

fn batch(given: Option<usize>, default: usize, max: usize) -> Result<usize, String> {
    let size = given.unwrap_or(default);
    let allowed = (1..=max).contains(&size);
    allowed.then_some(size).ok_or_else(|| format!("BatchSize must be 1 to {max}"))
}

fn rate(expression: &str) -> Result<Duration, String> {
    let refuse = || format!("{expression} is not understood: only rate(n minutes|hours|days) is");
    let inner = expression.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')'));
    let (count, unit) = inner.and_then(|inner| inner.split_once(' ')).ok_or_else(refuse)?;
    let minutes = match unit {
        "minute" | "minutes" => 1,
        "hour" | "hours" => 60,
        "day" | "days" => 60 * 24,
        _ => return Err(refuse()),
    };
    let count: u32 = count.parse().map_err(|_| refuse())?;
    // AWS insists on the singular for one and on the plural for more.
    if count == 0 || (count == 1) == unit.ends_with('s') {
        return Err(refuse());
    }
    Ok(Duration::from_secs(u64::from(count) * minutes * 60))
}
