//! The tables of a stack on AWS, found through its outputs and reached with whatever credentials the
//! operator's own AWS tools use.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::error::DisplayErrorContext;
use runtime::{Ambient, App, Clients, Config};

/// What the configuration calls what the stack puts out.
const OUTPUTS: &[(&str, &str)] = &[
    ("TABLE_NAME", "TableName"),
    ("KEYS_TABLE_NAME", "KeysTableName"),
    ("MASTER_KEY_ID", "MasterKeyArn"),
    ("PUBLIC_URL", "PublicUrl"),
];

/// An app for the tables of the stack called `name`; the text of an error says what to do.
pub(super) async fn app(name: &str) -> Result<App, String> {
    let aws = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
    if aws.region().is_none() {
        return Err("no region is set; set AWS_REGION, or AWS_PROFILE to a profile with one".into());
    }
    let outputs = outputs(&aws, name).await?;
    for (_, output) in OUTPUTS {
        if !outputs.contains_key(*output) {
            return Err(format!("stack {name} has no output {output}: it is not Countersign's"));
        }
    }
    let config = Config::from_vars(|variable| {
        let (_, output) = OUTPUTS.iter().find(|(name, _)| *name == variable)?;
        outputs.get(*output).cloned()
    });
    let clients = Clients {
        dynamodb: aws_sdk_dynamodb::Client::new(&aws),
        sqs: aws_sdk_sqs::Client::new(&aws),
        kms: Some(aws_sdk_kms::Client::new(&aws)),
    };
    App::new(config.map_err(|error| error.to_string())?, clients, Ambient::default())
}

async fn outputs(
    aws: &aws_config::SdkConfig,
    name: &str,
) -> Result<BTreeMap<String, String>, String> {
    let client = aws_sdk_cloudformation::Client::new(aws);
    let described =
        client.describe_stacks().stack_name(name).send().await.map_err(|error| {
            format!("stack {name} cannot be read: {}", DisplayErrorContext(error))
        })?;
    let stack = described.stacks().first().ok_or_else(|| format!("there is no stack {name}"))?;
    let outputs = stack.outputs().iter();
    let pairs =
        outputs.filter_map(|o| Some((o.output_key()?.to_owned(), o.output_value()?.into())));
    Ok(pairs.collect())
}
