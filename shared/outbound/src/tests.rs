//! Where requests may go, and what a hostile answer may cost.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::{Request, StatusCode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use crate::{
    Answer, KeptConnections, Limits, Looking, Names, Outbound, OutboundError, Reach, SystemNames,
    is_public,
};

#[test]
fn only_the_public_internet_is_public() {
    for (address, public) in [
        ("93.184.215.14", true),
        ("1.1.1.1", true),
        ("100.63.255.255", true),
        ("172.32.0.1", true),
        ("2606:4700::1111", true),
        ("0.0.0.0", false),
        ("10.1.2.3", false),
        ("100.64.0.1", false),
        ("127.0.0.1", false),
        ("169.254.169.254", false),
        ("172.16.0.1", false),
        ("192.0.2.1", false),
        ("192.168.1.1", false),
        ("198.18.0.1", false),
        ("224.0.0.1", false),
        ("255.255.255.255", false),
        ("::", false),
        ("::1", false),
        ("fe80::1", false),
        ("fc00::1", false),
        ("ff02::1", false),
        ("2001:db8::1", false),
        ("::ffff:127.0.0.1", false),
        ("::ffff:169.254.169.254", false),
        ("::ffff:1.1.1.1", true),
        ("64:ff9b::7f00:1", false),
        ("64:ff9b::101:101", true),
        ("2002:7f00:1::", false),
        ("2001:0:0:0:0:0:80ff:fffe", false),
    ] {
        assert_eq!(is_public(address.parse().expect("an address")), public, "{address}");
    }
}

async fn get(reach: Reach, url: &str) -> Result<Answer, OutboundError> {
    let request = Request::get(url).body(Vec::new()).expect("a request");
    Outbound::new(reach).send(request).await
}

#[tokio::test]
async fn requests_go_nowhere_else() {
    for url in [
        "http://93.184.215.14/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://127.1/",
        "https://127.0.1/",
        "https://0x7f000001/",
        "https://017700000001/",
        "https://0x7f.0x0.0x0.0x1/",
        "https://0/",
        "https://[::]/",
        "https://[::127.0.0.1]/",
        "https://[64:ff9b::127.0.0.1]/",
        "https://[64:ff9b:1::1]/",
        "https://[2002:7f00:1::]/",
        "https://[fd00::1]/",
        "https://[fe80::1]/",
        "https://10.0.0.1/",
        "https://192.168.1.1/",
        "https://100.64.0.1/",
        "https://\u{ff11}\u{ff12}\u{ff17}.0.0.1/",
        "https://user@93.184.215.14/",
        "https://:secret@93.184.215.14/",
        "ftp://93.184.215.14/",
        "https://localhost/",
        "http://127.0.0.1:9001/2018-06-01/runtime/invocation/next",
    ] {
        let url = Url::parse(url).expect("a URL");
        let refused = get(Reach::Public, url.as_str()).await.expect_err(url.as_str());
        assert_eq!(refused, OutboundError::Forbidden, "{url}");
    }
}

/// Names that lead somewhere else each time they are looked up.
#[derive(Debug)]
struct Script {
    answers: Vec<Vec<&'static str>>,
    asked: AtomicUsize,
}

impl Script {
    fn new(answers: Vec<Vec<&'static str>>) -> Arc<Self> {
        Arc::new(Self { answers, asked: AtomicUsize::new(0) })
    }
}

impl Names for Script {
    fn look_up(&self, _: &str) -> Looking {
        let asked = self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = &self.answers[asked.min(self.answers.len() - 1)];
        let found: Vec<IpAddr> = answer.iter().map(|ip| ip.parse().expect("an IP")).collect();
        Box::pin(async move { Ok(found) })
    }
}

fn named(reach: Reach, names: &Arc<Script>) -> Outbound {
    let names: Arc<dyn Names> = Arc::<Script>::clone(names);
    Outbound::with(reach, Limits::WEBHOOK, names)
}

fn request(url: &str) -> Request<Vec<u8>> {
    Request::post(url).body(b"{}".to_vec()).expect("a request")
}

#[tokio::test]
async fn a_name_that_leads_inside_is_not_followed() {
    for inside in [
        vec!["10.0.0.1"],
        vec!["127.0.0.1"],
        vec!["169.254.169.254"],
        vec!["::ffff:10.0.0.1"],
        vec!["64:ff9b::a00:1"],
        vec!["93.184.215.14", "10.0.0.1"],
        vec!["fd00::1"],
        vec![],
    ] {
        let names = Script::new(vec![inside.clone()]);
        let sent = named(Reach::Public, &names).post(request("https://shop.example/")).await;
        assert_eq!(sent.expect_err("refused"), OutboundError::Forbidden, "{inside:?}");
    }
}

