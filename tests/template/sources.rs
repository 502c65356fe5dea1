//! Rules about queues, streams and schedules, and that somebody is told.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Rule;
use super::stack::{Grant, Resource, Stack, many, named};

pub(super) const RULES: &[Rule] = &[
    ("no_send_to_its_own_source", no_send_to_its_own_source),
    ("visible_after_six_timeouts", visible_after_six_timeouts),
    ("dead_letters_are_kept", dead_letters_are_kept),
    ("redrive_is_allowed", redrive_is_allowed),
    ("queues_are_encrypted", queues_are_encrypted),
    ("partial_failures_are_told", partial_failures_are_told),
    ("sources_are_bounded", sources_are_bounded),
    ("streams_give_up", streams_give_up),
    ("dead_letters_ring", dead_letters_ring),
    ("alarms_reach_somebody", alarms_reach_somebody),
];

/// Every function with each queue it reads.
fn readers(stack: &Stack) -> Vec<(Resource<'_>, &Value, String)> {
    let mut found = Vec::new();
    for function in stack.functions() {
        for (_, event) in function.events("SQS") {
            let again = Resource { id: function.id, body: function.body };
            found.push((again, event, named(&event["Queue"])));
        }
    }
    found
}

/// Lambda stops such a function after about sixteen rounds.
fn no_send_to_its_own_source(stack: &Stack) -> Vec<String> {
    let sends = |(function, _, queue): &(Resource<'_>, &Value, String)| {
        let grant = Grant { action: "sqs:SendMessage".to_owned(), resource: queue.clone() };
        let known = stack.environment(function).values().any(|value| value["Ref"] == **queue);
        let may = stack.grants(function).contains(&grant);
        may.then(|| format!("{} may send to its own source (known: {known})", function.id))
    };
    readers(stack).iter().filter_map(sends).collect()
}

fn visible_after_six_timeouts(stack: &Stack) -> Vec<String> {
    let early = |(function, _, queue): &(Resource<'_>, &Value, String)| {
        let visible = stack.get(queue)["Properties"]["VisibilityTimeout"].as_u64().unwrap_or(30);
        let wanted = 6 * stack.timeout_s(function);
        (visible < wanted).then(|| format!("{queue} shows after {visible} s, not {wanted} s"))
    };
    readers(stack).iter().filter_map(early).collect()
}

const FOURTEEN_DAYS_S: u64 = 1_209_600;

/// Where messages end that could not be worked off.
fn dead_letters(stack: &Stack) -> BTreeSet<String> {
    let redriven = stack
        .of("AWS::SQS::Queue")
        .map(|queue| named(&queue.property("RedrivePolicy")["deadLetterTargetArn"]));
    let mut found: BTreeSet<String> = redriven.filter(|target| !target.is_empty()).collect();
    for function in stack.functions() {
        for (_, event) in function.events("DynamoDB") {
            found.insert(named(&event["DestinationConfig"]["OnFailure"]["Destination"]));
        }
    }
    found
}

fn dead_letters_are_kept(stack: &Stack) -> Vec<String> {
    let mut wrong = Vec::new();
    for (_, _, queue) in readers(stack) {
        let target =
            named(&stack.get(&queue)["Properties"]["RedrivePolicy"]["deadLetterTargetArn"]);
        if target.is_empty() {
            wrong.push(format!("{queue} has no dead letters"));
        }
    }
    let letters = dead_letters(stack);
    for queue in stack.of("AWS::SQS::Queue") {
        if queue.property("MessageRetentionPeriod") != FOURTEEN_DAYS_S {
            let dead = letters.contains(queue.id);
            wrong.push(format!("{} forgets before 14 days (dead letters: {dead})", queue.id));
        }
    }
    wrong
}

fn redrive_is_allowed(stack: &Stack) -> Vec<String> {
    let open = dead_letters(stack).into_iter().filter(|queue| {
        let policy = &stack.get(queue)["Properties"]["RedriveAllowPolicy"];
        !(policy["redrivePermission"] == "denyAll"
            || policy["redrivePermission"] == "byQueue"
                && !many(&policy["sourceQueueArns"]).is_empty())
    });
    open.map(|queue| format!("any queue may redrive into {queue}")).collect()
}

fn queues_are_encrypted(stack: &Stack) -> Vec<String> {
    let plain = stack.of("AWS::SQS::Queue").filter(|queue| {
        queue.property("SqsManagedSseEnabled") != true && queue.property("KmsMasterKeyId").is_null()
    });
    plain.map(|queue| format!("{} is not encrypted", queue.id)).collect()
}

fn partial_failures_are_told(stack: &Stack) -> Vec<String> {
    let mut wrong = Vec::new();
    for function in stack.functions() {
        for (name, event) in ["SQS", "DynamoDB"].iter().flat_map(|kind| function.events(kind)) {
            if !many(&event["FunctionResponseTypes"]).contains(&"ReportBatchItemFailures".into()) {
                wrong.push(format!("{} fails a whole batch of {name}", function.id));
            }
        }
    }
    wrong
}

fn sources_are_bounded(stack: &Stack) -> Vec<String> {
    let unbounded = |(function, event, queue): &(Resource<'_>, &Value, String)| {
        let bounded = !event["ScalingConfig"]["MaximumConcurrency"].is_null();
        let sized = event["BatchSize"].is_u64();
        (!bounded || !sized).then(|| format!("{} takes all of {queue} at once", function.id))
    };
    readers(stack).iter().filter_map(unbounded).collect()
}

/// One record that always fails would keep its shard waiting for a day.
fn streams_give_up(stack: &Stack) -> Vec<String> {
    let mut wrong = Vec::new();
    for function in stack.functions() {
        for (name, event) in function.events("DynamoDB") {
            let ends = event["MaximumRetryAttempts"].as_i64().is_some_and(|tries| tries >= 0)
                && event["BisectBatchOnFunctionError"] == true
                && !event["DestinationConfig"]["OnFailure"]["Destination"].is_null()
                && !event["FilterCriteria"].is_null();
            if !ends {
                wrong.push(format!("{} tries records of {name} for ever", function.id));
            }
        }
    }
    wrong
}

fn dead_letters_ring(stack: &Stack) -> Vec<String> {
    let rings = |queue: &String| {
        stack.of("AWS::CloudWatch::Alarm").any(|alarm| {
            let dimensions = many(alarm.property("Dimensions"));
            alarm.property("MetricName") == "ApproximateNumberOfMessagesVisible"
                && dimensions.iter().any(|one| named(&one["Value"]) == format!("{queue}.QueueName"))
        })
    };
    let silent = dead_letters(stack).into_iter().filter(|queue| !rings(queue));
    silent.map(|queue| format!("nobody is told of {queue}")).collect()
}

fn alarms_reach_somebody(stack: &Stack) -> Vec<String> {
    let alarms = stack.of("AWS::CloudWatch::Alarm").filter(|alarm| {
        let topics = many(alarm.property("AlarmActions"));
        !topics.iter().any(|topic| stack.get(&named(topic))["Type"] == "AWS::SNS::Topic")
            || alarm.property("AlarmDescription").is_null()
            || alarm.property("TreatMissingData").is_null()
    });
    alarms.map(|alarm| format!("{} tells nobody, or not what it means", alarm.id)).collect()
}
