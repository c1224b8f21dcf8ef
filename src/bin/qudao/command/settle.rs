use super::{Format, Stop};
use crate::{load, progress, show};
use qudao::bundle::{hex, sha256};
use qudao::explain::Language;
use qudao::facts::DealerFacts;
use qudao::num::Money;
use qudao::settle::{self, Earlier, Entrant, Files, Former, Issued, Moved, Placed, Rates, Stated, StatedPrizes, Statement, Task};
use qudao::wire;
use qudao::{Engine, calendar, time::Instant};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// Replay posted transactions and write the statements (返利单) of all programs and dealers, with a trace to the transactions.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder of the policy.
    policy: PathBuf,
    /// The transactions, CSV: `id`, `dealer`, `date`, `sku`, `quantity`, `net`, and where there are `list`, `gross`, `untaxed`, `kind`.
    #[arg(long, value_name = "FILE")]
    transactions: PathBuf,
    /// Facts of the dealers, JSON or YAML, `{ dealers: [ … ] }`: grade and so on, targets, last years, KPI figures.
    #[arg(long, value_name = "FILE")]
    dealers: PathBuf,
    /// Transactions before this instant count.
    #[arg(long, value_name = "INSTANT")]
    until: String,
    /// `statements.json` of the settlement before this one: only differences to it are new.
    #[arg(long, value_name = "FILE")]
    previous: Option<PathBuf>,
    /// An earlier version of the policy, and until when it was in force: what was decided before counts as it said then. In order of time.
    /// Without any, all is settled under the policy as it is now.
    #[arg(long, value_name = "FOLDER@INSTANT")]
    before: Vec<String>,
    /// Dealers that go into others or leave, CSV: `dealer`, `from`, `into`; what is his on that day and later counts for `into`, or is
    /// refused where that is blank.
    #[arg(long, value_name = "FILE")]
    moved: Option<PathBuf>,
    /// Rates of other currencies: a CSV with the columns `currency`, `from` (a day) and `rate`, what a unit counts for from then on.
    #[arg(long, value_name = "FILE")]
    rates: Option<PathBuf>,
    /// Cores to work on; the files do not depend on it. All, unless written.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Write the files into this folder: statements.json, statements.csv, lines.csv, rejects.csv, uncounted.csv, missing.csv, report.txt, a page
    /// for each dealer under report, and lots.json, lots.csv where programs issue lots, goods.csv where they pay in goods, contests.csv, contests.txt and
    /// standings.json where there are contests, converted.csv with rates.
    #[arg(short, long, value_name = "FOLDER")]
    output: PathBuf,
    /// Language of the report.
    #[arg(long, value_parser = ["zh", "en"], default_value = "zh")]
    language: String,
}

