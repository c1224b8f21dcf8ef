//! The doors: one input in, one canonical answer out. The command, the npm package and Rust callers all come through here.

use super::answer::{Writer, finding_code};
use super::read::{Claimed, Reader};
use super::{Fault, Faults, Json, Node, Packed};
use crate::Engine;
use crate::bundle::{self, Bundle, Loaded};
use crate::catalog;
use crate::explain::{self, Figure, Sentence};
use crate::facts::Question;
use crate::limit;
use crate::num::Overflow;
use crate::policy::Severity;
use crate::quote::Quote;
use crate::transition::{Answer, Terms};
use crate::verify::{self, Change, Verdict};
use crate::waterfall;
use std::sync::Arc;

/// Prices `{ order, dealer, now }`; the canonical JSON of the quote.
/// # Errors
/// Every fault of the input.
pub fn quote(engine: &Engine, input: &Node) -> Result<String, Faults> {
    let question = question(engine.policy(), input)?;
    let terms = terms(engine, &question);
    let Answer { policy, quote, .. } = answer(engine, &terms, &question)?;
    Ok(Writer(policy).quote(&question, &quote))
}

/// The same without the hashes, as columns for the wrapper.
/// # Errors
/// Every fault of the input.
pub fn quote_columns(engine: &Engine, input: &Node) -> Result<Packed, Faults> {
    let question = question(engine.policy(), input)?;
    let terms = terms(engine, &question);
    let Answer { policy, mut quote, .. } = answer(engine, &terms, &question)?;
    let lines: Vec<usize> = (0..quote.lines.len()).collect();
    Ok(Writer(policy).columns(&question, &mut quote, &lines, &|_| ()))
}

/// Facts of many dealers, under `dealers`; the id of each once.
/// # Errors
/// Every fault of the input.
#[cfg(all(feature = "author", not(target_arch = "wasm32")))]
pub fn dealers(engine: &Engine, input: &Node) -> Result<Vec<crate::facts::DealerFacts>, Faults> {
    read(|reader| reader.dealers(engine.policy(), input))
}

/// Only the hashes of a quote, as canonical JSON.
/// # Errors
/// Every fault of the input.
pub fn hashes(engine: &Engine, input: &Node) -> Result<String, Faults> {
    let question = question(engine.policy(), input)?;
    let terms = terms(engine, &question);
    let Answer { policy, quote, .. } = answer(engine, &terms, &question)?;
    Ok(Json::write(|j| j.object(|j| Writer(policy).hashes(j, &question, &quote))))
}

/// Decides on `{ order, dealer, now, claimed? }`: verdict, reasons, quote.
/// # Errors
/// Every fault of the input.
pub fn verify(engine: &Engine, input: &Node) -> Result<String, Faults> {
    let policy = engine.policy();
    let (question, claimed) = read(|reader| reader.question(policy, input, |reader, entries| Some(entries.claimed(reader, policy))))?;
    let mut question = question;
    let terms = terms(engine, &question);
    let Answer { mut policy, mut quote, .. } = answer(engine, &terms, &question)?;
    let mut dropped = Vec::new();
    for _ in 0..limit::DROP_ROUNDS {
        let lines = verify::blocked_lines(policy, &quote);
        if lines.is_empty() {
            break;
        }
        let blocking = quote.guards.iter().filter(|guard| guard.severity == Severity::Block && guard.finding.line().is_some());
        dropped.extend(blocking.map(|guard| Json::write(|j| j.object(|j| Writer(policy).guard(j, &question, guard)))));
        let mut at = 0;
        question.order.lines.retain(|_| {
            at += 1;
            lines.binary_search(&(at - 1)).is_err()
        });
        let rest = answer(engine, &terms, &question)?;
        (policy, quote) = (rest.policy, rest.quote);
    }
    let hash = Writer(policy).result_hash(&question.order, &quote);
    let decision = verify::decide(&question.order, &quote, &hash, claimed.as_ref(), !dropped.is_empty());
    Ok(Json::write(|j| {
        j.object(|j| {
            j.key("verdict").text(verdict_word(decision.verdict));
            j.key("reasons").list(&decision.reasons, |j, reason| j.object(|j| write_reason(j, policy, &quote, claimed.as_ref(), reason)));
            j.key("dropped").list(&dropped, |j, guard| j.raw(guard));
            j.key("quote").raw(&Writer(policy).quote(&question, &quote));
        });
    }))
}

/// Own prices and offers for `{ dealer, now, deliver?, find?, source?, customer?, offset?, limit? }`.
/// # Errors
/// Every fault of the input.
pub fn catalog(engine: &Engine, input: &Node) -> Result<String, Faults> {
    let policy = engine.policy();
    let (dealer, now, (delivered, search)) = read(|reader| {
        reader.context(policy, input, |reader, entries| {
            let delivered = entries.deliver(reader, policy);
            let search = catalog::Search {
                find: entries.text(reader, "find").unwrap_or_default(),
                source: entries.id(reader, "source"),
                customer: entries.id(reader, "customer"),
                offset: entries.whole(reader, "offset", usize::MAX).unwrap_or(0),
                limit: entries.whole(reader, "limit", limit::CATALOG_PAGE).unwrap_or(50),
            };
            Some((delivered, search))
        })
    })?;
    let terms = engine.terms(&dealer, search.source.as_deref(), now, delivered);
    let (policy, context) = terms.catalog(policy);
    Ok(catalog::write(policy, context, &search))
}

