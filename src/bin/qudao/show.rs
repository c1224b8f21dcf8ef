//! Everything the command prints. Text is for people, JSON for programs; figures come from the engine and are only laid out here.

use crate::command::{Format, Stop};
use crate::progress;
use qudao::diagnostic::{Diagnostic, Diagnostics, Gravity, Place, Sources};
use qudao::policy_test::{Difference, PolicyTest};
use qudao::wire::{Faults, faults_json};
use serde_json::{Value as Json, json};
use std::io::Write;

/// Prints one line on stdout. A reader that went away (`| head`) is no fault.
pub fn line(text: &str) {
    progress::end();
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Prints one line for people on stderr.
fn note(text: &str) {
    progress::end();
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Prints why a file cannot be used.
pub fn file_fault(message: &str, help: &str, format: Format) {
    match format {
        Format::Json => line(&json!({ "ok": false, "message": message, "help": help }).to_string()),
        Format::Text => note(&format!("error: {message}\n  help: {help}")),
    }
}

/// Prints the faults of an input.
pub fn faults(faults: &Faults, format: Format) -> Stop {
    match format {
        Format::Json => line(&faults_json(faults)),
        Format::Text => {
            for fault in &faults.0 {
                let at = if fault.path.is_empty() { String::new() } else { format!(" at `{}`", fault.path) };
                let found = if fault.value.is_empty() { String::new() } else { format!(", found `{}`", fault.value) };
                note(&format!("error[{}]{at}: {}{found}\n  help: {}\n", fault.code, fault.message, fault.help));
            }
        }
    }
    Stop::Faults
}

/// Prints findings with the line they are about, and how many there are.
pub fn diagnostics(diagnostics: &Diagnostics, sources: &Sources) {
    for finding in &diagnostics.found {
        note(&diagnostic_text(finding, sources));
    }
    let errors = diagnostics.found.iter().filter(|finding| finding.code.gravity() == Gravity::Error).count();
    if !diagnostics.found.is_empty() {
        note(&format!("errors: {errors}, warnings: {}", diagnostics.found.len() - errors));
    }
}

/// Prints findings as JSON, one after the other: there may be as many as a long table has cells. `ok` says whether the policy is usable all the same.
pub fn diagnostics_json(ok: bool, diagnostics: &Diagnostics, sources: &Sources) {
    let one = |finding: &Diagnostic| {
        json!({
            "code": finding.code.text(), "gravity": gravity(finding), "file": file_name(finding.place, sources), "sheet": sheet(finding.place, sources),
            "line": finding.place.line, "column": finding.place.column, "message": finding.message, "help": finding.help,
        })
    };
    progress::end();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut write = || {
        write!(out, "{{\"ok\":{ok},\"diagnostics\":[")?;
        for (at, finding) in diagnostics.found.iter().enumerate() {
            write!(out, "{}{}", if at == 0 { "" } else { "," }, one(finding))?;
        }
        writeln!(out, "]}}")?;
        out.flush()
    };
    // A reader that went away is no fault.
    let _: std::io::Result<()> = write();
}

/// Prints findings that keep a command from its result, as JSON.
pub fn diagnostics_only(diagnostics: &Diagnostics, sources: &Sources) {
    diagnostics_json(false, diagnostics, sources);
}

fn gravity(finding: &Diagnostic) -> &'static str {
    match finding.code.gravity() {
        Gravity::Error => "error",
        Gravity::Warning => "warning",
    }
}

fn file_name(place: Place, sources: &Sources) -> &str {
    sources.files.get(place.file as usize).map_or("", |file| file.name.as_str())
}

/// Sheet of a place in a workbook; there `line` and `column` are row and column of the cell.
fn sheet(place: Place, sources: &Sources) -> Option<&str> {
    sources.files.get(place.file as usize)?.sheet.as_deref()
}

fn diagnostic_text(finding: &Diagnostic, sources: &Sources) -> String {
    let Place { file, line, column } = finding.place;
    let mut text = format!("{}[{}]: {}\n", gravity(finding), finding.code, finding.message);
    let margin = " ".repeat(line.to_string().len());
    if let (Some(file), true) = (sources.files.get(file as usize), line > 0) {
        let written = file.line(line);
        let skipped = column.saturating_sub(1) as usize;
        // The columns of a sheet are cells, with a tab between.
        let start: usize = match file.sheet {
            Some(_) => written.split('\t').take(skipped).map(|cell| cell.chars().count() + 1).sum(),
            None => skipped,
        };
        let source = written.replace('\t', " ");
        let before: usize = source.chars().take(start).map(cells).sum();
        let caret = "^".repeat(source.chars().nth(start).map_or(1, cells).max(1));
        let at = file.shown(line, column);
        text += &format!("{margin}--> {at}\n{margin} |\n{line} | {source}\n{margin} | {}{caret}\n", " ".repeat(before));
    } else if let Some(file) = sources.files.get(file as usize) {
        text += &format!("{margin}--> {}\n", file.name);
    }
    text + &format!("{margin} = help: {}\n", finding.help)
}

/// Cells of a terminal that a character takes: Chinese, Japanese and Korean text, full-width signs and pictures take two.
fn cells(c: char) -> usize {
    match u32::from(c) {
        0x0300..=0x036f | 0x200b..=0x200f | 0xfe00..=0xfe0f => 0,
        0x1100..=0x115f | 0x2e80..=0x303e | 0x3041..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff => 2,
        0xfe30..=0xfe6f | 0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x1f300..=0x1f64f | 0x1f680..=0x1f9ff | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// Prints the result of one test.
pub fn test(test: &PolicyTest, differences: &[Difference], sources: &Sources) {
    line(&format!("{} {}", if differences.is_empty() { "ok    " } else { "FAILED" }, test.name));
    for difference in differences {
        let Difference { place, path, expected, found } = difference;
        let path = if path.is_empty() { "the whole answer" } else { path };
        line(&format!("       {}:{}: {path}", file_name(*place, sources), place.line));
        line(&format!("         expected {expected}\n         found    {found}"));
    }
}

/// The result of one test as JSON.
pub fn test_json(test: &PolicyTest, differences: &[Difference], sources: &Sources) -> Json {
    let one = |difference: &Difference| {
        let Difference { place, path, expected, found } = difference;
        json!({ "file": file_name(*place, sources), "line": place.line, "path": path, "expected": expected, "found": found })
    };
    let differences: Vec<Json> = differences.iter().map(one).collect();
    json!({ "name": test.name, "file": file_name(test.place, sources), "line": test.place.line, "passed": differences.is_empty(), "differences": differences })
}

/// Prints a quote for people.
pub fn quote(quote: &str) {
    let quote: Json = serde_json::from_str(quote).unwrap_or_default();
    for row in list(&quote, "lines") {
        line(&format!("{}  × {}  list {}  net {}", word(row, "id"), word(row, "quantity"), word(row, "list"), word(row, "net")));
        for step in list(row, "adjustments") {
            line(&format!("    −{}  {}", word(step, "amount"), word(step, "rule")));
        }
    }
    for gift in list(&quote, "gifts") {
        line(&format!(
            "gift: {}  × {}  worth {}  {}",
            word(gift, "sku"),
            word(gift, "quantity"),
            word(gift, "value"),
            word(gift, "promotion")
        ));
    }
    for coupon in list(&quote, "coupons") {
        line(&format!("coupon {}: {}", word(coupon, "code"), word(coupon, "effect")));
    }
    let totals = &quote["totals"];
    for freight in list(&quote, "freight") {
        line(&format!("freight {}: {}", word(freight, "table"), word(freight, "charge")));
    }
    if let Some(tax) = totals.get("tax") {
        line(&format!("tax: before {}  tax {}  with {}", word(tax, "base"), word(tax, "tax"), word(tax, "gross")));
    }
    let figures = ["list", "discount", "net", "freight", "redeemed", "payable"].into_iter().filter(|key| totals.get(key).is_some());
    let figures: Vec<String> = figures.map(|key| format!("{key} {}", word(totals, key))).collect();
    line(&format!("totals: {} {}", figures.join("  "), word(&quote, "currency")));
    for guard in list(&quote, "guards") {
        let at = guard.get("line").and_then(Json::as_str).map_or(String::new(), |line| format!(" ({line})"));
        line(&format!("guard: {} {}{at}", word(guard, "severity"), word(guard, "code")));
    }
    for rebate in list(&quote, "rebates") {
        let figures = ["before", "after", "delta"].map(|key| format!("{key} {}", word(rebate, key)));
        line(&format!("rebate {} {}: {}", word(rebate, "program"), word(rebate, "period"), figures.join("  ")));
        for contest in list(rebate, "contests") {
            let rank = contest["rank"].as_u64().map_or("none".to_owned(), |rank| rank.to_string());
            let ahead = list(contest, "ahead").iter().map(|one| format!("  to rank {} {}", one["rank"], word(one, "after")));
            let figures = ["then", "before", "after"].map(|key| format!("{key} {}", word(contest, key))).join("  ");
            line(&format!(
                "  contest {}: rank {rank} of {}  {figures}{}",
                word(contest, "contest"),
                contest["of"],
                ahead.collect::<String>()
            ));
        }
    }
    line(&format!("result {}", word(&quote, "result_hash")));
}

/// Prints a verdict for people.
pub fn verdict(verdict: &str) {
    let verdict: Json = serde_json::from_str(verdict).unwrap_or_default();
    line(&word(&verdict, "verdict"));
    for reason in list(&verdict, "reasons") {
        line(&format!("  {reason}"));
    }
    quote(&verdict["quote"].to_string());
}

/// Prints sentences for people.
pub fn sentences(sentences: &str) {
    let sentences: Json = serde_json::from_str(sentences).unwrap_or_default();
    for sentence in sentences.as_array().into_iter().flatten() {
        line(&word(sentence, "text"));
    }
}

/// Prints hints for people.
pub fn hints(hints: &str) {
    let hints: Json = serde_json::from_str(hints).unwrap_or_default();
    for hint in list(&hints, "hints") {
        line(&word(hint, "text"));
    }
    cut_off(&hints);
}

/// Prints equal alternatives for people: what each applies, what it comes to, and what is to be declined for it.
pub fn alternatives(found: &str) {
    let found: Json = serde_json::from_str(found).unwrap_or_default();
    let ids = |entry: &Json, key: &str| list(entry, key).iter().filter_map(Json::as_str).collect::<Vec<&str>>().join(", ");
    for entry in list(&found, "alternatives") {
        let figures = ["discount", "gift_value", "payable"].map(|key| format!("{key} {}", word(&entry["totals"], key)));
        line(&format!("{}: {}  decline: {}", ids(entry, "applied"), figures.join("  "), ids(entry, "decline")));
    }
    if found["complete"] == false {
        line(&format!("cut off after {} changed orders: there may be more", word(&found, "quotes")));
    }
}

/// Prints plans of redemption for people, each with the lots that it uses or loses.
pub fn plans(found: &str) {
    let found: Json = serde_json::from_str(found).unwrap_or_default();
    for plan in list(&found, "plans") {
        let figures = ["redeem", "payable", "rebate", "lost", "worth"].map(|key| format!("{key} {}", word(plan, key)));
        line(&figures.join("  "));
        for lot in list(plan, "lots") {
            let lost = if lot["lost"] == true { "  lost" } else { "" };
            line(&format!("    {}: used {}  left {}{lost}", word(lot, "id"), word(lot, "used"), word(lot, "left")));
        }
    }
    cut_off(&found);
}

/// Says that a search ended before it was done.
fn cut_off(found: &Json) {
    if found["complete"] == false {
        line(&format!("cut off after {} changed orders: see `hint_quotes`", word(found, "quotes")));
    }
}

/// Prints what a return comes to for people.
pub fn returned(found: &str) {
    let found: Json = serde_json::from_str(found).unwrap_or_default();
    for part in ["lines", "lots", "gifts", "rebates"] {
        for entry in list(&found, part) {
            line(&word(entry, "text"));
            list(entry, "falls").iter().for_each(|fall| line(&format!("  {}", word(fall, "text"))));
        }
    }
    let figures = ["refund", "lots", "charge", "refund_kept", "clawback"].map(|key| format!("{key} {}", word(&found["totals"], key)));
    line(&figures.join("  "));
}

/// Prints a grading for people: a row for each dealer, with his score as a bar, and his sentence.
pub fn grading(grading: &Json, language: &str) {
    let figures = ["scorecard", "period", "effective", "dealers", "rated"].map(|key| format!("{key} {}", word(grading, key)));
    line(&figures.join("  "));
    for proposal in list(grading, "proposals") {
        let score = word(proposal, "score");
        let whole = score.split('.').next().and_then(|whole| whole.parse::<usize>().ok());
        let bar = whole.map_or(String::new(), |whole| "█".repeat((whole / 5).min(24)));
        let grade = |key| proposal.get(key).and_then(Json::as_str).unwrap_or("–");
        let mark = if proposal["eliminate"] == true { "  ✗" } else { "" };
        line(&format!(
            "{:>4}  {}  {} → {}  {score:>8}  {bar}{mark}",
            word(proposal, "rank"),
            word(proposal, "dealer"),
            grade("present"),
            grade("grade")
        ));
        line(&format!("      {}", word(&proposal["says"], language)));
    }
}

fn list<'a>(value: &'a Json, key: &str) -> &'a [Json] {
    value.get(key).and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

/// A figure as text, without quotes.
fn word(value: &Json, key: &str) -> String {
    match value.get(key) {
        Some(Json::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use qudao::diagnostic::{Code, SourceFile};

    #[test]
    fn the_caret_stands_under_the_fault_also_after_chinese_text() {
        let sources = Sources { files: vec![SourceFile::new("a.yaml", "名: { 货: 1,299 }\n")], ..Sources::default() };
        let place = Place { file: 0, line: 1, column: 9 };
        let finding =
            Diagnostic { code: Code::NumberInvalid, place, message: "`货` cannot be `1,299`".into(), help: "write `1299`".into() };
        let expected = "error[NUMBER_INVALID]: `货` cannot be `1,299`\n --> a.yaml:1:9\n  |\n1 | 名: { 货: 1,299 }\n  |           ^\n  = help: write `1299`\n";
        assert_eq!(diagnostic_text(&finding, &sources), expected);
    }
}
