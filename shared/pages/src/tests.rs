//! Every page in every language, and what must hold for all of them.

use proptest::prelude::*;

use crate::*;

const LANGUAGES: [Language; 2] = [Language::De, Language::En];
const NOTICES: [NoticeKind; 12] = [
    NoticeKind::Expired,
    NoticeKind::Done,
    NoticeKind::Unknown,
    NoticeKind::Cancelled,
    NoticeKind::Denied,
    NoticeKind::BankUnavailable,
    NoticeKind::NeedsNewLogin,
    NoticeKind::BankUnreadable,
    NoticeKind::OtherBrowser,
    NoticeKind::WrongBrowser,
    NoticeKind::AlreadyUsed,
    NoticeKind::Internal,
];

fn chrome(language: Language) -> Chrome<'static> {
    Chrome { language, nonce: "bm9uY2U", csrf: "csrf-token", form_targets: &[] }
}

fn example(tenant: &str, bank: &str, query: &str) -> Choose {
    let scope = |name: &str, item, choice| ScopeRow { name: name.to_owned(), item, choice };
    Choose {
        tenant: tenant.to_owned(),
        scopes: vec![
            scope("names", DataItem::Name, Choice::Required),
            scope("email", DataItem::Email, Choice::Ticked),
        ],
        reuse_days: Some(90),
        banks: vec![Bank { id: "sandbox-bank".to_owned(), name: bank.to_owned(), test: true }],
        query: query.to_owned(),
        settled: false,
        base: "/link/token".to_owned(),
    }
}

fn every_page(language: Language) -> Vec<Html> {
    let chrome = chrome(language);
    let mut pages = vec![
        choose(&example("Example Shop", "Sandbox Bank", ""), &chrome),
        choose(&Choose { settled: true, ..example("Example Shop", "Sandbox Bank", "") }, &chrome),
        waiting(&Waiting { href: "/link/token".to_owned() }, &chrome),
    ];
    pages.extend(NOTICES.map(|kind| {
        let ways = vec![
            Way::StartAgain("/link/token/again".to_owned()),
            Way::Back("https://example.com/".to_owned(), "Example Shop".to_owned()),
        ];
        notice(&Notice { ways, ..Notice::of(kind) }, &chrome)
    }));
    pages
}

#[test]
fn pages_as_people_see_them() {
    let chrome = chrome(Language::En);
    insta::assert_snapshot!(choose(&example("Example Shop", "Sandbox Bank", ""), &chrome).body);
    let ways = vec![Way::StartAgain("/link/token/again".to_owned())];
    let page = Notice { ways, ..Notice::of(NoticeKind::Denied) };
    insta::assert_snapshot!(notice(&page, &chrome).body);
}

#[test]
fn no_page_needs_or_allows_a_script() {
    for page in LANGUAGES.into_iter().flat_map(every_page) {
        let body = page.body.to_lowercase();
        for forbidden in ["<script", " onclick", " onload", " style=", "javascript:", "src="] {
            assert!(!body.contains(forbidden), "{forbidden}");
        }
        for needed in ["<title>", "<main>", "<h1>", "lang=\"", "name=\"viewport\""] {
            assert!(body.contains(needed), "{needed}");
        }
        assert_eq!(body.matches("method=\"post\"").count(), body.matches("csrf-token").count());
        let policy = &page.headers[0].1;
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
    }
}

#[test]
fn only_origins_stand_in_the_policy() {
    let targets = ["https://bank.example", "https://x;script-src *", "javascript:x", "https://"];
    let targets = targets.map(str::to_owned);
    let chrome = Chrome { form_targets: &targets, ..chrome(Language::En) };
    let policy = &waiting(&Waiting { href: "/".to_owned() }, &chrome).headers[0].1;
    assert!(policy.contains("form-action 'self' https://bank.example; "), "{policy}");
}

#[test]
fn languages_are_chosen() {
    for (locale, accept, language) in [
        (None, None, Language::En),
        (None, Some("de-DE,de;q=0.9,en;q=0.8"), Language::De),
        (None, Some("fr-FR,en;q=0.8,de;q=0.7"), Language::En),
        (Some("de"), Some("en"), Language::De),
        (Some("fr"), Some("de"), Language::En),
        (None, Some("fr, de;q=0.2, en;q=0.7"), Language::En),
        (None, Some("de;q=0, en;q=0.1"), Language::En),
        (None, Some("den"), Language::En),
    ] {
        assert_eq!(Language::choose(locale, accept), language, "{locale:?} {accept:?}");
    }
}

proptest! {
    #[test]
    fn names_are_escaped(name in "[<>\"'&a-z ]{1,30}") {
        let page = choose(&example(&name, &name, &name), &chrome(Language::En)).body;
        let plain = choose(&example("x", "x", "x"), &chrome(Language::En)).body;
        prop_assert_eq!(page.matches('<').count(), plain.matches('<').count());
        prop_assert_eq!(page.matches('"').count(), plain.matches('"').count());
    }

    #[test]
    fn any_header_chooses_a_language(header in ".{0,40}") {
        let _ = Language::choose(None, Some(&header));
    }
}