pub fn run(arguments: &Arguments, format: Format) -> Result<(), Stop> {
    let checked = load::policy(&arguments.policy, format)?;
    if checked.old().is_some() {
        let help = "settle the old and the new policy each by itself, with the dealers that were under it";
        return Err(Stop::file(&arguments.policy, "a policy with a transition is not settled", help));
    }
    let zone = checked.resolved().zone.clone();
    let engine: Engine = load::engine_of(load::compile(&checked).bytes(), format)?;
    let facts = load::input(&arguments.dealers, format)?;
    let dealers = wire::dealers(&engine, &facts).map_err(|faults| show::faults(&faults, format))?;
    let instant = |text: &str| {
        let fault = || Stop::file(Path::new(text), "no instant", "write it with an offset: 2027-01-01T00:00:00+08:00");
        Instant::parse(text).ok_or_else(fault)
    };
    let until = instant(&arguments.until)?;
    let mut versions: Vec<(Engine, Vec<DealerFacts>, Instant)> = Vec::new();
    for text in &arguments.before {
        let fault = |message: &str| Stop::file(Path::new(text), message, "write `FOLDER@INSTANT`, in order of time");
        let (folder, end) = text.rsplit_once('@').ok_or_else(|| fault("there is no instant behind the folder"))?;
        let end = instant(end)?;
        if versions.last().is_some_and(|(_, _, before)| *before >= end) {
            return Err(fault("it ends before the one before it"));
        }
        let engine = load::engine_of(load::compile(&load::policy(Path::new(folder), format)?).bytes(), format)?;
        let dealers = wire::dealers(&engine, &facts).map_err(|faults| show::faults(&faults, format))?;
        versions.push((engine, dealers, end));
    }
    let earlier: Vec<Earlier> =
        versions.iter().map(|(engine, dealers, until)| Earlier { policy: engine.policy(), dealers, until: *until }).collect();
    let day = |text: &str| calendar::day(text).ok().map(|day| zone.day_start(day));
    let moved = arguments.moved.as_ref().map_or(Ok(Vec::new()), |path| moved(path, &day, &dealers))?;
    let stated = arguments.previous.as_ref().map_or(Ok(Stated::default()), |path| previous(&engine, &dealers, path))?;
    let prizes = arguments.previous.as_ref().map_or(Ok(StatedPrizes::new()), |path| prizes_before(&engine, path))?;
    let path = &arguments.transactions;
    let size = fs::metadata(path).map_err(|error| Stop::file(path, error, "name a CSV file"))?.len();
    let folder = &arguments.output;
    let written = |error: io::Error| Stop::file(folder, error, "name a folder that can be written to");
    fs::create_dir_all(folder).map_err(written)?;
    let create = |name: &str| File::create(folder.join(name)).map(BufWriter::new).map_err(written);
    let (mut lines, mut rejects, mut uncounted) = (create("lines.csv")?, create("rejects.csv")?, create("uncounted.csv")?);
    let rates = arguments.rates.as_ref().map_or(Ok(Rates::default()), |path| rates_of(path, &day))?;
    let mut converted: Box<dyn Write> = if arguments.rates.is_some() { Box::new(create("converted.csv")?) } else { Box::new(io::sink()) };
    let task = Task {
        rates: &rates,
        policy: engine.policy(),
        earlier: &earlier,
        dealers: &dealers,
        moved: &moved,
        until,
        day: &day,
        stated: &stated,
        spill: &folder.join("spill"),
        threads: arguments.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)),
        progress: &|done| {
            let half = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
            progress::step("settling", Some((half(done), half(2 * size).max(1))));
        },
    };
    let open = || -> io::Result<Box<dyn Read + Send>> { Ok(Box::new(File::open(path)?)) };
    let language = if arguments.language == "zh" { Language::Chinese } else { Language::English };
    let policy = checked.policy();
    let mut out = Output {
        all: create("statements.json")?,
        table: create("statements.csv")?,
        report: create("report.txt")?,
        missing: create("missing.csv")?,
        pages: folder.join("report"),
        lots: if policy.programs.iter().any(|program| program.lot.is_some()) {
            Some((create("lots.json")?, create("lots.csv")?))
        } else {
            None
        },
        goods: if policy.programs.iter().any(|program| program.goods.is_some()) { Some(create("goods.csv")?) } else { None },
        contests: if policy.contests.is_empty() && prizes.is_empty() {
            None
        } else {
            Some([create("contests.csv")?, create("contests.txt")?])
        },
        entrants: Vec::new(),
        statements: 0,
        lots_begun: false,
    };
    out.begin(&engine, &arguments.until).map_err(written)?;
    let tell = |statements: Vec<Statement>| {
        let issued = settle::lots(engine.policy(), policy, &statements, until);
        Told { entrants: settle::entrants(engine.policy(), policy, &statements), ..Told::of(&engine, &statements, &issued, language) }
    };
    let files = Files { lines: &mut lines, rejects: &mut rejects, uncounted: &mut uncounted, converted: &mut converted };
    let outcome = settle::settle(&task, &open, files, &tell, &mut |told| out.take(told));
    let (counts, withdrawn) = outcome.map_err(|fault| match fault {
        settle::Fault::File(error) => Stop::file(path, error, "see that files can be read and written"),
        settle::Fault::Column(column) => {
            let help = format!("the first row names the columns: {}", settle::COLUMNS.join(", "));
            Stop::file(path, format!("there is no column `{column}`"), &help)
        }
        settle::Fault::Version(program) => {
            let help = "keep it in the last version with the same `period`, `calendar` and `covers`; its tiers may pay 0 %";
            Stop::file(
                &arguments.policy,
                format!("`{program}` of an earlier version is not here, or has other windows or tells other things apart"),
                help,
            )
        }
        settle::Fault::Overflow => Stop::file(path, "an amount does not fit 64 bits of minor units", "settle fewer transactions at once"),
    })?;
    for file in [&mut lines, &mut rejects, &mut uncounted] {
        file.flush().map_err(written)?;
    }
    converted.flush().map_err(written)?;
    let owed = settle::owed(policy, &withdrawn, until);
    let too_much = |_| Stop::file(&arguments.policy, "the prizes do not fit 64 bits of minor units", "give smaller prizes");
    let placed = settle::decide(engine.policy(), policy, &out.entrants, &prizes).map_err(too_much)?;
    if !policy.contests.is_empty() {
        let standings = settle::standings(engine.policy(), policy, &out.entrants, &placed, until).map_err(too_much)?;
        let standings = standings.iter().map(|(dealer, own)| format!("\n{{\"id\":{},\"contests\":[{}]}}", json!(dealer), own.join(",")));
        let standings = standings.collect::<Vec<_>>().join(",");
        let (bundle, until) = (json!(engine.policy().hash), json!(arguments.until));
        let all = format!("{{\"schema\":1,\"bundle\":{bundle},\"until\":{until},\"dealers\":[{standings}\n]}}\n");
        fs::write(folder.join("standings.json"), all).map_err(written)?;
    }
    let ranking = settle::ranking(engine.policy(), policy, &placed, language);
    out.end(&engine, &withdrawn, &owed, (&placed, &ranking)).map_err(written)?;
    let statements = out.statements;
    let figures = json!({
        "ok": true, "bundle": engine.policy().hash, "statements": statements, "withdrawn": withdrawn.len(), "rows": counts.rows,
        "counted": counts.counted, "uncounted": counts.uncounted, "later": counts.later, "rejected": counts.rejected,
    });
    match format {
        Format::Json => show::line(&figures.to_string()),
        Format::Text => {
            show::line(&format!("{statements} statements in {}", folder.display()));
            let settle::Counts { rows, counted, uncounted, later, rejected } = counts;
            show::line(&format!("{rows} rows: {counted} counted, {uncounted} for no program, {later} later, {rejected} rejected"));
            if !withdrawn.is_empty() {
                show::line(&format!("{} amounts that were stated before stand no more and are taken back", withdrawn.len()));
            }
        }
    }
    Ok(())
}