/// What was looked up is what is connected to, so a name that changes its mind in between gains
/// nothing: one request asks once, and the next is refused.
#[tokio::test]
async fn a_name_is_looked_up_once_per_request() {
    let url = answering(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec()).await;
    let url = url.replace("127.0.0.1", "shop.localhost");
    let names = Script::new(vec![vec!["127.0.0.1"], vec!["10.0.0.1"]]);
    let client = named(Reach::PublicAndLoopback, &names);
    let guarded = crate::resolve::Guarded { reach: client.reach(), names: names.clone() };
    let look = || {
        use reqwest::dns::Resolve as _;
        guarded.resolve("shop.example".parse().expect("a name"))
    };
    let first: Vec<_> = look().await.expect("loopback").map(|address| address.ip()).collect();
    assert_eq!(first, ["127.0.0.1".parse::<IpAddr>().expect("an IP")]);
    assert!(look().await.is_err(), "the second answer leads inside");
    assert_eq!(names.asked.load(Ordering::SeqCst), 2);
    let again = Script::new(vec![vec!["127.0.0.1"], vec!["10.0.0.1"]]);
    let client = named(Reach::PublicAndLoopback, &again);
    let url = url.replace("shop.localhost", "localhost");
    let answer = client.post(request(&url)).await.expect("answered");
    assert_eq!((answer.status, again.asked.load(Ordering::SeqCst)), (StatusCode::OK, 1));
    assert_eq!(client.post(request(&url)).await.expect_err("moved"), OutboundError::Forbidden);
}

/// Answers one request on loopback with fixed bytes.
async fn answering(bytes: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let mut request = [0; 1_024];
        let _ = stream.read(&mut request).await;
        let _ = stream.write_all(&bytes).await;
    });
    format!("http://{address}/")
}

#[tokio::test]
async fn redirects_are_answers() {
    let bytes = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    let url = answering(bytes.to_vec()).await;
    let answer = get(Reach::PublicAndLoopback, &url).await.expect("answered");
    assert_eq!(answer.status, StatusCode::FOUND);
}

#[tokio::test]
async fn answers_are_cut_and_half_ones_are_none() {
    let endless = [b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'x'; 300 * 1_024]].concat();
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf".to_vec();
    for (bytes, error) in [(endless, OutboundError::TooLarge), (half, OutboundError::Lost)] {
        let url = answering(bytes).await;
        assert_eq!(get(Reach::PublicAndLoopback, &url).await.expect_err("refused"), error);
    }
    let nobody = get(Reach::PublicAndLoopback, "http://127.0.0.1:1/").await.expect_err("nobody");
    assert_eq!(nobody, OutboundError::NotDelivered);
}

/// A client whose patience ends soon.
fn hasty() -> Outbound {
    let limits = Limits { total: Duration::from_millis(300), ..Limits::WEBHOOK };
    Outbound::with(Reach::PublicAndLoopback, limits, Arc::new(SystemNames))
}

/// Answers one request on loopback as `tell` does, which reports how many bytes it got rid of.
async fn telling<F>(
    tell: impl FnOnce(TcpStream) -> F + Send + 'static,
) -> (String, tokio::task::JoinHandle<usize>)
where
    F: Future<Output = usize> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let told = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let mut request = [0; 1_024];
        let _ = stream.read(&mut request).await;
        tell(stream).await
    });
    (format!("http://{address}/"), told)
}

/// Writes the same bytes again and again, a GiB at most, until nobody reads.
async fn endless(mut stream: TcpStream, head: &[u8], piece: &[u8]) -> usize {
    let mut written = head.len();
    let mut going = stream.write_all(head).await;
    while going.is_ok() && written < 1 << 30 {
        going = stream.write_all(piece).await;
        written += piece.len();
    }
    written
}

/// Reads until the other side closes, so that a connection left open would be noticed.
async fn until_closed(mut stream: TcpStream) -> usize {
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap_or_default()
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n";
/// What the sockets' buffers may swallow before the writer notices that nobody reads.
const BUFFERS_MAX: usize = 16 << 20;

#[tokio::test]
async fn a_gibibyte_is_not_read() {
    let (url, told) = telling(|stream| endless(stream, OK, &[b'x'; 65_536])).await;
    let answer = hasty().post(request(&url)).await.expect("the status counts");
    assert_eq!((answer.status, answer.body.len()), (StatusCode::OK, 16 * 1_024));
    drop(answer);
    assert!(told.await.expect("told") < BUFFERS_MAX, "the connection was not closed");
}

#[tokio::test]
async fn ten_thousand_headers_are_refused() {
    let head = b"HTTP/1.1 200 OK\r\n";
    let (url, told) = telling(|stream| endless(stream, head, b"x-header: value\r\n")).await;
    hasty().post(request(&url)).await.expect_err("refused");
    assert!(told.await.expect("told") < BUFFERS_MAX, "the connection was not closed");
    let long = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "y".repeat(33 * 1_024));
    let url = answering(long.into_bytes()).await;
    assert_eq!(hasty().post(request(&url)).await.expect_err("refused"), OutboundError::TooLarge);
}

