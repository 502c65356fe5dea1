//! Where a function finds out where it is reached.

use runtime::{Placed, Vars};
use serde_json::{Value, json};

const URL: &str = "https://{apiId}.execute-api.eu-central-1.amazonaws.com";

fn placed(vars: &'static [(&str, &str)]) -> Placed<String> {
    let env = move |name: &str| {
        let mut vars = vars.iter();
        vars.find(|(given, _)| *given == name).map(|(_, value)| (*value).to_owned())
    };
    let make = |var: &Vars<'_>| var("PUBLIC_URL").ok_or("missing".to_owned());
    Placed::with(env, make).expect("placed")
}

fn request(id: &str) -> Value {
    json!({ "requestContext": { "apiId": id, "domainName": "evil.example" } })
}

#[test]
fn the_first_request_says_which_api_this_is() {
    let placed = placed(&[("PUBLIC_URL", URL)]);
    for wrong in [json!({}), request(""), request("evil.example/")] {
        assert!(placed.at(&wrong).is_err(), "{wrong}");
    }
    let ours = "https://a1b2c3.execute-api.eu-central-1.amazonaws.com";
    assert_eq!(*placed.at(&request("a1b2c3")).expect("made"), ours);
    assert_eq!(*placed.at(&request("other")).expect("made"), ours);
}

#[test]
fn an_address_that_is_known_is_not_asked_for() {
    for vars in [
        &[("PUBLIC_URL", "https://a.example")][..],
        &[("PUBLIC_URL", "https://a.example"), ("API_ID", "id")],
    ] {
        assert_eq!(*placed(vars).at(&json!({})).expect("made"), "https://a.example");
    }
    let given = placed(&[("PUBLIC_URL", "https://{apiId}.example"), ("API_ID", "id")]);
    assert_eq!(*given.at(&request("other")).expect("made"), "https://id.example");
}
