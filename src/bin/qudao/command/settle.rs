use super::{Format, Stop};
use crate::{load, progress, show};
use qudao::explain::Language;
use qudao::num::Money;
use qudao::settle::{self, Issued, Stated, Statement, Task};
use qudao::wire::{self, Node};
use qudao::{Engine, calendar, time::Instant};
use serde_json::json;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// Replay posted transactions and write the statements (返利单) of all programs and dealers, with a trace to the transactions.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder of the policy.
    policy: PathBuf,
    /// The transactions, CSV: `id`, `dealer`, `date`, `sku`, `quantity`, `net`, and where there are `list`, `gross`, `kind`.
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
    /// Write the files into this folder: statements.json, statements.csv, lines.csv, rejects.csv, report.txt, and
    /// lots.json, lots.csv where programs issue lots, goods.csv where they pay in goods.
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
    let dealers = wire::dealers(&engine, &load::input(&arguments.dealers, format)?).map_err(|faults| show::faults(&faults, format))?;
    let until = Instant::parse(&arguments.until)
        .ok_or_else(|| Stop::file(Path::new(&arguments.until), "no instant", "write it with an offset: 2027-01-01T00:00:00+08:00"))?;
    let stated = arguments.previous.as_ref().map_or(Ok(Stated::new()), |path| previous(&engine, path, format))?;
    let path = &arguments.transactions;
    let size = fs::metadata(path).map_err(|error| Stop::file(path, error, "name a CSV file"))?.len();
    let folder = &arguments.output;
    let written = |error: io::Error| Stop::file(folder, error, "name a folder that can be written to");
    fs::create_dir_all(folder).map_err(written)?;
    let create = |name: &str| File::create(folder.join(name)).map(BufWriter::new).map_err(written);
    let (mut trace, mut rejects) = (create("lines.csv")?, create("rejects.csv")?);
    let task = Task {
        policy: engine.policy(),
        dealers: &dealers,
        until,
        day: &|text| calendar::day(text).ok().map(|day| zone.day_start(day)),
        stated: &stated,
        spill: &folder.join("spill"),
        progress: &|done| {
            let half = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
            progress::step("settling", Some((half(done), half(2 * size).max(1))));
        },
    };
    let open = || -> io::Result<Box<dyn Read + Send>> { Ok(Box::new(File::open(path)?)) };
    let (statements, counts) = settle::settle(&task, &open, &mut trace, &mut rejects).map_err(|fault| match fault {
        settle::Fault::File(error) => Stop::file(path, error, "see that files can be read and written"),
        settle::Fault::Column(column) => {
            let help = format!("the first row names the columns: {}", settle::COLUMNS.join(", "));
            Stop::file(path, format!("there is no column `{column}`"), &help)
        }
        settle::Fault::Overflow => Stop::file(path, "an amount does not fit 64 bits of minor units", "settle fewer transactions at once"),
    })?;
    trace.flush().and_then(|()| rejects.flush()).map_err(written)?;
    let (mut all, mut table, mut report) = (create("statements.json")?, create("statements.csv")?, create("report.txt")?);
    let language = if arguments.language == "zh" { Language::Chinese } else { Language::English };
    write(&engine, &arguments.until, &statements, language, (&mut all, &mut table, &mut report)).map_err(written)?;
    if checked.policy().programs.iter().any(|program| program.lot.is_some()) {
        let issued = settle::lots(engine.policy(), checked.policy(), &statements, until);
        let (mut lots, mut rows) = (create("lots.json")?, create("lots.csv")?);
        write_lots(&engine, &issued, &mut lots, &mut rows).map_err(written)?;
    }
    if checked.policy().programs.iter().any(|program| program.goods.is_some()) {
        let mut rows = create("goods.csv")?;
        let goods = settle::goods(engine.policy(), &statements);
        write!(rows, "dealer,program,period,sku,quantity,amount\n{goods}").and_then(|()| rows.flush()).map_err(written)?;
    }
    let figures = json!({
        "ok": true, "bundle": engine.policy().hash, "statements": statements.len(), "rows": counts.rows, "counted": counts.counted,
        "uncounted": counts.uncounted, "later": counts.later, "rejected": counts.rejected,
    });
    match format {
        Format::Json => show::line(&figures.to_string()),
        Format::Text => {
            show::line(&format!("{} statements in {}", statements.len(), folder.display()));
            let settle::Counts { rows, counted, uncounted, later, rejected } = counts;
            show::line(&format!("{rows} rows: {counted} counted, {uncounted} for no program, {later} later, {rejected} rejected"));
        }
    }
    Ok(())
}

