//! Writes every page in both languages to a folder, to be looked at.

use std::path::PathBuf;
use std::{env, fs, io};

use pages::{
    Bank, Choice, Choose, Chrome, DataItem, Html, Language, Notice, NoticeKind, ScopeRow, Waiting,
    Way,
};

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

fn main() -> io::Result<()> {
    let folder = PathBuf::from(env::args().nth(1).unwrap_or_else(|| "pages".to_owned()));
    fs::create_dir_all(&folder)?;
    for language in [Language::De, Language::En] {
        for (name, page) in every_page(language) {
            fs::write(folder.join(format!("{name}.{}.html", language.tag())), page.body)?;
        }
    }
    Ok(())
}

fn every_page(language: Language) -> Vec<(String, Html)> {
    let chrome = Chrome { language, nonce: "bm9uY2U", csrf: "csrf-token", form_targets: &[] };
    let waiting = Waiting {
        tenant: "Nordwind Energie".to_owned(),
        bank: "Sandbox Bank".to_owned(),
        href: "/link/token/wait".to_owned(),
    };
    let mut all = vec![
        ("choose".to_owned(), pages::choose(&search("", 3), &chrome)),
        ("nothing_found".to_owned(), pages::choose(&search("Hausbank", 0), &chrome)),
        ("settled".to_owned(), pages::choose(&settled(), &chrome)),
        ("waiting".to_owned(), pages::waiting(&waiting, &chrome)),
    ];
    all.extend(NOTICES.map(|(name, kind)| (name.to_owned(), pages::notice(&said(kind), &chrome))));
    all
}

fn said(kind: NoticeKind) -> Notice {
    let again = || Way::StartAgain("/link/token/again".to_owned());
    let back = || Way::Back("https://shop.example/".to_owned(), "Nordwind Energie".to_owned());
    let ways = match kind {
        NoticeKind::Done
        | NoticeKind::Unknown
        | NoticeKind::WrongBrowser
        | NoticeKind::AlreadyUsed => Vec::new(),
        NoticeKind::OtherBrowser => vec![Way::GoOn("/callback/bank".to_owned(), Vec::new())],
        NoticeKind::StillReading => vec![Way::Look("/link/token/wait".to_owned())],
        NoticeKind::Expired => vec![back()],
        _ => vec![again(), back()],
    };
    let request_id = (kind == NoticeKind::Internal).then(|| "0192f3a0-5d1c".to_owned());
    Notice { ways, request_id, ..Notice::of(kind) }
}

fn search(query: &str, banks: usize) -> Choose {
    let row = |name: &str, item, choice| ScopeRow { name: name.to_owned(), item, choice };
    let names =
        ["Sandbox Bank", "Sandbox Sparkasse Musterstadt", "Sandbox Privatbank (states no names)"];
    let bank = |name: &&str| Bank {
        id: name.to_lowercase().replace(' ', "-"),
        name: (*name).to_owned(),
        test: true,
    };
    Choose {
        tenant: "Nordwind Energie".to_owned(),
        scopes: vec![
            row("names", DataItem::Name, Choice::Required),
            row("email", DataItem::Email, Choice::Ticked),
            row("bank_account", DataItem::BankAccount, Choice::Unticked),
        ],
        reuse_days: Some(90),
        banks: names.iter().take(banks).map(bank).collect(),
        query: query.to_owned(),
        settled: false,
        base: "/link/token".to_owned(),
    }
}

fn settled() -> Choose {
    Choose { settled: true, ..search("", 1) }
}
