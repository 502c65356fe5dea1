//! `countersign match`: explains one pair of names, or answers a file of them row by row.

use std::io::{self, Read, Write};
use std::path::PathBuf;

use csv::{ByteRecord, ReaderBuilder, StringRecord};
use matching::{Address, FieldOutcome, How, Kind, Part, Verdict};

/// How many rows are read before they are answered, by all cores at once.
const BATCH_ROWS: usize = 8_192;
/// What is added to each row.
const ADDED: [&str; 3] = ["outcome", "score", "rules"];

/// Whatever went wrong while reading or writing.
pub type Failure = Box<dyn std::error::Error>;

#[derive(Debug, clap::Args)]
pub(super) struct Matching {
    /// The claimed name
    #[arg(required_unless_present = "csv")]
    claim: Option<String>,
    /// The holder's name, as the bank states it
    #[arg(required_unless_present = "csv")]
    holder: Option<String>,
    /// Whether a person or a business is claimed
    #[arg(long, value_enum, default_value = "person")]
    kind: Claimed,
    /// The claimed address, in one line
    #[arg(long, requires = "holder_address")]
    address: Option<String>,
    /// The holder's address
    #[arg(long, requires = "address")]
    holder_address: Option<String>,
    /// The claimed date of birth, YYYY-MM-DD
    #[arg(long, requires = "holder_birth_date")]
    birth_date: Option<String>,
    /// The holder's date of birth
    #[arg(long, requires = "birth_date")]
    holder_birth_date: Option<String>,
    /// Read rows claim,holder[,kind] from a file, or - for standard input, and answer each
    #[arg(long, value_name = "FILE", conflicts_with_all = ["claim", "holder", "address", "birth_date"])]
    csv: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Claimed {
    Person,
    Business,
}

impl From<Claimed> for Kind {
    fn from(claimed: Claimed) -> Self {
        match claimed {
            Claimed::Person => Self::Person,
            Claimed::Business => Self::Business,
        }
    }
}

/// One pair to explain.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The claimed name.
    pub claim: &'a str,
    /// The holder's name.
    pub holder: &'a str,
    /// What is claimed.
    pub kind: Kind,
    /// The claimed and the holder's address, in one line each.
    pub address: Option<(&'a str, &'a str)>,
    /// The claimed and the holder's date of birth.
    pub birth_date: Option<(&'a str, &'a str)>,
}

pub(super) fn run(asked: &Matching) -> Result<(), Failure> {
    let (out, errors) = (io::BufWriter::new(io::stdout().lock()), io::stderr().lock());
    let done = match &asked.csv {
        Some(path) if path.as_os_str() == "-" => answer_rows(io::stdin().lock(), out, errors),
        Some(path) => match std::fs::File::open(path) {
            Ok(file) => answer_rows(file, out, errors),
            Err(error) => return Err(format!("{} cannot be read: {error}", path.display()).into()),
        },
        None => explain(&asked.question(), out).map(|()| 0).map_err(Failure::from),
    };
    match done {
        Ok(0) => Ok(()),
        Ok(bad) => Err(format!("{bad} rows could not be read").into()),
        // Whoever reads the output may stop before its end.
        Err(error) if is_closed_pipe(&*error) => Ok(()),
        Err(error) => Err(error),
    }
}

impl Matching {
    fn question(&self) -> Question<'_> {
        Question {
            claim: self.claim.as_deref().unwrap_or_default(),
            holder: self.holder.as_deref().unwrap_or_default(),
            kind: self.kind.into(),
            address: self.address.as_deref().zip(self.holder_address.as_deref()),
            birth_date: self.birth_date.as_deref().zip(self.holder_birth_date.as_deref()),
        }
    }
}

