//! Reads a page for the demo's browser: its forms, and the address it goes on to by itself.

use html5gum::{StartTag, Token, Tokenizer};

/// A form as the page shows it.
#[derive(Default)]
pub(super) struct PageForm {
    /// The address it is sent to.
    pub(super) action: String,
    /// Its inputs: name and value.
    pub(super) inputs: Vec<(String, String)>,
    /// Its buttons: name and value.
    pub(super) buttons: Vec<(String, String)>,
}

/// The forms of a page, in order.
pub(super) fn forms(page: &str) -> Vec<PageForm> {
    let (mut forms, mut open) = (Vec::new(), None::<PageForm>);
    for token in tokens(page) {
        match token {
            Token::StartTag(tag) if **tag.name == *b"form" => {
                forms.extend(open.take());
                open = Some(PageForm { action: attribute(&tag, "action"), ..PageForm::default() });
            }
            Token::StartTag(tag) => {
                let Some(form) = &mut open else { continue };
                let pair = (attribute(&tag, "name"), attribute(&tag, "value"));
                match &**tag.name {
                    b"input" => form.inputs.push(pair),
                    b"button" => form.buttons.push(pair),
                    _ => {}
                }
            }
            Token::EndTag(tag) if **tag.name == *b"form" => forms.extend(open.take()),
            _ => {}
        }
    }
    forms.extend(open);
    forms
}

/// The address that `<meta http-equiv="refresh">` leads to.
pub(super) fn refresh(page: &str) -> Option<String> {
    tokens(page).into_iter().find_map(|token| {
        let Token::StartTag(tag) = token else { return None };
        let asks = **tag.name == *b"meta" && attribute(&tag, "http-equiv") == "refresh";
        let content = asks.then(|| attribute(&tag, "content"))?;
        content.split_once("url=").map(|(_, url)| url.to_owned())
    })
}

fn tokens(page: &str) -> Vec<Token> {
    Tokenizer::new(page).map(|Ok(token)| token).collect()
}

/// The value of an attribute; empty where there is none.
fn attribute(tag: &StartTag<()>, name: &str) -> String {
    let value = tag.attributes.get(name.as_bytes());
    value.map(|value| String::from_utf8_lossy(value).into_owned()).unwrap_or_default()
}
