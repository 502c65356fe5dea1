//! What is answered where no route leads.

use lambda_http::RequestExt as _;
use wire::Problem;
use wire::routes::methods_of;

use crate::http::Request;

/// The variable of the routes that take the slash at the end of a path. SAM lets the API call a
/// function through no other greedy variable.
const REST: &str = "proxy";

/// A path of no operation is unknown; one that has operations has none of this method.
#[must_use]
pub fn not_routed(path: &str) -> Problem {
    match methods_of(path).as_slice() {
        [] => Problem::unknown_path(),
        methods => Problem::method_not_allowed(methods),
    }
}

/// API Gateway takes no route that ends in a slash. The route that stands for it has a greedy
/// variable, so that it also brings what is below, and that is nobody's.
pub(crate) fn below(request: &Request) -> Option<Problem> {
    let parameters = request.path_parameters_ref()?;
    let rest = parameters.first(REST)?;
    (!rest.is_empty()).then(|| not_routed(request.uri().path()))
}
