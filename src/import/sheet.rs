//! Sheets of XLSX workbooks as the text of a table: a line for each row, cells separated by tabs, so that line and column are those of the
//! sheet and everything that reads tables reads sheets.
//!
//! A workbook is a zip of XML, made by anybody: every part is unpacked up to a ceiling, nothing in it is followed or run.

use crate::limit;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;
use rust_decimal::Decimal;
use std::fmt::Write as _;
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// Why a sheet cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub enum SheetFault {
    /// Not a workbook, or a damaged one; says what is wrong.
    Broken(String),
    /// There is no sheet of the name; holds those that there are.
    Missing(Vec<String>),
    /// More of something than a workbook may hold; says of what.
    TooLarge(String),
}

/// The text of a sheet, by name or the first, and its name.
pub fn read(workbook: &[u8], wanted: Option<&str>) -> Result<(String, String), SheetFault> {
    let mut archive = ZipArchive::new(Cursor::new(workbook)).map_err(|fault| SheetFault::Broken(fault.to_string().to_lowercase()))?;
    let book = find(&relations(&mut archive, "_rels/.rels")?, "/officeDocument").unwrap_or_else(|| "xl/workbook.xml".to_owned());
    let (folder, file) = book.rsplit_once('/').unwrap_or(("", &book));
    let (folder, file) = (folder.to_owned(), file.to_owned());
    let mut relations = relations(&mut archive, &format!("{folder}/_rels/{file}.rels"))?;
    relations.iter_mut().for_each(|relation| relation.target = resolve(&folder, &relation.target));
    let Book { sheets, since_1904 } = sheets(&part(&mut archive, &book)?.ok_or_else(|| broken("it holds no workbook"))?)?;
    let chosen = match wanted {
        Some(name) => sheets.iter().find(|sheet| sheet.0 == name),
        None => sheets.first(),
    };
    let Some((name, id)) = chosen else { return Err(SheetFault::Missing(sheets.into_iter().map(|(name, _)| name).collect())) };
    let target = relations.iter().find(|relation| relation.id == *id).map(|relation| relation.target.clone());
    let strings = match find(&relations, "/sharedStrings") {
        Some(path) => strings(&part(&mut archive, &path)?.unwrap_or_default())?,
        None => Vec::new(),
    };
    let formats = match find(&relations, "/styles") {
        Some(path) => formats(&part(&mut archive, &path)?.unwrap_or_default())?,
        None => Vec::new(),
    };
    let missing = || broken(&format!("the sheet `{name}` is not in it"));
    let xml = part(&mut archive, &target.ok_or_else(missing)?)?.ok_or_else(missing)?;
    Ok((rows(&xml, &Context { strings, formats, since_1904 })?, name.clone()))
}

fn broken(why: &str) -> SheetFault {
    SheetFault::Broken(why.to_owned())
}

/// A part of the archive as text; `None` when there is none. Never more than the ceiling is unpacked, whatever the archive says of its sizes.
fn part(archive: &mut ZipArchive<Cursor<&[u8]>>, path: &str) -> Result<Option<String>, SheetFault> {
    part_within(archive, path, limit::SHEET_BYTES as u64)
}

fn part_within(archive: &mut ZipArchive<Cursor<&[u8]>>, path: &str, most: u64) -> Result<Option<String>, SheetFault> {
    let Ok(file) = archive.by_name(path) else { return Ok(None) };
    let mut text = String::new();
    let read = file.take(most + 1).read_to_string(&mut text);
    if text.len() as u64 > most {
        return Err(SheetFault::TooLarge(format!("the part `{path}` unpacks to more than {} MB", most >> 20)));
    }
    read.map_err(|fault| SheetFault::Broken(format!("the part `{path}` cannot be read: {fault}").to_lowercase()))?;
    Ok(Some(text))
}

/// A reference from one part to another.
struct Relation {
    id: String,
    kind: String,
    target: String,
}

fn relations(archive: &mut ZipArchive<Cursor<&[u8]>>, path: &str) -> Result<Vec<Relation>, SheetFault> {
    let mut relations = Vec::new();
    let xml = part(archive, path)?.unwrap_or_default();
    walk(&xml, |event| {
        if let Step::Open("Relationship", tag) = event {
            let value = |name| attribute(tag, name).unwrap_or_default();
            relations.push(Relation { id: value("Id"), kind: value("Type"), target: value("Target") });
        }
        Ok(())
    })?;
    Ok(relations)
}

