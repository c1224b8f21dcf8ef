//! A statement to look at: how far the volume is, where tiers begin, and what it comes to in words.

use super::Statement;
use crate::bundle::Loaded;
use crate::explain::Language;
use crate::id::TextId;
use crate::policy::Qualifier;
use crate::quote::Yardstick;
use crate::wire::Writer;
use std::borrow::Cow;
use std::fmt::Write as _;

/// Width of a bar.
const WIDTH: i128 = 600;

/// The statements of one dealer as a page by itself, with what each says in sentences.
pub fn page(policy: &Loaded, statements: &[Statement], sentences: &[Vec<String>], language: Language) -> String {
    let chinese = language == Language::Chinese;
    let (lang, title) = if chinese { ("zh", "返利单") } else { ("en", "Rebate statements") };
    let dealer = statements.first().map_or("", |statement| &statement.dealer);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"{lang}\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>{title} {dealer}</title>\n<style>{STYLE}</style>\n<h1>{title} · {dealer}</h1>\n",
        dealer = escaped(dealer)
    );
    page.reserve(statements.len() * 1600);
    for (statement, sentences) in statements.iter().zip(sentences) {
        statement.section(policy, sentences, language, &mut page);
    }
    page
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}\
section{border-top:1px solid #ccc;padding:1rem 0}h2{font-size:1.1rem;margin:0}.sum{float:right;font-variant-numeric:tabular-nums}\
svg{width:100%;height:auto}table{border-collapse:collapse}td,th{padding:0 1rem 0 0;text-align:right}td:first-child{text-align:left}p{margin:.2rem 0}";

impl Statement {
    fn section(&self, policy: &Loaded, sentences: &[String], language: Language, page: &mut String) {
        let writer = Writer(policy);
        let period = policy.text(TextId(policy.tables.period_text[self.rebate.period]));
        let program = policy.program(self.rebate.program);
        let _ = writeln!(
            page,
            "<section>\n<h2>{} · {}<span class=\"sum\">{}</span></h2>\n{}",
            escaped(program),
            escaped(period),
            writer.money(self.paid),
            self.figure(policy)
        );
        for sentence in sentences {
            page.extend(["<p>", &*escaped(sentence), "</p>\n"]);
        }
        let heads = match language {
            Language::Chinese => ["", "应付", "已付", "差额"],
            Language::English => ["", "amount", "stated before", "difference"],
        };
        let _ = write!(page, "<table><tr>{}</tr>", heads.map(|head| format!("<th>{head}</th>")).concat());
        for party in &self.parties {
            let amounts = [party.amount, party.stated, party.difference].map(|amount| format!("<td>{}</td>", writer.money(amount)));
            let _ = write!(page, "<tr><td>{}</td>{}</tr>", escaped(&party.to), amounts.concat());
        }
        page.push_str("</table>\n</section>\n");
    }

    /// The volume as a bar, with marks where the reached tier and the next one begin, and where the target or last year is.
    fn figure(&self, policy: &Loaded) -> String {
        let rebate = &self.rebate;
        let writer = Writer(policy);
        let by_quantity = rebate.qualifier == Qualifier::Quantity;
        let volume = rebate.posted.measured(rebate.qualifier);
        let base = match rebate.yardstick {
            Yardstick::Base(base) => base,
            Yardstick::Nothing => None,
        };
        let marks = [
            rebate.tier.map(|tier| (tier.from, "#1a7f37")),
            rebate.next.map(|next| (next.tier.from, "#9a6700")),
            base.map(|base| (base, "#57606a")),
        ];
        let most = marks.iter().flatten().map(|(at, _)| *at).chain([volume, 1]).max().unwrap_or(1);
        let x = |at: i64| i128::from(at.max(0)) * WIDTH / i128::from(most.max(1));
        let mut figure = format!(
            "<svg viewBox=\"0 0 {} 44\" role=\"img\"><rect y=\"16\" width=\"{WIDTH}\" height=\"12\" fill=\"#eaeef2\"/>\
             <rect y=\"16\" width=\"{}\" height=\"12\" fill=\"#0969da\"/>",
            WIDTH + 2,
            x(volume)
        );
        for (row, (at, color)) in marks.into_iter().enumerate().filter_map(|(row, mark)| Some((row, mark?))) {
            let (x, y) = (x(at), if row == 1 { 42 } else { 11 });
            let anchor = if x > WIDTH / 2 { "end" } else { "start" };
            let text = writer.measured(by_quantity, at);
            let _ = write!(
                figure,
                "<path d=\"M{x} 12v20\" stroke=\"{color}\" stroke-width=\"2\"/>\
                 <text x=\"{x}\" y=\"{y}\" font-size=\"11\" fill=\"{color}\" text-anchor=\"{anchor}\">{text}</text>"
            );
        }
        figure + "</svg>"
    }
}

fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"']) {
        return text.into();
    }
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").into()
}
