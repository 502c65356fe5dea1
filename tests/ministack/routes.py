"""The routes of an HTTP API, from the definition that the SAM transform makes of the template.

MiniStack's CloudFormation makes the API and its stage, and leaves the definition in `Body` aside.
"""

import json
import re

from stack import Stack

METHODS = {"delete", "get", "head", "options", "patch", "post", "put"}
INTEGRATION = "x-amazon-apigateway-integration"
FUNCTION = re.compile(r"\$\{(\w+)\.Arn\}")


def register(stack: Stack) -> tuple[str, int]:
    """Gives the API of a stack its routes; the API's id, and how many routes there are."""
    [(logical_id, api_id)] = stack.resources("AWS::ApiGatewayV2::Api").items()
    api = stack.emulator.client("apigatewayv2")
    if api.get_routes(ApiId=api_id)["Items"]:
        raise RuntimeError("MiniStack has made the routes: this helper is not needed any more")
    definition = stack.processed_template()["Resources"][logical_id]["Properties"]["Body"]
    functions = stack.resources("AWS::Lambda::Function")
    targets = {}
    routes = 0
    for path, operations in definition["paths"].items():
        for method, operation in unconditional(operations).items():
            function = function_of(operation)
            # A route whose function a condition leaves out is left out with it.
            if function not in functions:
                continue
            if function not in targets:
                targets[function] = integrate(stack, api_id, functions[function])
            # A greedy variable takes no empty rest here. A route may end in a slash instead, which
            # AWS does not take.
            if method in METHODS:
                path = path.replace("{proxy+}", "")
            api.create_route(ApiId=api_id, RouteKey=key(method, path), Target=targets[function])
            routes += 1
    return api_id, routes


def integrate(stack: Stack, api_id: str, function: str) -> str:
    """Makes an integration with a function; the target of its routes."""
    configuration = stack.emulator.client("lambda").get_function_configuration(FunctionName=function)
    integration = stack.emulator.client("apigatewayv2").create_integration(
        ApiId=api_id,
        IntegrationType="AWS_PROXY",
        IntegrationMethod="POST",
        IntegrationUri=configuration["FunctionArn"],
        PayloadFormatVersion="2.0",
    )
    return f"integrations/{integration['IntegrationId']}"


def unconditional(value):
    """What stands there if its condition holds."""
    while isinstance(value, dict) and list(value) == ["Fn::If"]:
        value = value["Fn::If"][1]
    return value


def function_of(operation) -> str:
    """The logical id of the function that an operation of the definition is integrated with."""
    integration = unconditional(operation)[INTEGRATION]
    kind = integration["type"].lower(), integration["payloadFormatVersion"]
    found = FUNCTION.findall(json.dumps(integration["uri"]))
    if kind != ("aws_proxy", "2.0") or len(found) != 1:
        raise ValueError(f"not an integration with one function: {integration}")
    return found[0]


def key(method: str, path: str) -> str:
    """A route as API Gateway names it."""
    if path == "/$default":
        return "$default"
    if method == "x-amazon-apigateway-any-method":
        return f"ANY {path}"
    if method not in METHODS:
        raise ValueError(f"{method} of {path} is no method")
    return f"{method.upper()} {path}"