/// Some statements as they are written.
#[derive(Default)]
struct Told {
    statements: usize,
    all: String,
    table: String,
    report: String,
    missing: String,
    /// A page and the name of its file.
    pages: Vec<(String, String)>,
    lots: String,
    lot_rows: String,
    goods: String,
    entrants: Vec<Entrant>,
}

impl Told {
    fn of(engine: &Engine, statements: &[Statement], issued: &[Issued], language: Language) -> Told {
        let policy = engine.policy();
        let mut told = Told { statements: statements.len(), goods: settle::goods(policy, statements), ..Told::default() };
        let sentences: Vec<Vec<String>> = statements.iter().map(|statement| statement.sentences(policy, language)).collect();
        for (statement, sentences) in statements.iter().zip(&sentences) {
            let comma = if told.all.is_empty() { "\n" } else { ",\n" };
            told.all += comma;
            told.all += &statement.json(policy);
            let rows = statement.csv(policy);
            told.report.extend([&statement.dealer, "\n"]);
            for line in sentences.iter().map(String::as_str).chain(rows.lines()) {
                told.report.extend(["  ", line, "\n"]);
            }
            told.table += &rows;
            told.missing += &statement.missing_csv(policy);
        }
        let mut rest = &sentences[..];
        for own in statements.chunk_by(|a, b| a.dealer == b.dealer) {
            let name = own.first().map_or(String::new(), |statement| file_name(&statement.dealer));
            let (said, behind) = rest.split_at(own.len());
            told.pages.push((name, settle::page(policy, own, said, language)));
            rest = behind;
        }
        let mut dealer: Option<&str> = None;
        for lot in issued {
            told.lot_rows += &lot.csv(policy);
            // What dealers owe stands in the table only.
            if lot.amount <= Money::ZERO {
                continue;
            }
            if dealer == Some(&lot.dealer) {
                told.lots += ",";
            } else {
                let end = if dealer.is_some() { "]},\n" } else { "\n" };
                let _ = write!(told.lots, "{end}{{\"id\":{},\"lots\":[", json!(lot.dealer));
                dealer = Some(&lot.dealer);
            }
            told.lots += &lot.json(policy);
        }
        if dealer.is_some() {
            told.lots += "]}";
        }
        told
    }
}

/// The page of a dealer: his id, with every byte that is not plain as its number, and of a long one a hash.
fn file_name(dealer: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let name: String = dealer.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("={byte:02x}") }).collect();
    let name = if name.len() <= 200 { name } else { hex(&sha256(dealer.as_bytes())) };
    format!("{name}.html")
}

/// The files that statements are written to.
struct Output {
    all: BufWriter<File>,
    table: BufWriter<File>,
    report: BufWriter<File>,
    missing: BufWriter<File>,
    pages: PathBuf,
    lots: Option<(BufWriter<File>, BufWriter<File>)>,
    goods: Option<BufWriter<File>>,
    /// As a table, and to read.
    contests: Option<[BufWriter<File>; 2]>,
    /// Who takes part in contests.
    entrants: Vec<Entrant>,
    statements: usize,
    lots_begun: bool,
}