fn is_closed_pipe(error: &(dyn std::error::Error + 'static)) -> bool {
    let from_csv = error.downcast_ref::<csv::Error>().and_then(|error| match error.kind() {
        csv::ErrorKind::Io(error) => Some(error),
        _ => None,
    });
    let io = error.downcast_ref::<io::Error>().or(from_csv);
    io.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// Writes how the pair compares: outcome, rules, tokens and one sentence.
///
/// # Errors
///
/// Where `out` cannot be written.
pub fn explain(asked: &Question<'_>, mut out: impl Write) -> io::Result<()> {
    let verdict = matching::names(asked.claim, &[asked.holder], asked.kind);
    let score = verdict.score.map_or_else(|| "–".to_owned(), |score| score.to_string());
    writeln!(out, "outcome     {}", verdict.outcome.as_str())?;
    writeln!(out, "score       {score}")?;
    for rule in &verdict.rules {
        writeln!(out, "rule        {} {}", rule.code(), rule.name())?;
    }
    for pair in &verdict.aligned {
        let side = |token: &Option<String>| token.clone().unwrap_or_else(|| "–".to_owned());
        let (claimed, held) = (side(&pair.claim), side(&pair.holder));
        writeln!(out, "token       {claimed} / {held}: {}, {}", part(pair.part), how(pair.how))?;
    }
    if let Some((claimed, held)) = asked.address {
        let line = |text| Address { unstructured: Some(text), ..Address::default() };
        let verdict = matching::addresses(&line(claimed), &line(held));
        writeln!(out, "address     {}", field(verdict.outcome))?;
    }
    if let Some((claimed, held)) = asked.birth_date {
        writeln!(out, "birth date  {}", field(matching::birth_dates(claimed, held)))?;
    }
    writeln!(out, "matcher     {}\n\n{}", matching::VERSION, verdict.explanation())?;
    out.flush()
}

const fn part(part: Part) -> &'static str {
    match part {
        Part::Given => "first name",
        Part::Middle => "second given name",
        Part::Patronymic => "father's name",
        Part::Family => "family name",
        Part::Single => "name",
    }
}

const fn how(how: How) -> &'static str {
    match how {
        How::Same => "the same",
        How::Variant => "another spelling",
        How::Typo => "a slip",
        How::Initial => "an initial",
        How::Nickname => "a short form",
        How::GenderedForm => "the form of the other gender",
        How::Missing => "on one side only",
        How::Different => "different",
    }
}

const fn field(outcome: FieldOutcome) -> &'static str {
    match outcome {
        FieldOutcome::Match => "match",
        FieldOutcome::Partial => "partial",
        FieldOutcome::Mismatch => "mismatch",
        FieldOutcome::NotProvided => "not provided",
    }
}

/// One row to answer, or why it cannot be.
struct Row {
    record: StringRecord,
    kind: Kind,
}

/// Answers every row in its order; a bad row is reported by its line and the rest is done. How many
/// were bad is returned.
///
/// # Errors
///
/// Where `input` cannot be read or `output` cannot be written.
pub fn answer_rows(
    input: impl Read,
    output: impl Write,
    mut errors: impl Write,
) -> Result<u64, Failure> {
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(input);
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(output);
    let (mut record, mut batch) = (ByteRecord::new(), Vec::with_capacity(BATCH_ROWS));
    let (mut bad, mut first) = (0_u64, true);
    loop {
        let line = reader.position().line();
        match reader.read_byte_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) if error.is_io_error() => return Err(error.into()),
            Err(error) => {
                bad += 1;
                writeln!(errors, "line {line}: {error}")?;
                continue;
            }
        }
        let line = record.position().map_or(line, csv::Position::line);
        if std::mem::take(&mut first) && is_header(&record) {
            record.extend(ADDED);
            writer.write_byte_record(&record)?;
            continue;
        }
        match parse(&record) {
            Ok(row) => batch.push(row),
            Err(reason) => {
                bad += 1;
                writeln!(errors, "line {line}: {reason}")?;
            }
        }
        if batch.len() == BATCH_ROWS {
            answer(&mut batch, &mut writer)?;
        }
    }
    answer(&mut batch, &mut writer)?;
    writer.flush()?;
    Ok(bad)
}

fn is_header(record: &ByteRecord) -> bool {
    let is = |at, name: &str| {
        record.get(at).is_some_and(|field| field.trim_ascii().eq_ignore_ascii_case(name.as_bytes()))
    };
    is(0, "claim") && is(1, "holder")
}

/// A row needs a claim and a holder, either of which may be empty; further fields are kept.
fn parse(record: &ByteRecord) -> Result<Row, String> {
    let record = StringRecord::from_byte_record(record.clone())
        .map_err(|_| "it is not UTF-8; save the file as UTF-8".to_owned())?;
    if record.len() < 2 {
        return Err("a row is claim,holder or claim,holder,kind".to_owned());
    }
    let kind = match record.get(2).unwrap_or_default().trim() {
        "" | "person" => Kind::Person,
        "business" => Kind::Business,
        _ => return Err("the kind is person or business".to_owned()),
    };
    Ok(Row { record, kind })
}

/// Answers the rows on every core and writes them in their order.
fn answer<W: Write>(batch: &mut Vec<Row>, writer: &mut csv::Writer<W>) -> csv::Result<()> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = batch.len().div_ceil(cores).max(1);
    std::thread::scope(|scope| {
        for rows in batch.chunks_mut(share) {
            scope.spawn(|| rows.iter_mut().for_each(complete));
        }
    });
    for row in batch.drain(..) {
        writer.write_record(&row.record)?;
    }
    Ok(())
}

fn complete(row: &mut Row) {
    let (claim, holder) = (&row.record[0], &row.record[1]);
    let Verdict { outcome, score, rules, .. } = matching::names(claim, &[holder], row.kind);
    let names: Vec<&str> = rules.iter().map(|rule| rule.name()).collect();
    row.record.push_field(outcome.as_str());
    row.record.push_field(&score.map_or_else(String::new, |score| score.to_string()));
    row.record.push_field(&names.join(";"));
}
