//! Texts that are an address to listen on or a public URL, and texts that are not.

use countersign::{ListenAddress, NotAPublicUrl, NotAnAddress, PublicUrl};
use proptest::prelude::*;

#[test]
fn addresses_to_listen_on() {
    for (text, address, from_here) in [
        ("127.0.0.1:8787", "127.0.0.1:8787", "127.0.0.1:8787"),
        ("localhost:8787", "127.0.0.1:8787", "127.0.0.1:8787"),
        ("LocalHost:1", "127.0.0.1:1", "127.0.0.1:1"),
        (":8787", "127.0.0.1:8787", "127.0.0.1:8787"),
        ("8787", "127.0.0.1:8787", "127.0.0.1:8787"),
        ("0", "127.0.0.1:0", "127.0.0.1:0"),
        ("[::1]:8787", "[::1]:8787", "[::1]:8787"),
        ("0.0.0.0:8787", "0.0.0.0:8787", "127.0.0.1:8787"),
        ("[::]:8787", "[::]:8787", "[::1]:8787"),
        ("192.168.1.5:80", "192.168.1.5:80", "192.168.1.5:80"),
    ] {
        let parsed: ListenAddress = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!((&*parsed.to_string(), &*parsed.from_here().to_string()), (address, from_here));
        assert_eq!(parsed.to_string().parse(), Ok(parsed), "{text}");
    }
}

#[test]
fn what_is_no_address_to_listen_on() {
    for text in [
        "",
        ":",
        "host",
        "65536",
        "-1",
        "+1",
        "1.5",
        "8787 ",
        "localhost",
        "localhost:",
        "127.0.0.1",
        "::1:8787",
        "[::1]",
        "example.com:8787",
        "http://localhost:8787",
        "localhost:+1",
        "::",
    ] {
        assert_eq!(text.parse::<ListenAddress>(), Err(NotAnAddress), "{text}");
    }
    let told = NotAnAddress.to_string();
    for example in ["127.0.0.1:8787", "localhost:8787", "[::1]:8787", ":8787", "0.0.0.0:8787"] {
        assert!(told.contains(example), "{told}");
    }
}

#[test]
fn public_urls() {
    for (text, origin) in [
        ("https://verify.example.com", "https://verify.example.com"),
        ("https://verify.example.com/", "https://verify.example.com"),
        ("HTTPS://Verify.Example.com:443", "https://verify.example.com"),
        ("https://verify.example.com:8443", "https://verify.example.com:8443"),
        ("https://93.184.215.14", "https://93.184.215.14"),
        ("https://[2606:4700::1111]:8443", "https://[2606:4700::1111]:8443"),
        ("http://localhost:8787", "http://localhost:8787"),
        ("http://127.0.0.1:8787", "http://127.0.0.1:8787"),
        ("http://[::1]:8787", "http://[::1]:8787"),
        ("http://192.168.1.5:8787", "http://192.168.1.5:8787"),
        ("http://10.0.2.2", "http://10.0.2.2"),
        ("http://[fd00::1]:8787", "http://[fd00::1]:8787"),
        ("http://countersign:8787", "http://countersign:8787"),
        ("http://shop.localhost:8787", "http://shop.localhost:8787"),
        ("http://laptop.local", "http://laptop.local"),
        ("http://host.docker.internal:8787", "http://host.docker.internal:8787"),
    ] {
        let url: PublicUrl = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!((url.origin(), url.to_string()), (origin, origin.to_owned()));
        assert_eq!(url.as_url().as_str(), format!("{origin}/"));
    }
}

#[test]
fn what_is_no_public_url() {
    for (text, why) in [
        ("", NotAPublicUrl::NoUrl),
        ("verify.example.com", NotAPublicUrl::NoUrl),
        ("https://", NotAPublicUrl::NoUrl),
        ("localhost:8787", NotAPublicUrl::Scheme),
        ("ftp://a.example", NotAPublicUrl::Scheme),
        ("javascript:alert(1)", NotAPublicUrl::Scheme),
        ("https://user@a.example", NotAPublicUrl::UserInfo),
        ("https://user:password@a.example", NotAPublicUrl::UserInfo),
        ("https://a.example/countersign", NotAPublicUrl::Path),
        ("https://a.example//", NotAPublicUrl::Path),
        ("https://a.example?x", NotAPublicUrl::Query),
        ("https://a.example?", NotAPublicUrl::Query),
        ("https://a.example#x", NotAPublicUrl::Query),
        ("https://a'b.example", NotAPublicUrl::Host),
        ("https://a&b.example", NotAPublicUrl::Host),
        ("http://a.example", NotAPublicUrl::InTheClear),
        ("http://localhost.example", NotAPublicUrl::InTheClear),
        ("http://93.184.215.14", NotAPublicUrl::InTheClear),
        ("http://0.0.0.0:8787", NotAPublicUrl::InTheClear),
        ("http://[2606:4700::1111]", NotAPublicUrl::InTheClear),
    ] {
        assert_eq!(text.parse::<PublicUrl>(), Err(why), "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_parses_or_is_refused(text in ".*") {
        let _ = text.parse::<ListenAddress>();
        // What is filled into pages needs no escaping.
        if let Ok(url) = text.parse::<PublicUrl>() {
            prop_assert!(!url.origin().contains(['<', '>', '&', '"', '\'']));
        }
    }
}