#[tokio::test]
async fn who_hangs_is_given_up() {
    let (url, told) = telling(until_closed).await;
    assert_eq!(hasty().post(request(&url)).await.expect_err("silent"), OutboundError::TimedOut);
    told.await.expect("the connection was closed");
}

#[tokio::test]
async fn who_trickles_is_given_up_and_the_status_counts() {
    let trickle = |mut stream: TcpStream| async move {
        let _ = stream.write_all(OK).await;
        let _ = stream.write_all(b"x").await;
        until_closed(stream).await
    };
    let (url, told) = telling(trickle).await;
    let answer = hasty().post(request(&url)).await.expect("the status counts");
    assert_eq!((answer.status, &answer.body[..]), (StatusCode::OK, &b"x"[..]));
    told.await.expect("the connection was closed");
}

#[tokio::test]
async fn closing_mid_answer() {
    let url = answering(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf".to_vec()).await;
    let answer = hasty().post(request(&url)).await.expect("the status counts");
    assert_eq!((answer.status, &answer.body[..]), (StatusCode::OK, &b"half"[..]));
    let url = answering(b"HTTP/1.1 20".to_vec()).await;
    assert_eq!(hasty().post(request(&url)).await.expect_err("cut"), OutboundError::Lost);
}

/// A server that answers the target of each request as its body.
async fn echo() -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut bytes = [0; 4_096];
            let count = stream.read(&mut bytes).await.expect("a request");
            let text = String::from_utf8_lossy(&bytes[..count]).into_owned();
            let target = text.split(' ').nth(1).unwrap_or_default();
            let length = target.len();
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n");
            let answer = format!("{head}connection: close\r\n\r\n{target}");
            stream.write_all(answer.as_bytes()).await.expect("it reads");
        }
    });
    Url::parse(&format!("http://{address}/")).expect("a URL")
}

#[tokio::test]
async fn in_development_the_own_public_url_is_reached_without_leaving() {
    let (public, address) =
        (Url::parse("https://verify.example.com").expect("a URL"), echo().await);
    let ask = |reach: Reach, url: &'static str| {
        let outbound = Outbound::new(reach).reaching_itself_at(public.clone(), address.clone());
        let request = Request::get(url).body(Vec::new()).expect("a request");
        async move { outbound.send(request).await }
    };
    for (url, target) in [
        ("https://verify.example.com/sandbox-bank/token?a=b%26c", "/sandbox-bank/token?a=b%26c"),
        ("https://verify.example.com:443/", "/"),
        ("https://verify.example.com//other.example/x", "//other.example/x"),
    ] {
        let answer = ask(Reach::PublicAndLoopback, url).await.expect("an answer");
        assert_eq!(answer.body, target.as_bytes(), "{url}");
    }
    for elsewhere in ["http://verify.example.com/", "http://10.0.0.1/", "http://a.example/"] {
        let refused = ask(Reach::PublicAndLoopback, elsewhere).await;
        assert_eq!(refused.expect_err("refused"), OutboundError::Forbidden, "{elsewhere}");
    }
    let names = Script::new(vec![vec!["10.0.0.1"]]);
    let public = named(Reach::Public, &names).reaching_itself_at(public.clone(), address.clone());
    let request = Request::get("https://verify.example.com/").body(Vec::new()).expect("a request");
    let refused = public.send(request).await.expect_err("not in development");
    assert_eq!(refused, OutboundError::Forbidden);
}

/// Answers each request with the number of its connection, and keeps connections open.
async fn numbering() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        for number in 1.. {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            tokio::spawn(async move {
                let mut request = [0; 4_096];
                while stream.read(&mut request).await.is_ok_and(|count| count > 0) {
                    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n{number}");
                    let _ = stream.write_all(answer.as_bytes()).await;
                }
            });
        }
    });
    format!("http://{address}/")
}

#[tokio::test]
async fn a_connection_is_kept_for_its_owner_only() {
    let url = numbering().await;
    let kept = KeptConnections::like(hasty());
    let mut numbers = Vec::new();
    for owner in [[1; 16], [1; 16], [2; 16], [1; 16], [2; 16]] {
        let answer = kept.of(owner).post(request(&url)).await.expect("answered");
        numbers.push(String::from_utf8_lossy(&answer.body).into_owned());
    }
    assert_eq!(numbers, ["1", "1", "2", "1", "2"]);
    let alone = hasty();
    for number in ["3", "4"] {
        let answer = alone.post(request(&url)).await.expect("answered");
        assert_eq!(&answer.body[..], number.as_bytes(), "nothing is kept without an owner");
    }
}
