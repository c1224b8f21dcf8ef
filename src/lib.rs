//! Qudao (渠道): policies of dealer prices, promotions, rebates and limits, compiled to one exact engine.
//!
//! ```text
//! text ─import→ Policy ─check→ CheckedPolicy ─compile→ Bundle ──┐
//! order + dealer facts + now ───────────────────────────────────┴─quote→ Quote ─explain→ sentences
//!                  clients that only call quote: session · verify · hint · alternative · returns · plan · policy tests
//! ```
//! Data moves one way; a later type cannot be built without the earlier one. Inside a bundle everything is a dense integer,
//! so evaluation touches no text and no map; words are added outside, per language.
//!
//! # Glossary
//! - **policy** (政策): what the author writes. **Bundle**: its compiled, hashed form. **Engine**: a loaded bundle.
//! - **slice**: the part of a bundle that one dealer can meet, a bundle itself.
//! - **dealer facts**: what the server knows of a dealer at an instant. **Order**: intent, never a price.
//! - **quote**: the answer. **Waterfall**: the steps from list to net of each line.
//! - **access sequence**: price tables in order of search. **Scope**: the dealer's side of a price key. **Record**: what a key leads to.
//! - **stage**, **group**: promotions run in stages; inside one, groups decide who combines.
//! - **whole** and **per-line** promotions: how they compete in a `best` group, see `docs/semantics.md`.
//! - **class**: products that count for the same promotions and programs.
//! - **outcome**: what became of one promotion. **Guard**: what lets an order pass. **Verdict**: the decision on an order.
//! - **coupon** (优惠码): a code that opens promotions. **Gift** (赠品): a typed line of its own at price 0, worth what the dealer would pay.
//! - **limit**, **budget** (限次, 费用预算): how often, and how much, promotions may give; a **claim** is what an order would use up of them.
//! - **program**, **tier**: a rebate program (返利政策) and its bands. **Overlap**: programs that pay on the same volume. **Modifier**: what a figure of the dealer's does to a rebate.
//! - **statement** (返利单): what a program comes to for a dealer and window, and what of it is new; settlement writes it.
//! - **check** (校验规则): an entry of the policy that an order, a dealer or a line must satisfy; it makes a guard when it bites.
//! - **listing**: an entry of the assortment (可售范围). **Grant**: where a dealer may deliver (授权区域).
//! - **transition** (过渡期): dealers of old contracts keep the **old side**, a policy inside the bundle, for a time. **Terms**: what a dealer has of both.
//! - **basis**: whether an amount includes tax (含税) or not; **base**: an amount without tax; **gross**: with it.
//! - **hint**: a change of the order that brings more than it costs. **Cliff**: more that costs less.
//! - **freight** (运费): what delivering an order costs, lines beside the goods.
//! - **lot**: rebate that a dealer holds (返利单); it pays for orders by **redemption** (核销). **Claim**: what to book of it with the order.
//!
//! # Recipes
//! - A kind of benefit: [`bundle::Benefit`], `policy::Get`, `waterfall::benefit`, `docs/semantics.md`, cases; the compiler names the rest.
//! - A guard: [`quote::Finding`], [`guard`], `wire::finding_code`, [`explain`] and its list of codes, `src/js/index.d.ts`, a case of its figures and one of its sentence.
//! - A check: [`policy::CheckKind`], [`policy::Check`] and [`policy::Guards`], `check::guards`, `compile::guards`, `guard::check`, and then a guard.
//! - A tier mode: [`policy::TierMode`], [`rebate::pay`], `docs/semantics.md` §38, cases. A kind of modifier: [`policy::ModifierKind`], [`rebate::modified`], §39.
//! - A column of the bundle: its line in [`bundle::Tables`], which says how, `compile`, the last byte of the magic.
//! - A condition on the dealer: if other facts than id, grade, region and channel decide it, `bundle::slice` must leave it open.

pub mod alternative;
pub mod attribute;
pub mod bundle;
pub mod catalog;
pub mod diagnostic;
mod engine;
pub mod explain;
pub mod facts;
pub mod freight;
pub mod guard;
pub mod hint;
pub mod id;
pub mod limit;
pub mod num;
pub mod plan;
pub mod policy;
pub mod quote;
pub mod rebate;
pub mod redemption;
pub mod returns;
pub mod session;
pub mod sort;
pub mod tax;
pub mod territory;
pub mod time;
pub mod transition;
pub mod verify;
pub mod waterfall;
pub mod wire;

pub use bundle::Bundle;
pub use engine::Engine;

#[cfg(all(feature = "author", not(target_arch = "wasm32")))]
pub mod calendar;
#[cfg(all(feature = "author", not(target_arch = "wasm32")))]
pub mod check;
#[cfg(all(feature = "author", not(target_arch = "wasm32")))]
pub mod claims;
#[cfg(all(feature = "author", not(target_arch = "wasm32")))]
pub mod compile;
#[cfg(all(feature = "author", not(target_arch = "wasm32")))]
pub mod grade;
#[cfg(all(feature = "author", not(target_arch = "wasm32")))]
pub mod import;
#[cfg(all(feature = "author", not(target_arch = "wasm32")))]
pub mod module;
#[cfg(all(feature = "author", not(target_arch = "wasm32")))]
pub mod policy_test;
#[cfg(all(feature = "author", not(target_arch = "wasm32")))]
pub mod settle;
#[cfg(all(feature = "author", not(target_arch = "wasm32")))]
pub mod transfer;
#[cfg(target_arch = "wasm32")]
pub mod wasm;