impl Output {
    fn begin(&mut self, engine: &Engine, until: &str) -> io::Result<()> {
        let (bundle, until) = (json!(engine.policy().hash), json!(until));
        write!(self.all, "{{\"schema\":1,\"bundle\":{bundle},\"until\":{until},\"statements\":[")?;
        writeln!(self.table, "dealer,program,period,to,amount_counted,quantity_counted,transactions,amount,stated,difference")?;
        writeln!(self.missing, "dealer,program,period,code,figure")?;
        fs::create_dir_all(&self.pages)?;
        if let Some((lots, rows)) = &mut self.lots {
            write!(lots, "{{\"schema\":1,\"bundle\":{bundle},\"dealers\":[")?;
            writeln!(rows, "dealer,program,period,lot,amount,issued,expires")?;
        }
        if let Some(goods) = &mut self.goods {
            writeln!(goods, "dealer,program,period,sku,quantity,amount")?;
        }
        Ok(())
    }

    fn take(&mut self, told: Told) -> io::Result<()> {
        self.entrants.extend(told.entrants);
        if self.statements > 0 && told.statements > 0 {
            write!(self.all, ",")?;
        }
        self.statements += told.statements;
        self.all.write_all(told.all.as_bytes())?;
        self.table.write_all(told.table.as_bytes())?;
        self.report.write_all(told.report.as_bytes())?;
        self.missing.write_all(told.missing.as_bytes())?;
        for (name, page) in &told.pages {
            fs::write(self.pages.join(name), page)?;
        }
        if let Some((lots, rows)) = &mut self.lots {
            if self.lots_begun && !told.lots.is_empty() {
                write!(lots, ",")?;
            }
            self.lots_begun |= !told.lots.is_empty();
            lots.write_all(told.lots.as_bytes())?;
            rows.write_all(told.lot_rows.as_bytes())?;
        }
        if let Some(goods) = &mut self.goods {
            goods.write_all(told.goods.as_bytes())?;
        }
        Ok(())
    }

    fn end(&mut self, engine: &Engine, withdrawn: &[Former], owed: &[Issued], (placed, ranking): (&[Placed], &str)) -> io::Result<()> {
        let policy = engine.policy();
        write!(self.all, "\n],\"withdrawn\":[")?;
        for (at, former) in withdrawn.iter().enumerate() {
            write!(self.all, "{}\n{}", if at == 0 { "" } else { "," }, former.json(policy))?;
            self.table.write_all(former.csv(policy).as_bytes())?;
        }
        write!(self.all, "{}]", if withdrawn.is_empty() { "" } else { "\n" })?;
        if let Some([rows, told]) = &mut self.contests {
            write!(self.all, ",{CONTESTS}")?;
            rows.write_all(Placed::HEADER.as_bytes())?;
            for (at, placed) in placed.iter().enumerate() {
                write!(self.all, "{}\n{}", if at == 0 { "" } else { "," }, placed.json(policy))?;
                rows.write_all(placed.csv(policy).as_bytes())?;
            }
            write!(self.all, "\n]")?;
            told.write_all(ranking.as_bytes())?;
            rows.flush()?;
            told.flush()?;
        }
        writeln!(self.all, "}}")?;
        if let Some((lots, rows)) = &mut self.lots {
            writeln!(lots, "\n]}}")?;
            for lot in owed {
                rows.write_all(lot.csv(policy).as_bytes())?;
            }
            lots.flush()?;
            rows.flush()?;
        }
        if let Some(goods) = &mut self.goods {
            goods.write_all(settle::goods_back(policy, withdrawn).as_bytes())?;
            goods.flush()?;
        }
        self.all.flush()?;
        self.table.flush()?;
        self.missing.flush()?;
        self.report.flush()
    }
}

/// What amounts in other currencies count for.
fn rates_of(path: &Path, day: &dyn Fn(&str) -> Option<Instant>) -> Result<Rates, Stop> {
    let help = "write a CSV with the columns `currency` (ISO 4217), `from` (a day) and `rate`, what a unit counts for, with at most 8 digits after the point; each currency and day once";
    let text = fs::read_to_string(path).map_err(|error| Stop::file(path, error, help))?;
    let mut rows = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    if rows.next() != Some(Rates::HEADER) {
        return Err(Stop::file(path, format!("the first row is not `{}`", Rates::HEADER), help));
    }
    let rows: Vec<&str> = rows.collect();
    Rates::read(&rows, day).map_err(|row| Stop::file(path, format!("line {} is no rate", row + 2), help))
}

