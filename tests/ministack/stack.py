"""The project's own template, deployed with the executables that were built."""

import io
import json
import platform
import time
import zipfile
from pathlib import Path

from botocore.exceptions import ClientError
from samtranslator.yaml_helper import yaml_parse

from emulator import Emulator, poll

CODE = "code"  # The bucket; in MiniStack no name is taken.
DEPLOY_SECONDS = 180
BATCHED = {"sqs:SendMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"}


class Stack:
    """A deployed stack."""

    def __init__(self, emulator: Emulator, name: str):
        self.name = name
        self.emulator = emulator
        self._cloudformation = emulator.client("cloudformation")

    def deploy(self, template: Path, executables: Path, wanted: dict[str, str]):
        """Uploads code and template, creates the stack and waits for it. Of the wanted parameters it
        is given those that the template declares."""
        s3 = self.emulator.client("s3")
        s3.create_bucket(
            Bucket=CODE,
            CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name},
        )
        declared = yaml_parse(template.read_text(encoding="utf-8"))
        for logical_id, resource in declared["Resources"].items():
            if resource["Type"] == "AWS::Serverless::Function":
                binary = resource["Metadata"]["BuildProperties"]["Binary"]
                key = f"{binary}.zip"
                s3.put_object(Bucket=CODE, Key=key, Body=zipped(executables / binary / "bootstrap"))
                resource["Properties"]["CodeUri"] = {"Bucket": CODE, "Key": key}
            if resource["Type"] == "AWS::CloudWatch::Alarm":
                without_mathematics(resource["Properties"])
        numbers_as_such(declared)
        name_batches(declared["Resources"])
        # As a file in a bucket, because it may be longer than what fits into the request.
        s3.put_object(Bucket=CODE, Key="template.json", Body=json.dumps(declared).encode())
        self._cloudformation.create_stack(
            StackName=self.name,
            TemplateURL=f"{self.emulator.url}/{CODE}/template.json",
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value}
                for key, value in wanted.items()
                if key in declared["Parameters"]
            ],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
        status = poll("the stack is created", DEPLOY_SECONDS, self._settled)
        if status != "CREATE_COMPLETE":
            raise RuntimeError(f"the stack is {status}:\n" + "\n".join(self._failures()))

    def _settled(self):
        status = self._cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]["StackStatus"]
        return None if status.endswith("_IN_PROGRESS") else status

    def _failures(self):
        pages = self._cloudformation.get_paginator("describe_stack_events")
        for page in pages.paginate(StackName=self.name):
            for event in page["StackEvents"]:
                if event["ResourceStatus"].endswith("_FAILED"):
                    reason = event.get("ResourceStatusReason", "no reason given")
                    yield f"  {event['LogicalResourceId']} ({event['ResourceType']}): {reason}"

    def resources(self, kind: str) -> dict[str, str]:
        """Logical and physical ids of the resources of a type."""
        pages = self._cloudformation.get_paginator("list_stack_resources")
        return {
            resource["LogicalResourceId"]: resource["PhysicalResourceId"]
            for page in pages.paginate(StackName=self.name)
            for resource in page["StackResourceSummaries"]
            if resource["ResourceType"] == kind
        }

    def processed_template(self) -> dict:
        """The template as the SAM transform left it."""
        answer = self._cloudformation.get_template(StackName=self.name, TemplateStage="Processed")
        template = answer["TemplateBody"]
        return json.loads(template) if isinstance(template, str) else template

    def dead_letters(self) -> dict[str, int]:
        """Every queue of the stack that failures end in, and how much is in it."""
        sqs = self.emulator.client("sqs")
        queues = {}
        failures = set()
        for url in self.resources("AWS::SQS::Queue").values():
            attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
            queues[attributes["QueueArn"]] = attributes
            if "RedrivePolicy" in attributes:
                failures.add(json.loads(attributes["RedrivePolicy"])["deadLetterTargetArn"])
        for mapping in self.mappings():
            destination = mapping.get("DestinationConfig", {}).get("OnFailure", {})
            failures.add(destination.get("Destination"))
        counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        return {
            arn.rsplit(":", 1)[-1]: sum(int(attributes.get(count, 0)) for count in counts)
            for arn, attributes in queues.items()
            if arn in failures
        }

    def mappings(self) -> list[dict]:
        """The event-source mappings."""
        return self.emulator.client("lambda").list_event_source_mappings()["EventSourceMappings"]

    def worked_mappings(self) -> int | None:
        """How many event-source mappings there are, if every one of them ended well when it was last
        used, and was used."""
        results = [mapping["LastProcessingResult"] for mapping in self.mappings()]
        return len(results) if all(result.startswith("OK") for result in results) else None

    def invoke_scheduled(self) -> list[str]:
        """Calls what a schedule calls, with what it sends; the names of these functions."""
        events, lambda_ = self.emulator.client("events"), self.emulator.client("lambda")
        called = []
        for logical_id, rule in self.resources("AWS::Events::Rule").items():
            for target in events.list_targets_by_rule(Rule=rule)["Targets"]:
                event = {
                    "version": "0",
                    "id": "00000000-0000-4000-8000-000000000000",
                    "detail-type": "Scheduled Event",
                    "source": "aws.events",
                    "account": "000000000000",
                    "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                    "region": events.meta.region_name,
                    "resources": [events.describe_rule(Name=rule)["Arn"]],
                    "detail": {},
                }
                answer = lambda_.invoke(FunctionName=target["Arn"], Payload=json.dumps(event))
                if "FunctionError" in answer:
                    raise AssertionError(f"{logical_id}: {answer['Payload'].read()[:500]}")
                called.append(logical_id)
        if not called:
            raise AssertionError("nothing runs on a schedule")
        return called

    def last_logs(self, lines: int):
        """The last warnings and errors that each function logged; without any, the last line."""
        logs = self.emulator.client("logs")
        lambda_ = self.emulator.client("lambda")
        for logical_id, function in self.resources("AWS::Lambda::Function").items():
            settings = lambda_.get_function_configuration(FunctionName=function)
            group = settings.get("LoggingConfig", {}).get("LogGroup", f"/aws/lambda/{function}")
            try:
                events = logs.filter_log_events(logGroupName=group)["events"]
            except ClientError:  # It was never called.
                continue
            said = [event["message"].rstrip() for event in events]
            said = [line for line in said if not line.startswith(("START ", "END ", "REPORT "))]
            bad = [line for line in said if '"INFO"' not in line and '"DEBUG"' not in line]
            if said:
                yield logical_id, (bad or said[-1:])[-lines:]