/// The slice of the policy for `{ dealer }`: what this dealer can meet, as a bundle that answers this dealer like the whole policy.
/// # Errors
/// Every fault of the input.
pub fn slice(engine: &Engine, input: &Node) -> Result<Bundle, Faults> {
    let policy = engine.policy();
    let dealer = read(|reader| reader.only_dealer(policy, input))?;
    Ok(bundle::slice_for(policy, &dealer))
}

/// Reasons in words for `{ order, dealer, now, language, all? }`; `all` adds the promotions that have no outcome.
/// # Errors
/// Every fault of the input.
pub fn explain(engine: &Engine, input: &Node) -> Result<String, Faults> {
    let policy = engine.policy();
    let (question, (language, all)) = read(|reader| {
        reader.question(policy, input, |reader, entries| {
            let text = entries.text(reader, "language").unwrap_or_default();
            let all = entries.truth(reader, "all");
            Some((reader.language(&text)?, all))
        })
    })?;
    let terms = terms(engine, &question);
    let answer = answer(engine, &terms, &question)?;
    let (policy, quote) = (answer.policy, &answer.quote);
    let mut list = explain::sentences(policy, quote, language);
    if all {
        explain::absences(
            policy,
            &question,
            &waterfall::absent(policy, answer.context, &answer.coupons(&question.order), &quote.rules),
            language,
            &mut list,
        );
    }
    Ok(sentences(&list))
}

/// What the policy calls its parts, as canonical JSON.
pub fn policy_info(engine: &Engine) -> String {
    Writer(engine.policy()).policy()
}

fn question(policy: &Loaded, input: &Node) -> Result<Question, Faults> {
    read(|reader| reader.question(policy, input, |_, _| Some(()))).map(|(question, ())| question)
}

/// Reads an input with a fresh reader; all faults or the value.
pub(crate) fn read<T>(body: impl FnOnce(&mut Reader) -> Option<T>) -> Result<T, Faults> {
    let mut reader = Reader::default();
    let value = body(&mut reader);
    reader.finish(value)
}

/// Quotes a question that has been read.
fn answer<'a>(engine: &'a Engine, terms: &'a Terms, question: &Question) -> Result<Answer<'a>, Faults> {
    terms.quote(engine.policy(), &question.order).map_err(overflow)
}

fn terms(engine: &Engine, question: &Question) -> Arc<Terms> {
    engine.terms(&question.dealer, question.order.source.as_deref(), question.now, question.order.delivery.from)
}

/// An amount that does not fit is a fault of the order.
pub(crate) fn overflow(_: Overflow) -> Faults {
    Faults(vec![Fault {
        code: "AMOUNT_OVERFLOW",
        path: "order".to_owned(),
        value: String::new(),
        message: "an amount of this order is too large to be exact".to_owned(),
        help: "split the order".to_owned(),
    }])
}

/// Sentences as canonical JSON.
pub(crate) fn sentences(sentences: &[Sentence]) -> String {
    Json::write(|j| {
        j.list(sentences, |j, sentence| {
            j.object(|j| {
                j.key("path").text(&sentence.path);
                j.key("code").text(sentence.code);
                j.key("text").text(&sentence.text);
                for (key, figure) in &sentence.figures {
                    match figure {
                        Figure::Instant(instant) => j.key(key).integer(instant.0),
                        Figure::Id(id) => j.key(key).text_or_null(id.as_deref()),
                        Figure::Ids(ids) => j.key(key).list(ids, |j, id| j.text(id)),
                    }
                }
            });
        });
    })
}

fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Accept => "accept",
        Verdict::AcceptWithChanges => "accept_with_changes",
        Verdict::Route => "route",
        Verdict::Reject => "reject",
    }
}

fn write_reason(j: &mut Json, policy: &Loaded, quote: &Quote, claimed: Option<&Claimed>, reason: &verify::Reason) {
    let writer = Writer(policy);
    match reason {
        verify::Reason::Guard(guard) => {
            j.key("code").text(finding_code(&quote.guards[*guard].finding));
            j.key("guard").integer(i64::try_from(*guard).unwrap_or(i64::MAX));
        }
        verify::Reason::Changed(Change::Result) => j.key("code").text("CHANGED_RESULT"),
        verify::Reason::Changed(Change::Line { id, yours, mine }) => {
            j.key("code").text("CHANGED_LINE");
            j.key("line").text(id);
            j.key("yours").text_or_null(yours.map(|net| writer.money(net)).as_deref());
            j.key("mine").text_or_null(mine.map(|net| writer.money(net)).as_deref());
        }
        verify::Reason::Changed(Change::Total) => {
            let yours = claimed.and_then(|claimed| claimed.payable).unwrap_or_default();
            j.key("code").text("CHANGED_TOTAL");
            writer.money_field(j, "yours", yours);
            writer.money_field(j, "mine", quote.totals.payable);
        }
    }
}
