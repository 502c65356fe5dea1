//! Every page in every language, and what must hold for all of them.

use proptest::prelude::*;

use crate::*;

const LANGUAGES: [Language; 2] = [Language::De, Language::En];
const NOTICES: [(&str, NoticeKind); 14] = [
    ("expired", NoticeKind::Expired),
    ("done", NoticeKind::Done),
    ("unknown", NoticeKind::Unknown),
    ("cancelled", NoticeKind::Cancelled),
    ("denied", NoticeKind::Denied),
    ("bank_unavailable", NoticeKind::BankUnavailable),
    ("bank_refused", NoticeKind::BankRefused),
    ("still_reading", NoticeKind::StillReading),
    ("needs_new_login", NoticeKind::NeedsNewLogin),
    ("bank_unreadable", NoticeKind::BankUnreadable),
    ("other_browser", NoticeKind::OtherBrowser),
    ("wrong_browser", NoticeKind::WrongBrowser),
    ("already_used", NoticeKind::AlreadyUsed),
    ("internal", NoticeKind::Internal),
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

fn wait(tenant: &str, bank: &str) -> Waiting {
    let (tenant, bank) = (tenant.to_owned(), bank.to_owned());
    Waiting { tenant, bank, href: "/link/token/wait".to_owned() }
}

fn said(kind: NoticeKind) -> Notice {
    let again = || Way::StartAgain("/link/token/again".to_owned());
    let back = || Way::Back("https://example.com/".to_owned(), "Example Shop".to_owned());
    let look = || Way::Look("/link/token/wait".to_owned());
    let code = ("code".to_owned(), "from-the-bank".to_owned());
    let onward = |url: &str| Some(url.to_owned());
    let page = Notice::of(kind);
    match kind {
        NoticeKind::Done => {
            Notice { ways: vec![back()], onward: onward("https://example.com/"), ..page }
        }
        NoticeKind::StillReading => {
            Notice { ways: vec![look()], onward: onward("/link/token/wait"), ..page }
        }
        NoticeKind::Internal => Notice { request_id: Some("0192f3a0-5d1c".to_owned()), ..page },
        NoticeKind::OtherBrowser => Notice {
            ways: vec![Way::GoOn("/callback/sandbox-bank".to_owned(), vec![code])],
            ..page
        },
        NoticeKind::Expired => Notice { ways: vec![back()], ..page },
        NoticeKind::Unknown | NoticeKind::WrongBrowser | NoticeKind::AlreadyUsed => page,
        NoticeKind::Cancelled
        | NoticeKind::Denied
        | NoticeKind::BankUnavailable
        | NoticeKind::BankRefused
        | NoticeKind::NeedsNewLogin
        | NoticeKind::BankUnreadable => Notice { ways: vec![again(), back()], ..page },
    }
}

fn every_page(language: Language) -> Vec<(&'static str, Html)> {
    let chrome = chrome(language);
    let page = || example("Example Shop", "Sandbox Bank", "");
    let searched = Choose { banks: Vec::new(), ..example("Example Shop", "", "Hausbank") };
    let mut pages = vec![
        ("choose", choose(&page(), &chrome)),
        ("nothing_found", choose(&searched, &chrome)),
        ("settled", choose(&Choose { settled: true, reuse_days: None, ..page() }, &chrome)),
        ("waiting", waiting(&wait("Example Shop", "Sandbox Bank"), &chrome)),
    ];
    pages.extend(NOTICES.map(|(name, kind)| (name, notice(&said(kind), &chrome))));
    pages
}

/// The page without its style sheet, which every page shares.
fn unstyled(body: &str) -> String {
    let (before, rest) = body.split_once("\n:root").expect("a style sheet");
    let (_, after) = rest.split_once("</style>").expect("its end");
    format!("{before}</style>{after}")
}

#[test]
fn pages_as_people_see_them() {
    let german = ["choose", "done", "bank_refused"];
    for (name, page) in every_page(Language::En) {
        insta::assert_snapshot!(format!("en_{name}"), unstyled(&page.body));
    }
    let pages = every_page(Language::De).into_iter();
    for (name, page) in pages.filter(|(name, _)| german.contains(name)) {
        insta::assert_snapshot!(format!("de_{name}"), unstyled(&page.body));
    }
}

#[test]
fn every_page_has_the_same_headers_and_style() {
    let page = waiting(&wait("Example Shop", "Sandbox Bank"), &chrome(Language::En));
    let headers: Vec<String> = page.headers.iter().map(|(n, v)| format!("{n}: {v}")).collect();
    insta::assert_snapshot!("headers", headers.join("\n"));
    let style = |body: &str| {
        body.split("</style>").next().map(|b| b.split(":root").nth(1).map(str::to_owned))
    };
    for (name, other) in every_page(Language::En) {
        assert_eq!(other.headers, page.headers, "{name}");
        assert_eq!(style(&other.body), style(&page.body), "{name}");
    }
}

#[test]
fn enter_searches_and_no_search_loses_a_tick() {
    for language in LANGUAGES {
        let page = choose(&example("Example Shop", "Sandbox Bank", ""), &chrome(language)).body;
        let form =
            page.split("<form").find(|form| form.contains("type=\"search\"")).expect("a form");
        let first = form.split("<button").nth(1).expect("a button");
        assert!(first.contains("formaction=\"/link/token/search\""), "{first}");
        assert!(form.contains("name=\"bank\"") && form.contains("name=\"scope\""), "{form}");
        assert!(!page.contains("method=\"get\""));
    }
}

#[test]
fn ticks_and_days_are_shown_as_given() {
    let shown = |choice, reuse_days| {
        let mut page = example("Example Shop", "Sandbox Bank", "");
        (page.scopes[1].choice, page.reuse_days) = (choice, reuse_days);
        choose(&page, &chrome(Language::En)).body
    };
    for (choice, boxes, checked) in
        [(Choice::Required, 0, 0), (Choice::Ticked, 1, 1), (Choice::Unticked, 1, 0)]
    {
        let body = unstyled(&shown(choice, None));
        assert_eq!(body.matches("type=\"checkbox\"").count(), boxes, "{choice:?}");
        assert_eq!(body.matches(" checked").count(), checked, "{choice:?}");
    }
    for (days, said) in [(Some(90), "For up to 90 days what"), (Some(1), "For up to 1 day what")] {
        assert!(shown(Choice::Ticked, days).contains(said), "{said}");
    }
    assert!(!shown(Choice::Ticked, None).contains("For up to"));
}

#[test]
fn no_page_needs_or_allows_a_script() {
    for (_, page) in LANGUAGES.into_iter().flat_map(every_page) {
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
    for (target, stands) in [
        ("https://bank.example", true),
        ("http://127.0.0.1:8787", true),
        ("https://bank.example/path", false),
        ("https://bank.example?x", false),
        ("https://bank.example:", false),
        ("https://bank.example:port", false),
        ("https://user@bank.example", false),
        ("https://x;script-src *", false),
        ("https://x 'unsafe-inline'", false),
        ("https://x\r\nset-cookie: y", false),
        ("https://*", false),
        ("https://", false),
        ("javascript:x", false),
        ("null", false),
        ("*", false),
        ("", false),
    ] {
        let targets = [target.to_owned()];
        let chrome = Chrome { form_targets: &targets, ..chrome(Language::En) };
        let policy = &waiting(&wait("", ""), &chrome).headers[0].1;
        let wanted = if stands { format!("'self' {target};") } else { "'self';".to_owned() };
        assert!(policy.contains(&format!("form-action {wanted}")), "{target}: {policy}");
    }
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
        (None, Some("den, en;q=0.1, de;q=0.2"), Language::De),
        (None, Some("DE-at"), Language::De),
        (None, Some("de;Q=0.1, en;Q=0.2"), Language::En),
        (None, Some("en;q=0, *"), Language::De),
        (None, Some("de, *"), Language::De),
        (None, Some("de;q=0.1, *;q=0.5"), Language::En),
        (None, Some("de;q=2"), Language::En),
        (None, Some("de;q=NaN"), Language::En),
        (None, Some("de;q="), Language::En),
        (Some("den"), Some("de"), Language::En),
    ] {
        assert_eq!(Language::choose(locale, accept), language, "{locale:?} {accept:?}");
    }
}

proptest! {
    #[test]
    fn names_are_escaped(name in "[<>\"'&a-z ]{1,30}") {
        let chrome = chrome(Language::En);
        let back = |name: &str| {
            let ways = vec![Way::Back(name.to_owned(), name.to_owned()), Way::Look(name.to_owned())];
            Notice { ways, onward: Some(name.to_owned()), ..Notice::of(NoticeKind::Done) }
        };
        for (page, plain) in [
            (choose(&example(&name, &name, &name), &chrome), choose(&example("x", "x", "x"), &chrome)),
            (waiting(&wait(&name, &name), &chrome), waiting(&wait("x", "x"), &chrome)),
            (notice(&back(&name), &chrome), notice(&back("x"), &chrome)),
        ] {
            prop_assert_eq!(page.body.matches('<').count(), plain.body.matches('<').count());
            prop_assert_eq!(page.body.matches('"').count(), plain.body.matches('"').count());
        }
    }

    #[test]
    fn any_target_leaves_the_policy_whole(target in ".{0,40}") {
        let targets = [target];
        let chrome = Chrome { form_targets: &targets, ..chrome(Language::En) };
        let policy = &waiting(&wait("", ""), &chrome).headers[0].1;
        prop_assert_eq!(policy.matches(';').count(), 5);
        prop_assert!(policy.is_ascii());
    }

    #[test]
    fn any_header_chooses_a_language(header in ".{0,40}") {
        let _ = Language::choose(None, Some(&header));
    }
}
