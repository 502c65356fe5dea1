//! Every sentence of every page, in each language. A language that lacks one does not compile.

/// The languages of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// German.
    De,
    /// English, also for everybody else.
    En,
}

impl Language {
    /// The session's language where it asks for one, else the one of ours that the browser likes
    /// best (RFC 9110, section 12.5.4).
    #[must_use]
    pub fn choose(locale: Option<&str>, accept_language: Option<&str>) -> Self {
        if let Some(locale) = locale {
            return Self::of(locale).unwrap_or(Self::En);
        }
        let header = accept_language.unwrap_or_default();
        let ranges: Vec<(&str, f32)> = header.split(',').filter_map(weighted).collect();
        let named: Vec<Self> = ranges.iter().filter_map(|(tag, _)| Self::of(tag)).collect();
        let unnamed = [Self::En, Self::De].into_iter().find(|ours| !named.contains(ours));
        let liked =
            ranges.iter().filter(|(_, weight)| *weight > 0.0).filter_map(|(tag, weight)| {
                let language = if *tag == "*" { unnamed } else { Self::of(tag) };
                Some((language?, *weight))
            });
        // Of equals the first one wins.
        let best = liked.reduce(|best, next| if next.1 > best.1 { next } else { best });
        best.map_or(Self::En, |(language, _)| language)
    }

    fn of(tag: &str) -> Option<Self> {
        match tag.split('-').next().map(str::to_ascii_lowercase).as_deref() {
            Some("de") => Some(Self::De),
            Some("en") => Some(Self::En),
            _ => None,
        }
    }

    /// The tag for `lang` and `Content-Language`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::De => "de",
            Self::En => "en",
        }
    }

    pub(crate) const fn texts(self) -> &'static Texts {
        match self {
            Self::De => &DE,
            Self::En => &EN,
        }
    }
}

/// A language range and its weight; `None` where the weight is none of RFC 9110.
fn weighted(range: &str) -> Option<(&str, f32)> {
    let mut parts = range.split(';').map(str::trim);
    let tag = parts.next()?;
    let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
    let weight = weight.map_or(Some(1.0), |weight| weight.parse().ok())?;
    (0.0..=1.0).contains(&weight).then_some((tag, weight))
}

/// What may be handed over, in the person's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is said in full in the language tables")]
pub enum DataItem {
    Name,
    Email,
    Phone,
    BirthDate,
    Address,
    BankAccount,
    Age,
    Balances,
    Transactions,
    Comparison,
    BankName,
    Other,
    ComparisonAndCloseName,
    ComparisonAndName,
}

/// How long an answer may be used again, around the number of days.
pub(crate) struct Reuse {
    pub(crate) before: &'static str,
    pub(crate) day: &'static str,
    pub(crate) days: &'static str,
    pub(crate) after: &'static str,
}

