//! How two tokens stand to each other: one name, two spellings of it, a slip, or two names.

use crate::culture::Cultures;
use crate::fold::{self, Script};
use crate::name::Token;
use crate::romanise;
use crate::slip;
use crate::tables::Relation;
use crate::verdict::How;

/// Where in a name the tokens stand, as far as that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Any,
    Given,
    Family,
}

/// How `a` and `b` stand to each other in this place of names of these cultures.
pub(crate) fn affinity(a: &Token, b: &Token, place: Place, context: Cultures) -> How {
    if a.is_initial() != b.is_initial() {
        let same = a.first() == b.first() || starts_alike(a, b);
        return if same { How::Initial } else { How::Different };
    }
    if is_same(a, b, context) {
        return if differ_as_written(a, b, context) { How::Different } else { How::Same };
    }
    if a.is_initial() || !is_word(a) || !is_word(b) {
        return How::Different;
    }
    if let Some(how) = across_scripts(a, b) {
        return how;
    }
    let relation = relation(a, b, place);
    let distinct = a.is_known() && b.is_known();
    match relation {
        Relation::Spelling => return How::Variant,
        Relation::Short if place != Place::Family => return How::Nickname,
        _ => {}
    }
    if place != Place::Given && is_gendered_surname(&a.plain, &b.plain, context) {
        return How::GenderedForm;
    }
    if distinct {
        return known_names(a, b, place);
    }
    let own = a.cultures().with(b.cultures());
    let cultures = if own.is_empty() { context } else { own };
    if is_prefix_spelling(&a.plain, &b.plain) || romanise::agree(&a.plain, &b.plain, cultures) {
        return How::Variant;
    }
    if slip::is_likely(a, b, place) { How::Typo } else { How::Different }
}

/// Two known names are two names, unless their culture writes them from another script and they
/// differ in that alone, or two first names sound the same to the last letter.
fn known_names(a: &Token, b: &Token, place: Place) -> How {
    let shared = a.cultures().shared(b.cultures());
    if romanise::agree_strictly(&a.plain, &b.plain, shared) {
        return How::Variant;
    }
    let (x, y) = (a.plain.as_bytes(), b.plain.as_bytes());
    let given = place != Place::Family && a.is_given() && b.is_given();
    let ends = x.last() == y.last()
        && (x.first() == y.first() || x.first() != Some(&b's') && y.first() != Some(&b's'));
    let alike = given && ends && romanise::sound_alike(&a.plain, &b.plain);
    if alike { How::Variant } else { How::Different }
}

fn is_word(token: &Token) -> bool {
    !token.plain.bytes().all(|b| b.is_ascii_digit())
}

/// J for Евгений's Yevgeny, Y for Юлия: an initial of another spelling.
fn starts_alike(a: &Token, b: &Token) -> bool {
    let foreign = a.script != b.script;
    let pair = (a.first(), b.first());
    let like = |x, y| pair == (Some(x), Some(y)) || pair == (Some(y), Some(x));
    foreign && (like(b'i', b'y') || like(b'i', b'j') || like(b'e', b'y') || like(b'c', b't'))
}

/// Whether any spelling of one is a spelling of the other.
fn is_same(a: &Token, b: &Token, context: Cultures) -> bool {
    fn of(t: &Token) -> [Option<&str>; 3] {
        [Some(t.plain.as_str()), t.expanded.as_deref(), t.with_particles.as_deref()]
    }
    let (of_a, of_b) = (of(a), of(b));
    let same = of_a.iter().flatten().any(|x| of_b.iter().flatten().any(|y| x == y));
    same || without_umlauts_same(a, b, context)
}