/// Which dealers go into others, or leave.
fn moved(path: &Path, day: &dyn Fn(&str) -> Option<Instant>, dealers: &[DealerFacts]) -> Result<Vec<Moved>, Stop> {
    let help = "write a CSV with the columns `dealer`, `from` (a day) and `into` (blank where he leaves); each dealer is one of the facts";
    let text = fs::read_to_string(path).map_err(|error| Stop::file(path, error, help))?;
    let mut rows = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    if rows.next() != Some("dealer,from,into") {
        return Err(Stop::file(path, "the first row is not `dealer,from,into`", help));
    }
    let known = |id: &str| dealers.iter().any(|dealer| dealer.id == id);
    let mut all = Vec::new();
    for (line, row) in (2..).zip(rows).filter(|(_, row)| !row.is_empty()) {
        let cells: Vec<&str> = row.split(',').map(str::trim).collect();
        let moved = match cells[..] {
            [dealer, from, into] if known(dealer) && (into.is_empty() || known(into)) && dealer != into => {
                day(from).map(|from| Moved { dealer: dealer.to_owned(), from, into: (!into.is_empty()).then(|| into.to_owned()) })
            }
            _ => None,
        };
        all.push(moved.ok_or_else(|| Stop::file(path, format!("line {line} is no move of a dealer"), help))?);
    }
    Ok(all)
}

/// What a settlement before this one stated; read line by line, as it was written.
fn previous(engine: &Engine, dealers: &[DealerFacts], path: &Path) -> Result<Stated, Stop> {
    let help = "name the `statements.json` of a settlement, as it was written";
    let broken = || Stop::file(path, "these are no statements", help);
    let mut lines = BufReader::new(File::open(path).map_err(|error| Stop::file(path, error, help))?).lines();
    let mut line = || lines.next().transpose().map_err(|_| broken());
    line()?.filter(|head| head.starts_with("{\"schema\":1,") && head.ends_with("\"statements\":[")).ok_or_else(broken)?;
    let (mut parties, mut ended) = (Vec::new().into_iter(), false);
    let next = || -> Result<Option<Former>, Stop> {
        loop {
            if let Some(former) = parties.next() {
                return Ok(Some(former));
            }
            if ended {
                return Ok(None);
            }
            let text = line()?.ok_or_else(broken)?;
            // Behind the statements stands what was taken back, of which nothing is stated any more.
            if text.starts_with(']') {
                ended = true;
                continue;
            }
            let statement: Value = serde_json::from_str(text.trim_end_matches(',')).map_err(|_| broken())?;
            parties = formers(engine, &statement).ok_or_else(broken)?.into_iter();
        }
    };
    let mut next = next;
    Stated::of(engine.policy(), dealers, std::iter::from_fn(|| next().transpose()))
}

/// What comes before the contests in `statements.json`.
const CONTESTS: &str = "\"contests\":[";

/// What a settlement before this one stated of prizes.
fn prizes_before(engine: &Engine, path: &Path) -> Result<StatedPrizes, Stop> {
    let broken = || Stop::file(path, "these are no statements", "name the `statements.json` of a settlement, as it was written");
    let file = File::open(path).map_err(|_| broken())?;
    let rows = BufReader::new(file).lines().skip_while(|line| line.as_ref().is_ok_and(|line| !line.ends_with(CONTESTS))).skip(1);
    let mut stated = StatedPrizes::new();
    for row in rows.take_while(|row| row.as_ref().map_or(true, |row| !row.starts_with(']'))) {
        let row: Value = serde_json::from_str(row.map_err(|_| broken())?.trim_end_matches(',')).map_err(|_| broken())?;
        let text = |key: &str| row[key].as_str().map(str::to_owned).ok_or_else(broken);
        let amount = engine.policy().constants.money_scale.read(&text("amount")?).map_err(|_| broken())?;
        if amount != 0 {
            stated.insert((text("contest")?, text("period")?, text("dealer")?), Money(amount));
        }
    }
    Ok(stated)
}

/// What a statement stated of each party.
fn formers(engine: &Engine, statement: &Value) -> Option<Vec<Former>> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let rebate = &statement["rebate"];
    let former = |party: &Value| {
        Some(Former {
            dealer: text(&statement["dealer"])?,
            program: text(&rebate["program"])?,
            period: text(&rebate["period"])?,
            to: text(&party["to"])?,
            amount: Money(engine.policy().constants.money_scale.read(party["amount"].as_str()?).ok()?),
        })
    };
    statement["parties"].as_array()?.iter().map(former).collect()
}