pub(crate) struct Texts {
    pub(crate) choose_title: &'static str,
    pub(crate) asks: &'static str,
    pub(crate) what: &'static str,
    pub(crate) how_long: &'static str,
    pub(crate) reuse: Reuse,
    pub(crate) never: &'static str,
    pub(crate) your_bank: &'static str,
    pub(crate) search: &'static str,
    pub(crate) search_button: &'static str,
    pub(crate) nothing_found: &'static str,
    pub(crate) all_banks: &'static str,
    pub(crate) continue_with: &'static str,
    pub(crate) cancel: &'static str,
    pub(crate) test_bank: &'static str,
    pub(crate) waiting_title: &'static str,
    pub(crate) on_behalf_of: (&'static str, &'static str),
    pub(crate) waiting_body: &'static str,
    pub(crate) check_again: &'static str,
    pub(crate) start_again: &'static str,
    pub(crate) go_on: &'static str,
    pub(crate) back_to: &'static str,
    pub(crate) request: &'static str,
    pub(crate) data: [&'static str; 14],
    pub(crate) notices: [(&'static str, &'static str); 14],
}

const EN: Texts = Texts {
    choose_title: "Confirm who you are with your bank",
    asks: "asks your bank to confirm who you are.",
    what: "What will be shared",
    how_long: "Your bank is read once. The access is given back right after, and what was read is \
               stored encrypted until you or the company that asked has it deleted.",
    reuse: Reuse {
        before: "For up to",
        day: "day",
        days: "days",
        after: "what was read may answer the same company again without a new login.",
    },
    never: "Your password stays with your bank. No payment is made.",
    your_bank: "Choose your bank",
    search: "Search by name or BIC",
    search_button: "Search",
    nothing_found: "No bank of this name is here. Check the spelling, or look at all banks.",
    all_banks: "Show all banks",
    continue_with: "Continue with",
    cancel: "Cancel",
    test_bank: "Test bank",
    waiting_title: "One moment, please",
    on_behalf_of: (" is being asked on behalf of ", "."),
    waiting_body: "This page looks again by itself every two seconds.",
    check_again: "Look again now",
    start_again: "Start again",
    go_on: "Continue",
    back_to: "Back to",
    request: "Request",
    data: [
        "Your name",
        "Your e-mail address, if your bank states it",
        "Your phone number, if your bank states it",
        "Your date of birth, if your bank states it",
        "Your address, if your bank states it",
        "Your account: bank, IBAN, BIC and kind of account",
        "Whether you have reached a certain age",
        "Your balances",
        "Your transactions of the last three months",
        "Whether your name and address are those you gave; they are not handed over",
        "The name of your bank",
        "Other details that your bank may state",
        "Whether your name and address are those you gave; where the name differs a little, also your name as your bank writes it",
        "Whether your name and address are those you gave, and your name as your bank writes it",
    ],
    notices: [
        (
            "This link has expired",
            "For your safety a link works for a limited time. Nothing was read. Go back to where you came from and start again there.",
        ),
        (
            "This is done already",
            "Your bank has answered. There is nothing left to do, and you may close this window.",
        ),
        (
            "This link leads nowhere",
            "The link is incomplete or not from us. Open it again from the message or the page where you found it.",
        ),
        (
            "You cancelled",
            "Nothing was read at your bank and nothing was shared. You can start again if you wish.",
        ),
        (
            "Your bank says you declined",
            "Nothing was read and nothing was shared. If that was a mistake, start again.",
        ),
        (
            "Your bank does not answer",
            "It is not your fault, and nothing was shared. Try again in a few minutes, or choose another bank.",
        ),
        (
            "Your bank has refused",
            "It does not let us read what is needed. Nothing was shared. Start again, or choose another bank.",
        ),
        (
            "Your bank takes longer than usual",
            "It is still being read. You may wait, as this page looks again by itself every ten seconds, or close this window: it goes on without you.",
        ),
        (
            "Please log in once more",
            "The answer of your bank got lost on the way and must not be used twice. Nothing was shared. Start again and log in once more.",
        ),
        (
            "The answer of your bank cannot be read",
            "Nothing was shared. Try again later, or choose another bank.",
        ),
        (
            "Did you come back from your bank?",
            "You started in another browser or app. If you have just logged in at your bank, go on. If not, close this window.",
        ),
        (
            "This answer does not belong to this browser",
            "For your safety it was not used, and nothing was shared. Start again from where you came from.",
        ),
        (
            "Your bank's answer was used already",
            "For your safety it is used only once. You can close this window.",
        ),
        (
            "Something broke on our side",
            "Try again in a moment. If it stays so, tell the company that sent you the number below.",
        ),
    ],
};

const DE: Texts = Texts {
    choose_title: "Bestätigen Sie mit Ihrer Bank, wer Sie sind",
    asks: "bittet Ihre Bank zu bestätigen, wer Sie sind.",
    what: "Was übermittelt wird",
    how_long: "Ihre Bank wird einmal gelesen. Der Zugang wird gleich danach zurückgegeben; was \
               gelesen wurde, bleibt verschlüsselt gespeichert, bis Sie oder das anfragende \
               Unternehmen es löschen lassen.",
    reuse: Reuse {
        before: "Bis zu",
        day: "Tag",
        days: "Tage",
        after: "lang darf das Gelesene demselben Unternehmen ohne neue Anmeldung noch einmal \
                antworten.",
    },
    never: "Ihr Passwort bleibt bei Ihrer Bank. Es wird nichts bezahlt.",
    your_bank: "Wählen Sie Ihre Bank",
    search: "Name oder BIC suchen",
    search_button: "Suchen",
    nothing_found: "Hier gibt es keine Bank mit diesem Namen. Prüfen Sie die Schreibweise oder \
                    sehen Sie alle Banken an.",
    all_banks: "Alle Banken zeigen",
    continue_with: "Weiter mit",
    cancel: "Abbrechen",
    test_bank: "Testbank",
    waiting_title: "Einen Moment bitte",
    on_behalf_of: (" wird im Auftrag von ", " gefragt."),
    waiting_body: "Diese Seite sieht alle zwei Sekunden von selbst nach.",
    check_again: "Jetzt nachsehen",
    start_again: "Neu beginnen",
    go_on: "Weiter",
    back_to: "Zurück zu",
    request: "Anfrage",
    data: [
        "Ihr Name",
        "Ihre E-Mail-Adresse, falls Ihre Bank sie nennt",
        "Ihre Telefonnummer, falls Ihre Bank sie nennt",
        "Ihr Geburtsdatum, falls Ihre Bank es nennt",
        "Ihre Anschrift, falls Ihre Bank sie nennt",
        "Ihr Konto: Bank, IBAN, BIC und Art des Kontos",
        "Ob Sie ein bestimmtes Alter erreicht haben",
        "Ihre Kontostände",
        "Ihre Umsätze der letzten drei Monate",
        "Ob Name und Anschrift die sind, die Sie angegeben haben; sie selbst werden nicht übermittelt",
        "Der Name Ihrer Bank",
        "Weitere Angaben, die Ihre Bank macht",
        "Ob Name und Anschrift die sind, die Sie angegeben haben; weicht der Name ein wenig ab, auch Ihr Name, wie Ihre Bank ihn schreibt",
        "Ob Name und Anschrift die sind, die Sie angegeben haben, und Ihr Name, wie Ihre Bank ihn schreibt",
    ],
    notices: [
        (
            "Dieser Link ist abgelaufen",
            "Zu Ihrer Sicherheit gilt ein Link nur begrenzte Zeit. Es wurde nichts gelesen. Gehen Sie dorthin zurück, wo Sie herkamen, und beginnen Sie dort neu.",
        ),
        (
            "Das ist schon erledigt",
            "Ihre Bank hat geantwortet. Es ist nichts mehr zu tun; Sie können dieses Fenster schließen.",
        ),
        (
            "Dieser Link führt nirgendwohin",
            "Der Link ist unvollständig oder nicht von uns. Öffnen Sie ihn noch einmal aus der Nachricht oder von der Seite, auf der Sie ihn gefunden haben.",
        ),
        (
            "Sie haben abgebrochen",
            "Es wurde nichts bei Ihrer Bank gelesen und nichts übermittelt. Wenn Sie möchten, können Sie neu beginnen.",
        ),
        (
            "Ihre Bank meldet, dass Sie abgelehnt haben",
            "Es wurde nichts gelesen und nichts übermittelt. War das ein Versehen, beginnen Sie neu.",
        ),
        (
            "Ihre Bank antwortet nicht",
            "Das liegt nicht an Ihnen, und es wurde nichts übermittelt. Versuchen Sie es in einigen Minuten wieder oder wählen Sie eine andere Bank.",
        ),
        (
            "Ihre Bank hat abgelehnt",
            "Sie lässt nicht lesen, was gebraucht wird. Es wurde nichts übermittelt. Beginnen Sie neu oder wählen Sie eine andere Bank.",
        ),
        (
            "Ihre Bank braucht länger als sonst",
            "Sie wird noch gelesen. Sie können warten, denn diese Seite sieht alle zehn Sekunden von selbst nach, oder dieses Fenster schließen: Es geht auch ohne Sie weiter.",
        ),
        (
            "Bitte melden Sie sich noch einmal an",
            "Die Antwort Ihrer Bank ging unterwegs verloren und darf nicht zweimal benutzt werden. Es wurde nichts übermittelt. Beginnen Sie neu und melden Sie sich noch einmal an.",
        ),
        (
            "Die Antwort Ihrer Bank ist nicht lesbar",
            "Es wurde nichts übermittelt. Versuchen Sie es später wieder oder wählen Sie eine andere Bank.",
        ),
        (
            "Kommen Sie gerade von Ihrer Bank?",
            "Begonnen haben Sie in einem anderen Browser oder einer anderen App. Haben Sie sich eben bei Ihrer Bank angemeldet, gehen Sie weiter. Wenn nicht, schließen Sie dieses Fenster.",
        ),
        (
            "Diese Antwort gehört nicht zu diesem Browser",
            "Zu Ihrer Sicherheit wurde sie nicht benutzt und nichts übermittelt. Beginnen Sie dort neu, wo Sie herkamen.",
        ),
        (
            "Die Antwort Ihrer Bank wurde schon benutzt",
            "Zu Ihrer Sicherheit wird sie nur einmal benutzt. Sie können dieses Fenster schließen.",
        ),
        (
            "Bei uns ist etwas schiefgegangen",
            "Versuchen Sie es gleich noch einmal. Bleibt es dabei, nennen Sie dem Unternehmen, das Sie hergeschickt hat, die Nummer unten.",
        ),
    ],
};