/// Mueller and Muller: both stand for Müller, unless each is a name of its own.
fn without_umlauts_same(a: &Token, b: &Token, context: Cultures) -> bool {
    let written = a.expanded.is_some() || b.expanded.is_some();
    if !written && !context.is_empty() && !context.has(Cultures::UMLAUTS) {
        return false;
    }
    if a.plain.len() == b.plain.len() && a.expanded.is_none() && b.expanded.is_none() {
        return false;
    }
    let bare =
        |token: &Token| fold::without_umlauts(token.expanded.as_deref().unwrap_or(&token.plain));
    let (of_a, of_b) = (bare(a), bare(b));
    if of_a.is_none() && of_b.is_none() {
        return false;
    }
    let both_names = a.is_known() && b.is_known() && a.is_given() && b.is_given();
    !both_names && of_a.as_deref().unwrap_or(&a.plain) == of_b.as_deref().unwrap_or(&b.plain)
}

/// Two names that were written in full with the marks of their language, and differently: Vietnamese
/// tones and Chinese characters tell names apart that fold into one.
fn differ_as_written(a: &Token, b: &Token, context: Cultures) -> bool {
    let (Some(of_a), Some(of_b)) = (&a.written, &b.written) else { return false };
    if of_a == of_b {
        return false;
    }
    let han = a.script == Script::Han && b.script == Script::Han;
    let latin = a.script == Script::Latin && b.script == Script::Latin;
    let tones = latin && context.has(Cultures::VIETNAMESE);
    han || tones
}

/// Where the tokens are of two scripts, letters are compared with sounds.
fn across_scripts(a: &Token, b: &Token) -> Option<How> {
    if a.script == b.script {
        return None;
    }
    let agree = |foreign: &Token, latin: &Token| match foreign.script {
        Script::Arabic | Script::Hebrew => {
            let written = foreign.written.as_deref().unwrap_or_default();
            let bare = written.strip_prefix("ال").filter(|rest| rest.chars().count() > 2);
            [Some(latin.plain.as_str()), latin.with_particles.as_deref()].into_iter().flatten().any(
                |latin| {
                    romanise::spells(written, latin)
                        || bare.is_some_and(|bare| romanise::spells(bare, latin))
                },
            )
        }
        script => romanise::agree_across(&foreign.plain, &latin.plain, script),
    };
    let found = match (a.script, b.script) {
        (Script::Latin, _) => agree(b, a),
        (_, Script::Latin) => agree(a, b),
        _ => romanise::sound_alike(&a.plain, &b.plain),
    };
    if found {
        return Some(How::Variant);
    }
    // Letters that say everything may still be a spelling or a short form that the tables know.
    let lossy = |t: &Token| {
        matches!(t.script, Script::Arabic | Script::Hebrew | Script::Han | Script::Kana)
    };
    (lossy(a) || lossy(b)).then_some(How::Different)
}

fn relation(a: &Token, b: &Token, place: Place) -> Relation {
    let (Some(of_a), Some(of_b)) = (a.entry, b.entry) else { return Relation::None };
    if place != Place::Given && of_a.is_one_surname(of_b) {
        return Relation::Spelling;
    }
    // Walter and Walther are one first name and two families.
    let families = of_a.is_family() && of_b.is_family();
    if place == Place::Family
        && families
        && of_a.cultures.shared(of_b.cultures).has(Cultures::WESTERN)
    {
        return Relation::None;
    }
    match of_a.as_given(of_b) {
        Relation::None if is_lengthened(&a.plain, &b.plain) && of_a.shares_long_form(of_b) => {
            Relation::Short
        }
        relation => relation,
    }
}

/// Tom and Tommy, Will and Willy: short forms of which one is the other and an ending.
fn is_lengthened(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    short.len() >= 2 && long.len() > short.len() && long.starts_with(short)
}

/// Mc and Mac, St and Saint before one and the same rest.
fn is_prefix_spelling(a: &str, b: &str) -> bool {
    [("mc", "mac"), ("st", "saint"), ("st", "sankt"), ("fitz", "fits")].iter().any(
        |(short, long)| {
            let one = |a: &str, b: &str| {
                let rests = a.strip_prefix(short).zip(b.strip_prefix(long));
                rests.is_some_and(|(x, y)| x == y && x.len() > 2)
            };
            one(a, b) || one(b, a)
        },
    )
}

