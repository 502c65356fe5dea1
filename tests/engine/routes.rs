//! Routing: method and path, the route that takes them, its variables.

use countersign::{Route, Router, segments};

const ROUTES: [&str; 13] = [
    "GET /persons",
    "POST /persons",
    "POST /persons/{proxy+}",
    "POST /persons/{id}/pay/{proxy+}",
    "POST /persons/{id}/auth",
    "GET /link/{token}",
    "GET /link/{token}/{action}",
    "GET /link/help",
    "POST /link/help/{topic}",
    "ANY /bank/{bank}/{proxy+}",
    "GET /bank/{bank}/v1/accounts",
    "POST /bank/{bank}/{proxy+}",
    "ANY /bank/{bank}/v1/{rest}",
];

fn taken(request: &str) -> String {
    let routes = ROUTES.map(|text| {
        let (method, path) = text.split_once(' ').expect(text);
        (Route::parse(method, path).expect(text), ())
    });
    let router = Router::new(routes.into());
    let (method, path) = request.split_once(' ').expect(request);
    let Some(path) = segments(path) else {
        return "broken".to_owned();
    };
    let Some(taken) = router.find(method, &path) else {
        return "none".to_owned();
    };
    let variables = taken.parameters.iter();
    let variables: String = variables.map(|(name, value)| format!(" {name}={value}")).collect();
    format!("{}{variables}", taken.route)
}

#[test]
fn the_most_specific_route_takes_a_request() {
    for (request, expected) in [
        ("GET /persons", "GET /persons"),
        ("POST /persons", "POST /persons"),
        ("POST /persons/", "POST /persons/{proxy+} proxy="),
        ("POST /persons//", "POST /persons/{proxy+} proxy=/"),
        ("POST /persons/7/pay/", "POST /persons/{id}/pay/{proxy+} id=7 proxy="),
        ("GET /persons/", "none"),
        ("PUT /persons", "none"),
        ("get /persons", "none"),
        ("POST /persons/7/auth", "POST /persons/{id}/auth id=7"),
        ("POST /persons//auth", "POST /persons/{proxy+} proxy=/auth"),
        ("POST /persons/7/auth/", "POST /persons/{proxy+} proxy=7/auth/"),
        ("POST /persons/7/8/auth", "POST /persons/{proxy+} proxy=7/8/auth"),
        ("POST /persons/a%2Fb/auth", "POST /persons/{id}/auth id=a/b"),
        ("POST /persons/%C3%BC/auth", "POST /persons/{id}/auth id=ü"),
        ("POST /persons/%FF/auth", "broken"),
        ("POST /persons/%zz/auth", "broken"),
        ("POST /persons/%+1/auth", "broken"),
        ("POST /persons/%1", "broken"),
        ("GET /link/abc", "GET /link/{token} token=abc"),
        ("GET /link/help", "GET /link/help"),
        ("GET /link/%68elp", "GET /link/help"),
        ("GET /link/abc/bank", "GET /link/{token}/{action} action=bank token=abc"),
        ("GET /link/help/x", "GET /link/{token}/{action} action=x token=help"),
        ("POST /link/help/x", "POST /link/help/{topic} topic=x"),
        ("GET /bank/a/v1/accounts", "GET /bank/{bank}/v1/accounts bank=a"),
        ("PUT /bank/a/v1/accounts", "ANY /bank/{bank}/v1/{rest} bank=a rest=accounts"),
        ("GET /bank/a/v1/x/y", "ANY /bank/{bank}/{proxy+} bank=a proxy=v1/x/y"),
        ("POST /bank/a/x/y", "POST /bank/{bank}/{proxy+} bank=a proxy=x/y"),
        ("DELETE /bank/a/x/", "ANY /bank/{bank}/{proxy+} bank=a proxy=x/"),
        ("GET /bank/a", "none"),
        ("GET /bank/a/", "ANY /bank/{bank}/{proxy+} bank=a proxy="),
        ("GET /", "none"),
        ("GET *", "broken"),
    ] {
        assert_eq!(taken(request), expected, "{request}");
    }
}

#[test]
fn a_route_that_is_none_is_refused() {
    for (method, path) in [
        ("FETCH", "/a"),
        ("", "/a"),
        ("GET", "a"),
        ("GET", ""),
        ("GET", "/{}"),
        ("GET", "/{+}"),
        ("GET", "/{a b}"),
        ("GET", "/x{a}"),
        ("GET", "/{a"),
        ("GET", "/{a+}/b"),
    ] {
        assert!(Route::parse(method, path).is_err(), "{method} {path}");
    }
}
