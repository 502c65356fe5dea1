//! Routes as an HTTP API has them: a method and a path with variables. A route that matches in full
//! goes before one with a greedy variable, and of several the most specific one wins.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

/// A route of the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    method: Method,
    text: String,
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Method {
    One(String),
    Any,
}

/// Ordered from the most specific to the least.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Variable(String),
    Greedy(String),
}

impl Segment {
    const GREEDY: u8 = 2;

    fn rank(&self) -> u8 {
        match self {
            Self::Literal(_) => 0,
            Self::Variable(_) => 1,
            Self::Greedy(_) => Self::GREEDY,
        }
    }
}

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

impl Route {
    /// Reads a route.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the method or the path.
    pub fn parse(method: &str, path: &str) -> Result<Self, String> {
        let upper = method.to_ascii_uppercase();
        let method = match upper.as_str() {
            "ANY" => Method::Any,
            one if METHODS.contains(&one) => Method::One(upper),
            _ => return Err(format!("{method} is no method")),
        };
        let rest = path.strip_prefix('/').ok_or_else(|| format!("{path} must begin with /"))?;
        if rest.ends_with('/') {
            return Err(format!("{path}: API Gateway takes no route that ends in /"));
        }
        let segments: Vec<Segment> = rest.split('/').map(segment).collect::<Result<_, _>>()?;
        let inner = segments.split_last().map_or(&[][..], |(_, before)| before);
        if inner.iter().any(|segment| matches!(segment, Segment::Greedy(_))) {
            return Err(format!("{path}: a greedy variable must come last"));
        }
        Ok(Self { method, text: path.to_owned(), segments })
    }

    /// The variables of a path that this route matches. Segments are compared one by one as they
    /// came, decoded, so that an encoded slash never makes two segments of one.
    fn captures(&self, method: &str, path: &[String]) -> Option<BTreeMap<String, String>> {
        if !matches!(&self.method, Method::One(one) if one != method) {
            let mut found = BTreeMap::new();
            let mut rest = path;
            for segment in &self.segments {
                let (first, after) = rest.split_first()?;
                match segment {
                    Segment::Literal(text) if text == first => {}
                    Segment::Variable(name) if !first.is_empty() => {
                        found.insert(name.clone(), first.clone());
                    }
                    // Below a path the rest may be empty; the root has a route of its own.
                    Segment::Greedy(name) if self.segments.len() > 1 || !first.is_empty() => {
                        found.insert(name.clone(), rest.join("/"));
                        return Some(found);
                    }
                    _ => return None,
                }
                rest = after;
            }
            return rest.is_empty().then_some(found);
        }
        None
    }

    fn specificity(&self, other: &Self) -> Ordering {
        let ranks = |route: &Self| {
            let ranks: Vec<u8> = route.segments.iter().map(Segment::rank).collect();
            (ranks.contains(&Segment::GREEDY), ranks)
        };
        let by_path = ranks(self).cmp(&ranks(other));
        by_path.then_with(|| self.method.cmp(&other.method))
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let method = match &self.method {
            Method::One(one) => one,
            Method::Any => "ANY",
        };
        write!(f, "{method} {}", self.text)
    }
}

fn segment(text: &str) -> Result<Segment, String> {
    let Some(inner) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
        if text.contains(['{', '}']) {
            return Err(format!("{text} is neither a variable nor plain"));
        }
        return Ok(Segment::Literal(text.to_owned()));
    };
    let (name, greedy) = match inner.strip_suffix('+') {
        Some(name) => (name, true),
        None => (inner, false),
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty() || !name.chars().all(plain) {
        return Err(format!("{text} has no name"));
    }
    Ok(match greedy {
        true => Segment::Greedy(name.to_owned()),
        false => Segment::Variable(name.to_owned()),
    })
}

/// All routes, most specific first, each leading to a `T`.
#[derive(Debug)]
pub struct Router<T>(Vec<(Route, T)>);

/// The route that a request takes.
#[derive(Debug, PartialEq, Eq)]
pub struct Taken<'a, T> {
    /// The route.
    pub route: &'a Route,
    /// Where it leads.
    pub target: &'a T,
    /// The path's variables, decoded.
    pub parameters: BTreeMap<String, String>,
}

impl<T> Router<T> {
    /// Puts routes in order.
    #[must_use]
    pub fn new(mut routes: Vec<(Route, T)>) -> Self {
        routes.sort_by(|(one, _), (other, _)| one.specificity(other));
        Self(routes)
    }

    /// Finds the route for a method and the decoded segments of a path.
    #[must_use]
    pub fn find(&self, method: &str, path: &[String]) -> Option<Taken<'_, T>> {
        self.0.iter().find_map(|(route, target)| {
            let parameters = route.captures(method, path)?;
            Some(Taken { route, target, parameters })
        })
    }
}

/// The segments of a path, decoded one by one; nothing where an escape is broken.
#[must_use]
pub fn segments(path: &str) -> Option<Vec<String>> {
    let rest = path.strip_prefix('/')?;
    rest.split('/').map(decode).collect()
}

fn decode(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2)?;
        let digits = std::str::from_utf8(digits).ok()?;
        // `from_str_radix` alone would take a sign.
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}