/// The endings of surnames that one family writes differently for men and women.
const GENDERED: &[(&str, &str)] = &[
    ("ov", "ova"),
    ("ev", "eva"),
    ("yov", "yova"),
    ("in", "ina"),
    ("yn", "yna"),
    ("ski", "ska"),
    ("cki", "cka"),
    ("dzki", "dzka"),
    ("zki", "zka"),
    ("sky", "ska"),
    ("sky", "skaya"),
    ("skiy", "skaya"),
    ("skii", "skaia"),
    ("skij", "skaja"),
    ("ski", "skaya"),
    ("cky", "cka"),
    ("y", "a"),
    ("ny", "na"),
    ("oy", "aya"),
    ("oi", "aia"),
    ("iy", "aya"),
    ("ek", "kova"),
    ("ec", "cova"),
    ("el", "lova"),
    ("as", "iene"),
    ("as", "aite"),
    ("is", "iene"),
    ("is", "yte"),
    ("us", "iene"),
    ("us", "ute"),
    ("ius", "iute"),
    ("s", "a"),
    ("is", "e"),
    ("opoulos", "opoulou"),
    ("idis", "idou"),
    ("adis", "adou"),
    ("akis", "aki"),
    ("is", "i"),
    ("os", "ou"),
    ("as", "a"),
    ("sson", "sdottir"),
    ("son", "dottir"),
];

/// The same for Czech and Slovak, where a woman's name adds to the man's.
const CZECH_ENDINGS: [&str; 2] = ["ova", "eva"];

pub(crate) fn is_gendered_surname(a: &str, b: &str, context: Cultures) -> bool {
    // Every stem has two letters or more, and both forms begin with it.
    let begins = |name: &str| name.as_bytes().first_chunk::<2>().copied();
    if begins(a).is_none() || begins(a) != begins(b) {
        return false;
    }
    let baltic = context.has(Cultures::of("lt"));
    let greek = context.has(Cultures::GREEK);
    let nordic = context.has(Cultures::of("sv"));
    let czech = context.has(Cultures::of("cs"));
    let pair = |m: &str, f: &str| {
        GENDERED.iter().any(|(of_m, of_f)| {
            let stems = stem(m, of_m).and_then(|m| Some((m, stem(f, of_f)?)));
            if stems.is_none_or(|(m, f)| m.len() < 2 || m != f) {
                return false;
            }
            match (*of_m, *of_f) {
                ("s", "a")
                | ("as" | "is" | "us" | "ius", "iene" | "aite" | "yte" | "ute" | "iute" | "e") => {
                    baltic
                }
                ("opoulos" | "idis" | "adis" | "akis" | "is" | "os" | "as", _) => greek,
                ("sson" | "son", _) => nordic,
                ("y", "a") => czech,
                _ => true,
            }
        }) || CZECH_ENDINGS.iter().any(|end| {
            let stem = stem(f, end);
            stem.is_some_and(|stem| stem.len() >= 3 && is_czech_stem(m, stem))
        })
    };
    pair(a, b) || pair(b, a)
}

/// A name without its ending. The last letter is looked at first: it mostly is another.
fn stem<'a>(name: &'a str, ending: &str) -> Option<&'a str> {
    let differs = ending.bytes().last().is_some_and(|last| name.bytes().last() != Some(last));
    if differs { None } else { name.strip_suffix(ending) }
}

/// Novák and Svoboda give Nováková and Svobodová, Němec and Hájek lose their e.
fn is_czech_stem(man: &str, stem: &str) -> bool {
    if man == stem {
        return true;
    }
    let bare = man.strip_suffix(['a', 'o', 'e']).is_some_and(|bare| bare == stem);
    let (head, tail) = man.split_at(man.len().saturating_sub(2).min(man.len()));
    let fleeting = tail.len() == 2
        && tail.starts_with('e')
        && stem.strip_prefix(head).is_some_and(|rest| rest == &tail[1..]);
    bare || fleeting
}