def zipped(executable: Path) -> bytes:
    """A deployment package. Packed lightly: it does not travel far."""
    if not executable.is_file():
        raise FileNotFoundError(f"{executable} is not there; `make functions` builds it")
    entry = zipfile.ZipInfo("bootstrap")
    entry.external_attr = 0o755 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr(entry, executable.read_bytes(), compresslevel=1)
    return package.getvalue()


def without_mathematics(alarm: dict):
    """MiniStack knows no alarm over several metrics: the first one stands for all of them, so that
    what refers to the alarm finds one."""
    metrics = alarm.pop("Metrics", [])
    first = next((metric["MetricStat"] for metric in metrics if "MetricStat" in metric), None)
    if first:
        alarm.update(first["Metric"], Statistic=first["Stat"], Period=first["Period"])


def numbers_as_such(template: dict):
    """MiniStack hands a parameter of type Number on as text, and then compares it with a number."""
    numbers = {
        name: int(parameter["Default"])
        for name, parameter in template["Parameters"].items()
        if parameter["Type"] == "Number"
    }
    for resource in template["Resources"].values():
        for event in resource.get("Properties", {}).get("Events", {}).values():
            scaling = event.get("Properties", {}).get("ScalingConfig", {})
            for name, value in scaling.items():
                if isinstance(value, dict):
                    scaling[name] = numbers[value["Ref"]]


def name_batches(value):
    """IAM allows a batch of messages to who is allowed one; MiniStack asks for the batch by name."""
    if isinstance(value, list):
        for part in value:
            name_batches(part)
    elif isinstance(value, dict):
        actions = value.get("Action")
        if isinstance(actions, list):
            value["Action"] = actions + [f"{action}Batch" for action in actions if action in BATCHED]
        for part in value.values():
            name_batches(part)


def lambda_architecture() -> str:
    """This machine's processor, as Lambda calls it."""
    return "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
