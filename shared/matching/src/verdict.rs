//! What a comparison answers. Nothing here prints a name: `Debug` leaves the tokens out.

use std::fmt;

/// Whether claim and holder are the same person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The same.
    Match,
    /// Close enough to look at, not enough to rely on.
    Close,
    /// Somebody else.
    NoMatch,
    /// There is nothing to compare.
    CannotTell,
}

impl Outcome {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Close => "close",
            Self::NoMatch => "no_match",
            Self::CannotTell => "cannot_tell",
        }
    }

    /// The code of the EPC Verification of Payee scheme.
    #[must_use]
    pub const fn vop_code(self) -> &'static str {
        match self {
            Self::Match => "MTCH",
            Self::Close => "CMTC",
            Self::NoMatch => "NMTC",
            Self::CannotTell => "NOAP",
        }
    }
}

/// What kind of holder is claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A person.
    Person,
    /// A business.
    Business,
}

macro_rules! rules {
    ($($variant:ident $code:literal $name:literal $reason:literal)*) => {
        /// A rule that fired.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "each variant's reason stands beside it in the table")]
        pub enum Rule { $($variant),* }

        impl Rule {
            /// The number in the rule book: `R13`.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// The name: `nickname`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// What it means, as part of a sentence for a support agent.
            #[must_use]
            pub const fn reason(self) -> &'static str {
                match self { $(Self::$variant => $reason),* }
            }
        }
    };
}

rules! {
    Spelling "R1" "spelling" "case, spacing or punctuation differ"
    Accents "R2" "accents" "accents differ"
    Umlauts "R3" "umlauts" "umlauts are written in another way"
    Letters "R4" "letters" "the name is spelled in another way"
    Symbols "R5" "symbols" "symbols are written as words"
    Titles "R6" "titles" "a title was left out"
    Order "R7" "order" "the names stand in another order"
    MiddleMissing "R8" "middle_name_missing" "one side leaves out a middle name"
    MiddleDiffers "R9" "middle_name_differs" "the middle names differ"
    InitialsContradict "R10" "initials_contradict" "the middle initials contradict each other"
    FirstInitial "R11" "first_name_initial" "one side has only an initial for the first name"
    Typo "R12" "typo" "one letter differs in a long name"
    Nickname "R13" "nickname" "one side uses a short form of the first name"
    Suffix "R14" "generation_suffix" "a generation suffix is on one side only"
    SuffixDiffers "R14" "generation_suffix_differs" "the generation suffixes differ"
    DoubleSurname "R15" "double_surname" "one side leaves out part of a double surname"
    PossibleRelative "R16" "possible_relative" "the family name agrees and the first name is another"
    GenderPair "R17" "gender_pair" "the first names are a male and a female form"
    GenderedSurname "R17b" "gendered_surname" "the family names are the male and the female form of one name"
    Truncated "R18" "truncated" "one name is cut and no known short form"
    LegalForm "R19" "legal_form" "the legal form is on one side only"
    LegalFormDiffers "R19" "legal_form_differs" "the legal forms differ"
    Transliteration "R20" "transliteration" "the name is written in another script"
    Business "R21" "business" "the holder is a business"
    Particles "R22" "particles" "particles or the father's name are on one side only"
    JointHolders "R23" "joint_holders" "the account has several holders and one of them agrees"
    NothingToCompare "R24" "nothing_to_compare" "the bank states no holder name"
    CutByBank "R25" "cut_by_bank" "the bank cuts names at this length"
    Mononym "R26" "mononym" "one side has a single name"
    MarriedName "R27" "married_name" "birth name and married name stand on one side"
    SuspiciousCharacters "R28" "suspicious_characters" "characters of another alphabet imitate the name"
    Different "R0" "different" "the names are different"
}

/// How one token was paired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum How {
    /// Equal after folding.
    Same,
    /// Another spelling of the same name.
    Variant,
    /// A slip of the hand.
    Typo,
    /// One side has only the initial.
    Initial,
    /// A known short form.
    Nickname,
    /// The male and the female form of one surname.
    GenderedForm,
    /// Only one side has it.
    Missing,
    /// Two names.
    Different,
}

/// Which part of a name a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// The first given name.
    Given,
    /// Another given name.
    Middle,
    /// The father's name.
    Patronymic,
    /// A family name.
    Family,
    /// The only name, or a word of a business.
    Single,
}

/// One token of the claim beside one of the holder.
#[derive(Clone, PartialEq, Eq)]
pub struct Aligned {
    /// The claim's token, folded.
    pub claim: Option<String>,
    /// The holder's token, folded.
    pub holder: Option<String>,
    /// How they were paired.
    pub how: How,
    /// What part of the name they are.
    pub part: Part,
}

impl fmt::Debug for Aligned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Aligned({:?}, {:?})", self.part, self.how)
    }
}

/// The answer to one comparison of names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// In one word.
    pub outcome: Outcome,
    /// 0 to 100: 85 and more is a match, 70 to 84 close; `None` where nothing could be compared.
    pub score: Option<u8>,
    /// The rules that fired, in the order of the rule book.
    pub rules: Vec<Rule>,
    /// Token by token.
    pub aligned: Vec<Aligned>,
    /// Which of the holders this is about.
    pub holder: Option<usize>,
}

impl Verdict {
    pub(crate) const fn nothing() -> Self {
        Self {
            outcome: Outcome::CannotTell,
            score: None,
            rules: Vec::new(),
            aligned: Vec::new(),
            holder: None,
        }
    }
}

/// How a field other than the name compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldOutcome {
    /// The same.
    Match,
    /// Partly the same.
    Partial,
    /// Not the same.
    Mismatch,
    /// One side states nothing.
    NotProvided,
}