fn find(relations: &[Relation], kind: &str) -> Option<String> {
    relations.iter().find(|relation| relation.kind.ends_with(kind)).map(|relation| relation.target.trim_start_matches('/').to_owned())
}

/// A target from inside `folder`.
fn resolve(folder: &str, target: &str) -> String {
    match target.strip_prefix('/') {
        Some(absolute) => absolute.to_owned(),
        None if folder.is_empty() => target.to_owned(),
        None => format!("{folder}/{target}"),
    }
}

struct Book {
    /// Name and relation of each sheet.
    sheets: Vec<(String, String)>,
    /// Whether days count from 1904, as old Macs did.
    since_1904: bool,
}

fn sheets(xml: &str) -> Result<Book, SheetFault> {
    let mut book = Book { sheets: Vec::new(), since_1904: false };
    walk(xml, |event| {
        match event {
            Step::Open("sheet", tag) => {
                book.sheets.push((attribute(tag, "name").unwrap_or_default(), attribute(tag, "id").unwrap_or_default()));
            }
            Step::Open("workbookPr", tag) => book.since_1904 = matches!(attribute(tag, "date1904").as_deref(), Some("1" | "true")),
            _ => {}
        }
        Ok(())
    })?;
    Ok(book)
}

/// The texts that cells refer to by number. Readings above Chinese characters (`rPh`) are no part of a text.
fn strings(xml: &str) -> Result<Vec<String>, SheetFault> {
    let mut list: Vec<String> = Vec::new();
    let (mut inside, mut reading) = (false, false);
    walk(xml, |event| {
        match event {
            Step::Open("si", _) => list.push(String::new()),
            Step::Open("t", _) => inside = !reading,
            Step::Close("t") => inside = false,
            Step::Open("rPh", _) => reading = true,
            Step::Close("rPh") => reading = false,
            Step::Text(text) if inside => list.last_mut().unwrap_or(&mut String::new()).push_str(text),
            _ => {}
        }
        Ok(())
    })?;
    Ok(list)
}

/// What the format of a cell makes of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Plain,
    Percent,
    Date,
}

