//! Texts that carry a tenant: read back as they were made, and nothing else.

use cloud::{ApiKey, LinkToken, StateToken};
use model::ids::{SessionId, TenantId};
use model::tenant::Mode;
use proptest::prelude::*;

use crate::support::World;

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in ".{0,120}") {
        let _ = ApiKey::parse(&text);
        let _ = LinkToken::parse(&text);
        let _ = StateToken::parse(&text);
    }

    #[test]
    fn what_was_made_is_read_back(tenant: [u8; 16], session: [u8; 16], random: [u8; 32]) {
        let (tenant, session) = (TenantId::from_bits(tenant), SessionId::from_bits(session));
        let key = ApiKey::new(Mode::Test, tenant, random);
        let read = ApiKey::parse(key.text().expose()).expect("a key");
        prop_assert_eq!(read.tenant(), tenant);
        let state = StateToken::new(tenant, session, random);
        let read = StateToken::parse(state.text().expose()).expect("a state");
        prop_assert_eq!((read.tenant(), read.session()), (tenant, session));
        prop_assert!(read.matches(&state.hash()));
    }

    #[test]
    fn a_mistyped_key_is_noticed_without_asking(
        random: [u8; 32],
        at in 8..76_usize,
        letter in "[A-Za-z0-9]",
    ) {
        let key = ApiKey::new(Mode::Live, TenantId::from_bits([1; 16]), random);
        let mut text = key.text().expose().clone();
        prop_assume!(text.get(at..=at).is_some_and(|there| there != letter));
        text.replace_range(at..=at, &letter);
        prop_assert!(ApiKey::parse(&text).is_none());
    }
}

#[tokio::test]
async fn a_link_is_of_one_session_and_one_tenant() {
    let world = World::new().await;
    let other = world.tenant("Other Shop").await;
    let enter = async |id| world.app.table.enter(id).await.expect("answers").expect("a tenant");
    let (mine, theirs) = (enter(world.made.tenant.id).await, enter(other.tenant.id).await);
    let (id, link) = world.session("r", "a@b.co").await;
    let text = link.rsplit('/').next().expect("a token");
    let token = LinkToken::parse(text).expect("a token");
    assert_eq!(token.session().to_string(), id);
    assert!(token.is_genuine(&mine.keys));
    assert!(!token.is_genuine(&theirs.keys), "another tenant's keys prove nothing");
    let (_, another) = world.session("r2", "a@b.co").await;
    let another = another.rsplit('/').next().expect("a token");
    let spliced = format!("{}{}", &text[..43], &another[43..]);
    let spliced = LinkToken::parse(&spliced).expect("the right form");
    assert!(!spliced.is_genuine(&mine.keys), "one session's proof is not another's");
}
