//! What a tenant makes of a comparison, as `countersign tenant set` changes and shows it.

use model::tenant::{CloseMatch, Disclosure, MatchingPolicy, MustAgree, Thresholds};

/// What is changed; what is not said stays as it is.
#[derive(Debug, clap::Args)]
pub(super) struct MatchingSettings {
    /// From which scores on names match and are close; 85,70 is the default, 60 the least
    #[arg(long, value_parser = thresholds, value_name = "MATCH,CLOSE")]
    thresholds: Option<Thresholds>,
    /// What a close match is worth
    #[arg(long, value_parser = close_match, value_name = "verifies|is-wrong")]
    close_match: Option<CloseMatch>,
    /// What beside the name must not contradict the claim
    #[arg(long, value_parser = must_agree, value_name = "name|birth-date|address|everything")]
    must_agree: Option<MustAgree>,
    /// When decisions tell the holder's name; the person reads it before they agree
    #[arg(long, value_parser = disclosure, value_name = "nothing|on-close|always")]
    disclose: Option<Disclosure>,
}

impl MatchingSettings {
    /// The policy with what was said in place of the former.
    pub(super) fn applied(self, former: MatchingPolicy) -> MatchingPolicy {
        MatchingPolicy {
            thresholds: self.thresholds.unwrap_or(former.thresholds),
            close_match: self.close_match.unwrap_or(former.close_match),
            must_agree: self.must_agree.unwrap_or(former.must_agree),
            disclosure: self.disclose.unwrap_or(former.disclosure),
        }
    }
}

/// Prints a policy.
pub(super) fn show(policy: &MatchingPolicy) {
    let MatchingPolicy { thresholds, close_match, must_agree, disclosure } = policy;
    let (match_min, close_min) = (thresholds.match_min(), thresholds.close_min());
    anstream::println!("thresholds   {match_min},{close_min}");
    anstream::println!("close match  {close_match:?}");
    anstream::println!("must agree   {must_agree:?}");
    anstream::println!("discloses    {disclosure:?}");
}

fn thresholds(text: &str) -> Result<Thresholds, &'static str> {
    let expected = "must be two numbers from 60 to 100, such as 85,70, the first not the smaller";
    let (match_min, close_min) = text.split_once(',').ok_or(expected)?;
    let number = |text: &str| text.trim().parse::<u8>().map_err(|_| expected);
    Thresholds::new(number(match_min)?, number(close_min)?).ok_or(expected)
}

fn close_match(text: &str) -> Result<CloseMatch, &'static str> {
    match text {
        "verifies" => Ok(CloseMatch::Verifies),
        "is-wrong" => Ok(CloseMatch::IsWrong),
        _ => Err("must be verifies or is-wrong"),
    }
}

fn must_agree(text: &str) -> Result<MustAgree, &'static str> {
    match text {
        "name" => Ok(MustAgree::Name),
        "birth-date" => Ok(MustAgree::BirthDate),
        "address" => Ok(MustAgree::Address),
        "everything" => Ok(MustAgree::Everything),
        _ => Err("must be name, birth-date, address or everything"),
    }
}

fn disclosure(text: &str) -> Result<Disclosure, &'static str> {
    match text {
        "nothing" => Ok(Disclosure::Nothing),
        "on-close" => Ok(Disclosure::OnClose),
        "always" => Ok(Disclosure::Always),
        _ => Err("must be nothing, on-close or always"),
    }
}