fn formats(xml: &str) -> Result<Vec<Format>, SheetFault> {
    let mut own: Vec<(String, Format)> = Vec::new();
    let mut list = Vec::new();
    let mut inside = false;
    walk(xml, |event| {
        match event {
            Step::Open("numFmt", tag) => {
                own.push((attribute(tag, "numFmtId").unwrap_or_default(), format_of(&attribute(tag, "formatCode").unwrap_or_default())));
            }
            Step::Open("cellXfs", _) => inside = true,
            Step::Close("cellXfs") => inside = false,
            Step::Open("xf", tag) if inside => {
                let id = attribute(tag, "numFmtId").unwrap_or_default();
                let known = own.iter().find(|(known, _)| *known == id).map(|(_, format)| *format);
                list.push(known.unwrap_or(match id.parse() {
                    Ok(9 | 10) => Format::Percent,
                    Ok(14..=22 | 27..=36 | 45..=47 | 50..=58) => Format::Date,
                    _ => Format::Plain,
                }));
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(list)
}

/// What a format of the author's own shows, by its letters outside quotes, brackets and escapes.
fn format_of(code: &str) -> Format {
    let mut letters = code.chars();
    while let Some(c) = letters.next() {
        match c {
            '"' => while letters.next().is_some_and(|c| c != '"') {},
            '[' => while letters.next().is_some_and(|c| c != ']') {},
            '\\' | '_' | '*' => {
                letters.next();
            }
            '%' => return Format::Percent,
            'y' | 'Y' | 'd' | 'D' | 'h' | 'H' | '年' | '月' | '日' => return Format::Date,
            ';' => return Format::Plain,
            _ => {}
        }
    }
    Format::Plain
}

struct Context {
    strings: Vec<String>,
    formats: Vec<Format>,
    since_1904: bool,
}

/// A cell that is being read.
#[derive(Default)]
struct Open {
    column: usize,
    kind: String,
    style: usize,
    value: String,
}

fn rows(xml: &str, context: &Context) -> Result<String, SheetFault> {
    let mut out = String::new();
    // Row and column that the next ones are said to follow, where they do not say it themselves; lines begun and cells of the last one.
    let (mut row, mut column, mut lines, mut written) = (0_usize, 0_usize, 0_usize, 0_usize);
    // A sheet does not say where a row ends; it ends where the widest before it did, so that every cell of it has a place.
    let mut widest = 0_usize;
    let mut cell = Open::default();
    let (mut inside, mut reading) = (false, false);
    walk(xml, |event| {
        match event {
            Step::Open("row", tag) => {
                row = attribute(tag, "r").and_then(|text| text.parse().ok()).unwrap_or(row + 1);
                column = 0;
            }
            Step::Open("c", tag) => {
                let at = attribute(tag, "r").and_then(|reference| column_of(&reference));
                let style = attribute(tag, "s").and_then(|text| text.parse().ok()).unwrap_or(0);
                cell = Open { column: at.unwrap_or(column), kind: attribute(tag, "t").unwrap_or_default(), style, value: String::new() };
                column = cell.column + 1;
            }
            Step::Open("v" | "t", _) => inside = !reading,
            Step::Close("v" | "t") => inside = false,
            Step::Open("rPh", _) => reading = true,
            Step::Close("rPh") => reading = false,
            Step::Text(text) if inside => cell.value.push_str(text),
            Step::Close("c") if !cell.value.trim().is_empty() => {
                if row > limit::SHEET_ROWS {
                    return Err(SheetFault::TooLarge(format!("the sheet has more than {} rows", limit::SHEET_ROWS)));
                }
                // Rows and cells may only rise; what does not is not a sheet that a spreadsheet program wrote.
                if row < lines || (row == lines && cell.column < written) {
                    return Err(broken("the cells of a sheet are out of order"));
                }
                while lines < row {
                    if written > 0 {
                        widest = widest.max(written);
                        out.extend(std::iter::repeat_n('\t', widest - written));
                    }
                    out.push_str(if lines == 0 { "" } else { "\n" });
                    lines += 1;
                    written = 0;
                }
                // The first cell of a line has no tab before it.
                out.extend(std::iter::repeat_n('\t', cell.column + usize::from(written > 0) - written));
                written = cell.column + 1;
                text(&cell, context, &mut out);
                if out.len() > limit::SHEET_BYTES {
                    return Err(SheetFault::TooLarge(format!("the sheet holds more than {} MB of text", limit::SHEET_BYTES >> 20)));
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    if !out.is_empty() {
        out.extend(std::iter::repeat_n('\t', widest.saturating_sub(written)));
        out.push('\n');
    }
    Ok(out)
}

/// Column of a reference such as `C5`, from 0.
fn column_of(reference: &str) -> Option<usize> {
    let letters = reference.bytes().take_while(u8::is_ascii_alphabetic);
    let number = letters
        .fold(0_usize, |number, letter| number.saturating_mul(26).saturating_add(usize::from(letter.to_ascii_uppercase() - b'A') + 1));
    number.checked_sub(1).filter(|column| *column < limit::SHEET_COLUMNS)
}

/// Appends a cell as a table holds it.
fn text(cell: &Open, context: &Context, out: &mut String) {
    let value = match cell.kind.as_str() {
        "s" => cell.value.trim().parse().ok().and_then(|index: usize| context.strings.get(index)).map_or("", String::as_str).to_owned(),
        "b" => if cell.value.trim() == "1" { "TRUE" } else { "FALSE" }.to_owned(),
        "str" | "inlineStr" | "e" | "d" => cell.value.clone(),
        _ => number(cell.value.trim(), context.formats.get(cell.style).copied().unwrap_or(Format::Plain), context.since_1904),
    };
    let value = value.replace(['\t', '\n', '\r'], " ");
    if value.contains('"') {
        let _ = write!(out, "\"{}\"", value.replace('"', "\"\""));
    } else {
        out.push_str(&value);
    }
}

/// The decimal that the author sees: a workbook stores binary floats, and a spreadsheet shows 15 digits of them. `3.2000000000000002` is 3.2,
/// and no arithmetic is done with the float. What is no number stays as it is.
fn decimal(text: &str) -> Option<Decimal> {
    let float: f64 = text.parse().ok().filter(|float: &f64| float.is_finite())?;
    let shown = format!("{float:.14e}");
    let value = Decimal::from_scientific(&shown).ok()?.normalize();
    Some(if value.is_zero() { Decimal::ZERO } else { value })
}

fn number(text: &str, format: Format, since_1904: bool) -> String {
    let Some(value) = decimal(text) else { return text.to_owned() };
    match format {
        Format::Plain => value.to_string(),
        Format::Percent => {
            value.checked_mul(Decimal::ONE_HUNDRED).map_or_else(|| text.to_owned(), |share| format!("{}%", share.normalize()))
        }
        Format::Date => day(value, since_1904).unwrap_or_else(|| value.to_string()),
    }
}

/// A day that a workbook counts from 1900 or 1904, with its time where it has one.
fn day(value: Decimal, since_1904: bool) -> Option<String> {
    let seconds = (value * Decimal::from(86_400)).round();
    let seconds: i64 = seconds.try_into().ok()?;
    let (days, seconds) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Workbooks know a 29 February 1900; before it, days are one off, and nobody has prices from then.
    if !since_1904 && days < 61 {
        return None;
    }
    let start = if since_1904 { jiff::civil::date(1904, 1, 1) } else { jiff::civil::date(1899, 12, 30) };
    let date = start.checked_add(jiff::Span::new().try_days(days).ok()?).ok()?;
    Some(match seconds {
        0 => date.to_string(),
        _ => format!("{date} {:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60),
    })
}

/// One step of a walk through XML; names without prefix.
enum Step<'a> {
    Open(&'a str, &'a BytesStart<'a>),
    Close(&'a str),
    Text(&'a str),
}

/// Walks through XML. Nothing nests in what is kept of it, so depth costs nothing; entities of the document's own are refused.
fn walk(xml: &str, mut visit: impl FnMut(Step) -> Result<(), SheetFault>) -> Result<(), SheetFault> {
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => visit(Step::Open(tag.local_name().as_ref(), &tag))?,
            Ok(Event::Empty(tag)) => {
                visit(Step::Open(tag.local_name().as_ref(), &tag))?;
                visit(Step::Close(tag.local_name().as_ref()))?;
            }
            Ok(Event::End(tag)) => visit(Step::Close(tag.local_name().as_ref()))?,
            Ok(Event::Text(text)) => visit(Step::Text(&text.xml_content(XmlVersion::Implicit1_0)))?,
            Ok(Event::CData(text)) => visit(Step::Text(&text.xml_content(XmlVersion::Implicit1_0)))?,
            Ok(Event::GeneralRef(reference)) => {
                let known = quick_xml::escape::resolve_xml_entity(&reference).map(str::to_owned);
                let character = reference.resolve_char_ref().ok().flatten().map(String::from);
                let text = known.or(character).ok_or_else(|| broken("it holds an entity of its own"))?;
                visit(Step::Text(&text))?;
            }
            Ok(Event::Eof) => return Ok(()),
            Ok(_) => {}
            Err(fault) => return Err(SheetFault::Broken(format!("its xml cannot be read: {fault}").to_lowercase())),
        }
    }
}

/// An attribute by its name without prefix.
fn attribute(tag: &BytesStart, name: &str) -> Option<String> {
    let found = tag.attributes().with_checks(false).flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
    found.normalized_value(XmlVersion::Implicit1_0).ok().map(|value| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use zip::write::{SimpleFileOptions, ZipWriter};

    /// A workbook of these parts.
    fn workbook(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (path, text) in parts {
            zip.start_file(*path, SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    /// A workbook with one sheet of these rows.
    fn sheet(rows: &str) -> Result<String, SheetFault> {
        let relation = r#"<Relationships><Relationship Id="r1" Type="x/worksheet" Target="s.xml"/></Relationships>"#;
        let parts = [
            ("xl/workbook.xml", r#"<workbook><sheets><sheet name="S" r:id="r1"/></sheets></workbook>"#),
            ("xl/_rels/workbook.xml.rels", relation),
            ("xl/s.xml", &format!("<x:worksheet><x:sheetData>{rows}</x:sheetData></x:worksheet>")),
        ];
        read(&workbook(&parts), None).map(|(text, _)| text)
    }

    #[test]
    fn rows_and_cells_stand_where_the_sheet_says() {
        let rows = r#"<x:row r="2"><x:c r="B2"><x:v>1.10</x:v></x:c><x:c><x:v>2</x:v></x:c></x:row>
            <row><c t="inlineStr"><is><t>a "b"&amp;&#x4e2d;</t><rPh><t>no</t></rPh></is></c><c r="E3" t="b"><v>1</v></c></row>"#;
        assert_eq!(sheet(rows).as_deref(), Ok("\n\t1.1\t2\n\"a \"\"b\"\"&中\"\t\t\t\tTRUE\n"));
        assert_eq!(sheet("").as_deref(), Ok(""));
        assert_eq!(sheet(r#"<row r="1"><c r="A1" t="s"><v>7</v></c><c r="B1"><f>1/0</f></c></row>"#).as_deref(), Ok(""));
    }

    #[test]
    fn hostile_workbooks_are_refused_in_bounds() {
        let broken = |rows| matches!(sheet(rows), Err(SheetFault::Broken(_)));
        assert!(broken(r#"<row r="2"><c r="A2"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>"#));
        assert!(broken(r#"<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>"#));
        assert!(broken("<row><c><v>&own;</v></c></row>") && broken("<row></c>"));
        assert!(matches!(sheet(r#"<row r="4000000000"><c><v>1</v></c></row>"#), Err(SheetFault::TooLarge(_))));
        let row = |row: usize| sheet(&format!(r#"<row r="{row}"><c><v>1</v></c></row>"#));
        assert!(row(limit::SHEET_ROWS).is_ok() && matches!(row(limit::SHEET_ROWS + 1), Err(SheetFault::TooLarge(_))));
        assert_eq!([column_of("XFD1"), column_of("XFE1")], [Some(limit::SHEET_COLUMNS - 1), None]);
        assert!(matches!(read(b"PK\x03\x04", None), Err(SheetFault::Broken(_))));
        assert!(matches!(read(&workbook(&[]), None), Err(SheetFault::Broken(_))));
        assert_eq!(read(&workbook(&[("xl/workbook.xml", "<workbook/>")]), Some("x")), Err(SheetFault::Missing(Vec::new())));
        // A bomb is unpacked up to the ceiling and not further, whatever its header says.
        let bomb = workbook(&[("a", &"0".repeat(100_000))]);
        let mut archive = ZipArchive::new(Cursor::new(bomb.as_slice())).unwrap();
        assert!(matches!(part_within(&mut archive, "a", 99_999), Err(SheetFault::TooLarge(_))));
        assert!(part_within(&mut archive, "a", 100_000).is_ok());
    }

    #[test]
    fn numbers_are_what_the_author_sees() {
        let plain = |text| number(text, Format::Plain, false);
        assert_eq!(plain("1299.5"), "1299.5");
        assert_eq!(plain("3.2000000000000002"), "3.2");
        assert_eq!(plain("0.30000000000000004"), "0.3");
        assert_eq!(plain("2879.9999999999995"), "2880");
        assert_eq!(plain("4.0999999999999996"), "4.1");
        assert_eq!(plain("1E-3"), "0.001");
        assert_eq!(plain("6901234567892"), "6901234567892");
        assert_eq!(plain("-0"), "0");
        assert_eq!([plain("1e300"), plain("1e-300"), plain("NaN"), plain("x")], ["1e300", "1e-300", "NaN", "x"]);
        assert_eq!(number("0.13", Format::Percent, false), "13%");
        assert_eq!(number("7.0000000000000007E-2", Format::Percent, false), "7%");
    }

    #[test]
    fn days_count_from_1900_or_1904() {
        assert_eq!(number("46082", Format::Date, false), "2026-03-01");
        assert_eq!(number("44620", Format::Date, true), "2026-03-01");
        assert_eq!(number("46082.375", Format::Date, false), "2026-03-01 09:00:00");
        assert_eq!(number("46112.999988425923", Format::Date, false), "2026-03-31 23:59:59");
        assert_eq!([number("59", Format::Date, false), number("1e12", Format::Date, false)], ["59", "1000000000000"]);
    }

    #[test]
    fn formats_are_told_by_their_letters() {
        let formats = ["General", "0.00%", "yyyy\"年\"m\"月\"", "[$-804]yyyy/m/d", "#,##0.00\"元\"", "\"day\"0", "0.00_d", "[Red]0"];
        let expected =
            [Format::Plain, Format::Percent, Format::Date, Format::Date, Format::Plain, Format::Plain, Format::Plain, Format::Plain];
        assert_eq!(formats.map(format_of), expected);
        assert_eq!(
            [column_of("A1"), column_of("AA10"), column_of("XFD1"), column_of("ZZZZZZZZZZZZZZZ1"), column_of("5")],
            [Some(0), Some(26), Some(16383), None, None]
        );
    }
}