type Files<'a> = (&'a mut BufWriter<File>, &'a mut BufWriter<File>, &'a mut BufWriter<File>);

fn write(engine: &Engine, until: &str, statements: &[Statement], language: Language, (all, table, report): Files) -> io::Result<()> {
    let policy = engine.policy();
    let (bundle, until) = (json!(policy.hash), json!(until));
    write!(all, "{{\"schema\":1,\"bundle\":{bundle},\"until\":{until},\"statements\":[")?;
    writeln!(table, "dealer,program,period,to,amount_counted,quantity_counted,transactions,amount,stated,difference")?;
    for (at, statement) in statements.iter().enumerate() {
        write!(all, "{}\n{}", if at == 0 { "" } else { "," }, statement.json(policy))?;
        table.write_all(statement.csv(policy).as_bytes())?;
        writeln!(report, "{}", statement.dealer)?;
        for sentence in statement.sentences(policy, language) {
            writeln!(report, "  {sentence}")?;
        }
        for line in statement.csv(policy).lines() {
            writeln!(report, "  {line}")?;
        }
    }
    write!(all, "\n]}}\n")?;
    all.flush()?;
    table.flush()?;
    report.flush()
}

/// Lots for the facts of each dealer; what dealers owe stands in the table only.
fn write_lots(engine: &Engine, issued: &[Issued], lots: &mut BufWriter<File>, rows: &mut BufWriter<File>) -> io::Result<()> {
    let policy = engine.policy();
    writeln!(rows, "dealer,program,period,lot,amount,issued,expires")?;
    let mut dealer: Option<&str> = None;
    write!(lots, "{{\"schema\":1,\"bundle\":{},\"dealers\":[", json!(policy.hash))?;
    for lot in issued {
        rows.write_all(lot.csv(policy).as_bytes())?;
        if lot.amount <= Money::ZERO {
            continue;
        }
        match dealer {
            Some(known) if known == lot.dealer => write!(lots, ",")?,
            known => {
                let end = if known.is_some() { "]}," } else { "" };
                write!(lots, "{end}\n{{\"id\":{},\"lots\":[", json!(lot.dealer))?;
                dealer = Some(&lot.dealer);
            }
        }
        write!(lots, "{}", lot.json(policy))?;
    }
    writeln!(lots, "{}\n]}}", if dealer.is_some() { "]}" } else { "" })?;
    lots.flush()?;
    rows.flush()
}

/// What a settlement before this one stated.
fn previous(engine: &Engine, path: &Path, format: Format) -> Result<Stated, Stop> {
    let broken = || Stop::file(path, "these are no statements", "name the `statements.json` of a settlement");
    let entries = |node: &Node| match node {
        Node::Map(entries) => entries.clone(),
        _ => Vec::new(),
    };
    let get = |node: &Node, key: &str| entries(node).into_iter().find(|(known, _)| known == key).map(|(_, value)| value).ok_or_else(broken);
    let text = |node: &Node, key: &str| match get(node, key)? {
        Node::Text(text) => Ok(text),
        _ => Err(broken()),
    };
    let list = |node: &Node, key: &str| match get(node, key)? {
        Node::List(items) => Ok(items),
        _ => Err(broken()),
    };
    let mut stated = Stated::new();
    for statement in list(&load::input(path, format)?, "statements")? {
        let rebate = get(&statement, "rebate")?;
        for party in list(&statement, "parties")? {
            let amount = engine.policy().constants.money_scale.read(&text(&party, "amount")?).map_err(|_| broken())?;
            let key = (text(&statement, "dealer")?, text(&rebate, "program")?, text(&rebate, "period")?, text(&party, "to")?);
            stated.insert(key, Money(amount));
        }
    }
    Ok(stated)
}
