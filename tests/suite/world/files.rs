//! The files of a world, as an author would write them.

use super::*;

/// A table of prices with its entry in the list of accesses.
struct Table {
    /// For whom and what it is searched.
    terms: String,
    by: Vec<&'static str>,
    scaling: Scaling,
    /// What is made of its rows; `None` is the table itself.
    formula: Option<Formula>,
    rows: Vec<String>,
}

impl Table {
    /// The products' own, for everybody.
    fn of_products(rows: Vec<String>, scaling: Scaling) -> Table {
        Table { terms: String::new(), by: vec!["sku"], scaling, formula: None, rows }
    }
}

/// Attributes that are numbers and days.
const ORDERED: &str = "{ id: area, of: dealer, kind: number }, { id: since, of: dealer, kind: date }, { id: power, of: product, kind: number }, { id: pallets, of: order, kind: number }";

impl World {
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut random = self.shuffle.map(Random);
        let mut mixed = |mut rows: Vec<String>| {
            if let Some(random) = &mut random {
                random.shuffle(&mut rows);
            }
            rows.concat()
        };
        let mut yaml = self.constants();
        let mut files = vec![(
            "p.csv".to_owned(),
            format!(
                "sku,unit,units,weight,scale_group,quantity_unit,category,brand,colour,size,power,points,min_quantity,multiple,step,max_order,max_period,tax,tags\n{}",
                mixed(self.product_rows())
            ),
        )];
        let aliases = self.alias_rows();
        if !aliases.is_empty() {
            yaml += "aliases: aliases.csv\n";
            files.push(("aliases.csv".to_owned(), format!("alias,sku\n{}", mixed(aliases))));
        }
        let shares = |accesses: &[Access], share: fn(&Product) -> Option<i64>| self.share_tables(accesses, share);
        let tables = [
            ("prices", self.price_tables()),
            ("floors", shares(&self.floors, |product| product.floor)),
            ("approvals", shares(&self.approvals, |product| product.approval)),
            ("recommended", shares(&self.recommended, |product| product.recommended)),
        ];
        let is_recommended = !tables[3].1.is_empty();
        let mut costs = String::new();
        for (key, accesses) in tables {
            let mut list = String::new();
            let last = accesses.len().saturating_sub(1);
            for (index, Table { terms, by, scaling, formula, rows }) in accesses.into_iter().enumerate() {
                if key == "prices" {
                    self.registered_tables(index, &mut list, &mut files, &mut mixed);
                }
                let [from, to] = bounds(scaling);
                let table = format!("{},price,unit,per,{from},{to},flags,valid\n{}", by.join(","), mixed(rows));
                let by = by.join(", ");
                let scale = self.scaling(scaling);
                match formula {
                    Some(formula) if formula.of_own => {
                        let formula = self.formula(&format!("{key}{last}"), &formula);
                        writeln!(list, "  - {{ id: {key}{index}, {terms}{formula} }}").unwrap();
                        continue;
                    }
                    Some(formula) => {
                        let formula = self.formula(&format!("cost{index}"), &formula);
                        writeln!(list, "  - {{ id: {key}{index}, {terms}{formula} }}").unwrap();
                        writeln!(costs, "  - {{ id: cost{index}, by: [{by}], {scale}table: {key}{index}.csv }}").unwrap();
                    }
                    None => writeln!(list, "  - {{ id: {key}{index}, {terms}by: [{by}], {scale}table: {key}{index}.csv }}").unwrap(),
                }
                files.push((format!("{key}{index}.csv"), table));
            }
            if key == "prices" {
                self.registered_tables(last + 1, &mut list, &mut files, &mut mixed);
            }
            if let Some(percent) = self.floor_formula.filter(|_| key == "floors" && self.scaling == Scaling::PLAIN) {
                let smallest = decimal(1, self.digits());
                writeln!(
                    list,
                    "  - {{ id: {key}, formula: {{ from: prices{}, percent: -{percent}, amount: {smallest} }} }}",
                    self.prices.len()
                )
                .unwrap();
            }
            section(&mut yaml, key, &list);
        }
        section(&mut yaml, "costs", &costs);
        let mut list = String::new();
        for (index, freight) in self.freight.iter().enumerate() {
            let tax =
                freight.tax.filter(|_| self.settings.tax.is_some()).map_or(String::new(), |tax| format!("tax: {}, ", decimal(tax, 4)));
            writeln!(list, "  - {{ id: f{index}, {}{tax}table: freight{index}.csv }}", self.when(&freight.when)).unwrap();
            let table = format!("region,from_weight,from_amount,charge,per_weight,valid\n{}", mixed(self.freight_rows(freight)));
            files.push((format!("freight{index}.csv"), table));
        }
        section(&mut yaml, "freight", &list);
        let group = |(at, group): (usize, &Group)| {
            let [_, choose] = group.exclusive;
            let scope = self.scope(at);
            let words = ["scope", "choose"].iter().zip([scope, if scope == "units" { "" } else { choose }]);
            let words = words.filter(|(_, word)| group.mode == "exclusive" && !word.is_empty());
            let words: String = words.map(|(key, word)| format!(", {key}: {word}")).collect();
            format!("  - {{ id: g{at}, mode: {}{words} }}\n", group.mode)
        };
        section(&mut yaml, "groups", &self.groups.iter().enumerate().map(group).collect::<String>());
        let budget = |(budget, id): (&Budget, &str)| format!("  - {{ id: {id}, amount: {} }}\n", self.money(budget.amount));
        section(&mut yaml, "budgets", &self.budgets.iter().zip(BUDGETS).map(budget).collect::<String>());
        let promotions = self.promotions.iter().enumerate().map(|(index, p)| self.promotion(index, p)).collect();
        section(&mut yaml, "promotions", &mixed(promotions));
        let programs = self.programs.iter().enumerate().map(|(index, program)| self.program(index, program)).collect();
        section(&mut yaml, "programs", &mixed(programs));
        yaml += &self.terms.lists();
        section(&mut yaml, "assortment", &mixed(self.assortment.iter().map(|listing| self.listing(listing)).collect()));
        section(&mut yaml, "territory", &mixed(self.territory.iter().map(|grant| self.grant(grant)).collect()));
        // A corridor is around recommended prices.
        let fits = |check: &Check| !matches!(check.rule, Rule::Corridor(..)) || is_recommended;
        let checks = self.checks.iter().zip(CHECKS).filter(|(check, _)| fits(check)).map(|(check, id)| self.check(id, check));
        section(&mut yaml, "checks", &mixed(checks.collect()));
        if let Some(redemption) = &self.redemption {
            let earns = if redemption.earns.is_empty() { String::new() } else { format!(", earns: {}", redemption.earns) };
            let limits = [
                redemption.most.map(|most| format!(", amount: {}", self.money(most))),
                redemption.least.map(|least| format!(", minimum: {}", self.money(least))),
                redemption.line_share.map(|share| format!(", line_share: {}", decimal(share, 4))),
                redemption.lots.map(|lots| format!(", lots: {lots}")),
                (self.settings.tax.is_some() && redemption.share % 7 < 3).then(|| ", tax: unpaid".to_owned()),
                self.has_lot_scope().then(|| format!(", scopes: [{{ {}id: s }}]", self.on(&self.promotions[0].on))),
                redemption.without.filter(|at| *at < self.promotions.len()).map(|at| format!(", without: ['{}']", PROMOTIONS[at])),
            ];
            let limits: String = limits.into_iter().flatten().collect();
            writeln!(yaml, "redemption: {{ {}share: {}{earns}{limits} }}", self.on(&redemption.on), decimal(redemption.share, 4)).unwrap();
        }
        if let Some(transition) = &self.transition {
            writeln!(yaml, "transition: {{ from: old, {} }}", transition.course).unwrap();
        }
        files.insert(0, ("policy.yaml".to_owned(), yaml));
        let old = self.transition.iter().flat_map(|transition| self.old(transition).files());
        let old: Vec<(String, Vec<u8>)> = old.map(|(name, content)| (format!("old/{name}"), content)).collect();
        files.into_iter().map(|(name, text)| (name, text.into_bytes())).chain(old).collect()
    }

    fn registered_tables(
        &self,
        before: usize,
        list: &mut String,
        files: &mut Vec<(String, String)>,
        mixed: &mut impl FnMut(Vec<String>) -> String,
    ) {
        for (entry, header, rows) in self.registered(before) {
            let name = entry.split("table: ").nth(1).and_then(|rest| rest.split(' ').next()).expect("a table").to_owned();
            *list += &entry;
            files.push((name, header + &mixed(rows)));
        }
    }

    fn constants(&self) -> String {
        let Settings {
            currency,
            zone,
            resolution,
            quantity_scale,
            rounding,
            point,
            remainder,
            weight,
            guards,
            search_steps,
            gift_weight,
            closed,
            ..
        } = &self.settings;
        let guards = GUARDS.iter().zip(guards).filter(|(_, severity)| !severity.is_empty());
        let guards: Vec<String> = guards.map(|(guard, severity)| format!("{guard}: {severity}")).collect();
        let mut yaml = format!(
            "policy: {{ id: w, version: '1', valid: 2026-01-01 .. 2028-12-31, currency: {currency}, zone: {zone}, unit_scale: {}, \
             quantity_scale: {quantity_scale}, resolution: {resolution}, rounding: {rounding}, rounding_point: {point}, remainder: {remainder}, weight: {weight}, \
             search_steps: {search_steps}, gift_weight: {}, ungranted: {} }}\nproducts: p.csv\nguards: {{ {} }}\n",
            self.digits() + self.settings.unit_extra,
            decimal(*gift_weight, 4),
            if *closed { "closed" } else { "open" },
            guards.join(", ")
        );
        if let Some((basis, rate)) = self.settings.tax {
            let basis = if basis.is_empty() { String::new() } else { format!("basis: {basis}, ") };
            yaml = yaml.replacen("policy: {", &format!("policy: {{ tax: {{ {basis}rate: {} }},", decimal(rate, 4)), 1);
        }
        let pricing_date = if self.settings.by_delivery { "delivery" } else { "" };
        let year_start = if self.purchases.year_start.is_empty() { String::new() } else { format!("'{}'", self.purchases.year_start) };
        let words = [
            ("drop_ship", self.settings.drop_ship),
            ("pick_up", self.settings.pick_up),
            ("pricing_date", pricing_date),
            ("purchase_period", self.purchases.period),
            ("purchase_year_start", &year_start),
            ("eligibility", if self.extras.sequential { "sequential" } else { "" }),
        ];
        for (key, word) in words {
            if !word.is_empty() {
                yaml = yaml.replacen("policy: {", &format!("policy: {{ {key}: {word},"), 1);
            }
        }
        let plain = |ids: &[&str]| ids.iter().map(|id| format!("{{ id: {id} }}")).collect::<Vec<_>>().join(", ");
        let tree = |nodes: &[(&str, &str)]| {
            let node = |(id, parent): &(&str, &str)| match *parent {
                "" => format!("{{ id: {id} }}"),
                parent => format!("{{ id: {id}, parent: {parent} }}"),
            };
            nodes.iter().map(node).collect::<Vec<_>>().join(", ")
        };
        writeln!(yaml, "grades: [{}]\nchannels: [{}]\nbrands: [{}]", plain(&GRADES), plain(&CHANNELS), plain(&BRANDS)).unwrap();
        writeln!(yaml, "regions: [{}]\ncategories: [{}]", tree(&REGIONS), tree(&CATEGORIES)).unwrap();
        writeln!(yaml, "dealer_groups: [{}]", tree(&DEALER_GROUPS)).unwrap();
        let (tiers, colours) = (plain(&TIERS), plain(&COLOURS));
        writeln!(
            yaml,
            "attributes: [{{ id: tier, of: dealer, values: [{tiers}] }}, {{ id: note, of: dealer }}, {{ id: colour, of: product, values: [{colours}] }}, {{ id: size, of: product }}, {{ id: payment, of: order, values: [{}] }}, {ORDERED}]",
            plain(&offer::PAYMENTS)
        )
        .unwrap();
        yaml
    }

    fn product_rows(&self) -> Vec<String> {
        let row = |(index, product): (usize, &Product)| {
            let quantity = |value: Option<i64>| value.map_or(String::new(), |value| self.quantity(value));
            let tags: Vec<&str> = product.tags().collect();
            let units: Vec<String> = self.units(index).into_iter().map(|(unit, (text, ..))| format!("{unit}={text}")).collect();
            let first = self.units(index).first().copied().filter(|(_, (_, _, denominator))| product.counts_boxes && *denominator == 1);
            format!(
                "{},{BASE},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n",
                SKUS[index],
                units.join(" "),
                product.weight.map_or(String::new(), |weight| decimal(weight, 3)),
                product.scale_group,
                first.map_or("", |(unit, _)| unit),
                product.category.unwrap_or_default(),
                product.brand.unwrap_or_default(),
                product.colour.unwrap_or_default(),
                product.size.unwrap_or_default(),
                POWERS[index],
                POINTS[index],
                quantity(product.min_quantity),
                quantity(product.multiple.filter(|_| !product.is_step)),
                quantity(product.multiple.filter(|_| product.is_step)),
                quantity(product.max_order),
                quantity(product.max_period),
                if self.settings.tax.is_some() { product.tax } else { "" },
                tags.join(" ")
            )
        };
        self.products.iter().enumerate().map(row).collect()
    }

    fn price_tables(&self) -> Vec<Table> {
        let mut tables: Vec<_> = self.prices.iter().map(|access| self.table(access, true)).collect();
        let own = |(index, product): (usize, &Product)| {
            let of_unit = product.unit_price.iter().filter(|scale| scale.unit <= self.units(index).len() + 1);
            product
                .price
                .iter()
                .chain(of_unit)
                .flat_map(|scale| self.scale_rows(self.sku_in_table(0, index), scale, self.scaling, true))
                .collect::<Vec<_>>()
        };
        tables.push(Table::of_products(self.products.iter().enumerate().flat_map(own).collect(), self.scaling));
        tables
    }

    /// Tables of prices that are shares of the products' own in percent; none where no product has one.
    fn share_tables(&self, accesses: &[Access], share: fn(&Product) -> Option<i64>) -> Vec<Table> {
        let mut tables: Vec<_> = accesses.iter().map(|access| self.table(access, false)).collect();
        let own = |(index, product): (usize, &Product)| {
            let (scale, percent) = (product.price.as_ref()?, share(product)?);
            let price = (scale.prices[0].0 * scale.per.1 * percent / 100).max(1);
            Some(format!("{},{},,{},,,,\n", self.sku_in_table(1, index), self.unit_price(price, 0), scale.per.0))
        };
        let own: Vec<String> = self.products.iter().enumerate().filter_map(own).collect();
        tables.extend((!own.is_empty()).then(|| Table::of_products(own, Scaling::PLAIN)));
        tables
    }

    fn table(&self, access: &Access, of_prices: bool) -> Table {
        let scaling = if of_prices && access.formula.is_none() { access.scaling } else { Scaling::PLAIN };
        let mut keys: Vec<String> = Vec::new();
        let mut rows = Vec::new();
        // Values of an attribute that is not declared are those that products have.
        let sizes = self.products.iter().any(|product| product.size.is_some());
        for (at, scale) in access.records.iter().filter(|_| sizes || !access.by.contains(&"size")) {
            let value = |(axis, at): (&&str, &usize)| match *axis {
                "sku" => self.sku_in_table(2 + access.records.len(), at % self.products.len()),
                axis => self.axis_value(axis, *at),
            };
            let key = access.by.iter().zip(at).map(value).collect::<Vec<_>>().join(",");
            // A key that names a product has its units only, another one those of any product.
            let product = access.by.iter().zip(at).find(|(axis, _)| **axis == "sku").map(|(_, at)| at % self.products.len());
            let units = product.map_or_else(|| self.all_units(), |product| self.units(product).len());
            let unit = if scale.unit > units + 1 { 0 } else { scale.unit };
            let full = format!("{key},{unit}");
            if !keys.contains(&full) {
                rows.extend(self.scale_rows(&key, &Scale { unit, ..scale.clone() }, scaling, of_prices && access.formula.is_none()));
                keys.push(full);
            }
        }
        let formula = access.formula.clone().filter(|_| of_prices);
        Table { terms: self.when(&access.when) + &self.on(&access.on), by: access.by.to_vec(), scaling, formula, rows }
    }

    /// How many further units there are.
    fn all_units(&self) -> usize {
        (0..self.products.len()).map(|product| self.units(product).len()).max().unwrap_or(0)
    }

    fn scaling(&self, scaling: Scaling) -> String {
        if scaling == Scaling::PLAIN {
            return String::new();
        }
        let Scaling { graduated, basis, measure, broken } = scaling;
        let mut parts = Vec::new();
        if graduated {
            parts.push("mode: graduated".to_owned());
        }
        for (key, word) in [("basis", basis), ("measure", measure)] {
            if !word.is_empty() {
                parts.push(format!("{key}: {word}"));
            }
        }
        if measure == "packs" {
            // Where no product has further units, whole base units are packs.
            parts.push(format!("unit: {}, broken: {broken}", if self.all_units() > 0 { UNITS[0] } else { BASE }));
        }
        format!("scale: {{ {} }}, ", parts.join(", "))
    }

    fn formula(&self, from: &str, formula: &Formula) -> String {
        let Formula { percent, amount, round_to, endings, .. } = formula;
        let money = |minor: i64| decimal(minor, self.digits());
        // So that no price is 0.
        let amount = (*amount).max(round_to.unwrap_or(1));
        let mut text = format!("formula: {{ from: {from}, percent: {}, amount: {}", decimal(*percent, 4), money(amount));
        if let Some(round_to) = round_to {
            write!(text, ", round_to: {}", money(*round_to)).unwrap();
        }
        let ending = |(ending, limit, up_to): &(i64, Option<i64>, Option<i64>)| {
            let part = |key: &str, value: &Option<i64>| value.map_or(String::new(), |value| format!(", {key}: {}", money(value)));
            format!("{{ ending: {}{}{} }}", money(*ending), part("limit", limit), part("up_to", up_to))
        };
        if !endings.is_empty() {
            write!(text, ", endings: [{}]", endings.iter().map(ending).collect::<Vec<_>>().join(", ")).unwrap();
        }
        text + &self.factors(formula) + " }"
    }

    fn freight_rows(&self, freight: &Freight) -> Vec<String> {
        let mut keys = Vec::new();
        let mut rows = Vec::new();
        for FreightRow { region, from: (weight, amount), charge, per_weight, valid } in &freight.rows {
            let key = (region, weight, amount);
            if !keys.contains(&key) {
                keys.push(key);
                let region = region.map_or("", |at| REGIONS[at].0);
                let per_weight = per_weight.map_or(String::new(), |(minor, extra)| self.unit_price(minor, extra));
                let amount = if *amount == 0 { String::new() } else { self.money(*amount) };
                let (charge, valid) = (self.money(*charge), valid.map_or("", |at| BREAK[at]));
                rows.push(format!("{region},{},{amount},{charge},{per_weight},{valid}\n", decimal(weight * 5, 1)));
            }
        }
        rows
    }

    pub(super) fn axis_value(&self, axis: &str, at: usize) -> &'static str {
        let pick = |list: &[&'static str]| list[at % list.len()];
        match axis {
            "dealer" => pick(&DEALERS),
            "grade" => pick(&GRADES),
            "region" => pick(&REGIONS.map(|(id, _)| id)),
            "channel" => pick(&CHANNELS),
            "sku" => pick(&SKUS[..self.products.len()]),
            "category" => pick(&CATEGORIES.map(|(id, _)| id)),
            "brand" => pick(&BRANDS),
            "dealer_group" => pick(&DEALER_GROUPS.map(|(id, _)| id)),
            "tier" => pick(&TIERS),
            "note" => pick(&NOTES),
            "colour" => pick(&COLOURS),
            "size" => pick(&self.products.iter().filter_map(|product| product.size).collect::<Vec<_>>()),
            _ => unreachable!("{axis} is no axis"),
        }
    }

    pub(super) fn scale_rows(&self, key: &str, scale: &Scale, scaling: Scaling, has_flags: bool) -> Vec<String> {
        let in_parts = scaling.graduated || scaling.measure == "packs";
        let unit = ["", BASE].into_iter().chain(UNITS).nth(scale.unit).expect("a unit");
        // Ends are one step before the next beginning, where bands do not meet; there must be such a step.
        let ends = if scaling.measure == "packs" && !scaling.graduated && scale.from.contains(&2) { 0 } else { scale.ends };
        let flags = FLAGS.into_iter().enumerate().filter(|(bit, _)| has_flags && scale.flags >> bit & 1 == 1);
        let flags = flags.map(|(_, flag)| flag).collect::<Vec<_>>().join(" ");
        let row = |(price, extra): (i64, i64), from: i64, valid: &str| {
            // Bands of one scale may be for different numbers of units.
            let (per, factor) = if from > 0 && scale.per.0 == 7 && !in_parts { (1, 1) } else { scale.per };
            let at = scale.from.iter().position(|own| *own == from).expect("a band");
            let end = match scale.from.get(at + 1) {
                Some(next) if ends > 0 => self.bound(*next, scaling, !scaling.graduated),
                None if ends == 2 => self.bound(from + 8, scaling, false),
                _ => String::new(),
            };
            let from = if from == 0 || (at > 0 && ends > 0) { String::new() } else { self.bound(from, scaling, false) };
            let is_free = has_flags && scale.flags & 1 == 1 && extra < 5;
            let price = if is_free { "0".to_owned() } else { self.unit_price(price * factor, extra) };
            format!("{key},{price},{unit},{per},{from},{end},{flags},{valid}\n")
        };
        let bands = scale.prices.iter().zip(scale.from);
        match scale.validity {
            1 => {
                let of = |valid: &'static str, more: i64| {
                    bands.clone().map(move |((price, extra), from)| row((*price + more, *extra), *from, valid))
                };
                of(BREAK[0], 0).chain(of(BREAK[1], 7)).collect()
            }
            valid => {
                let valid = VALID[if valid == 0 { 0 } else { valid - 1 }];
                bands.map(|(price, from)| row(*price, *from, valid)).collect()
            }
        }
    }

    /// Where a band begins, or with `before` the step before it.
    fn bound(&self, whole: i64, scaling: Scaling, before: bool) -> String {
        let step = i64::from(before);
        match scaling.measure {
            "amount" => self.money(whole * 1_000 - step),
            "weight" => decimal(whole * 1_000_000 - step, 6),
            "packs" => ((whole + 2) / 3 - step).to_string(),
            _ => self.quantity(whole - step),
        }
    }

    fn promotion(&self, index: usize, p: &Promotion) -> String {
        let group = self.groups.get(p.group);
        let stage = self.written_stage(p);
        let combo = self.combo_of(p);
        let takes_freight = self.takes_freight(p);
        let on = if combo.is_some_and(|combo| !combo.parts.is_empty()) { String::new() } else { self.on(&p.on) };
        let mut text = format!("  - {{ id: {}, {}{on}", PROMOTIONS[index], self.when(&p.when));
        let benefit = |benefit: &Benefit| match benefit {
            Benefit::PerUnitOff(amount, _) if takes_freight => format!("price: {}", self.money(*amount)),
            Benefit::Gift(gift) if takes_freight => format!("amount_off: {}", self.money(gift.units[0] * 211)),
            Benefit::Percent(percent) => format!("percent: {}", decimal(*percent, 4)),
            Benefit::AmountOff(amount) => format!("amount_off: {}", self.money(*amount)),
            Benefit::PerUnitOff(amount, extra) => format!("per_unit_off: {}", self.unit_price(*amount, *extra)),
            Benefit::Gift(gift) => self.gift(gift, p.shape == Shape::Each && p.count == "pro_rata", p.extra.instead),
        };
        // What a unit costs comes instead of every other benefit that stands there.
        let price = p.extra.price.filter(|_| !takes_freight).map(|(price, extra)| format!("price: {}", self.unit_price(price, extra)));
        let measure = if p.by_quantity { "quantity" } else { "amount" };
        let level = |step: i64| if p.by_quantity { self.quantity(p.quantity * step) } else { self.money(p.amount * step) };
        let max_units = p.max_units.filter(|_| matches!(p.benefits[0], Benefit::PerUnitOff(..)) && price.is_none() && !takes_freight);
        let unit = if self.settings.boxes.is_some() && p.counts_boxes { format!(", unit: {}", UNITS[0]) } else { String::new() };
        let max_units = max_units.map_or(String::new(), |most| format!(", max_units: {}{unit}", self.quantity(most)));
        let units_in = unit.clone();
        let unit = if p.by_quantity { unit } else { String::new() };
        let mut kinds: Vec<String> = Vec::new();
        let mut kept = |benefit: String| {
            kinds.push(benefit.split(':').next().expect("a kind").to_owned());
            benefit
        };
        let earned = self.earns(p).map(|units| {
            format!(
                "earn: {{ id: {}{} }}",
                ["点", "V50"][index % 2],
                if units > 1 { format!(", quantity: {units}") } else { String::new() }
            )
        });
        let get = match &earned {
            Some(earned) => format!("get: {{ {} }}, ", kept(earned.clone())),
            None if p.shape == Shape::Steps || p.shape == Shape::Each => String::new(),
            None => format!("get: {{ {}{max_units} }}, ", kept(price.clone().unwrap_or_else(|| benefit(&p.benefits[0])))),
        };
        match p.shape {
            _ if let Some(combo) = combo => text += &self.combo(p, combo),
            Shape::Plain => text += &get,
            Shape::At => write!(text, "at: {{ {measure}: {}{unit} }}, {get}", level(1)).unwrap(),
            Shape::Each => {
                let times = p.times.map_or(String::new(), |times| format!(", times: {times}"));
                let count = match p.benefits[0] {
                    Benefit::Gift(_) if p.by_quantity && earned.is_none() && !takes_freight => format!(", count: {}", p.count),
                    _ => String::new(),
                };
                let given = match p.benefits[0] {
                    _ if let Some(earned) = &earned => earned.clone(),
                    Benefit::Percent(amount) => benefit(&Benefit::AmountOff(amount / 1000 + 1)),
                    Benefit::PerUnitOff(amount, _) => benefit(&Benefit::AmountOff(amount)),
                    Benefit::AmountOff(_) | Benefit::Gift(_) => benefit(&p.benefits[0]),
                };
                let at = |figure: i64| if p.by_quantity { self.quantity(figure) } else { self.money(figure) };
                let own = if p.by_quantity { p.quantity } else { p.amount };
                let from = match (p.amount + p.quantity) % 4 {
                    _ if !count.is_empty() && p.count != "per_step" => String::new(),
                    0 => format!(", from: {}, origin: zero", at(own * 2 - own / 2)),
                    1 => format!(", from: {}, origin: threshold", at((own * (p.quantity % 5) / 2).max(1))),
                    _ => String::new(),
                };
                write!(text, "each: {{ {measure}: {}{unit}{times}{count}{from} }}, get: {{ {} }}, ", level(1), kept(given)).unwrap();
            }
            Shape::Steps => {
                let is_divided =
                    matches!(p.benefits[0], Benefit::AmountOff(_)) && price.is_none() && !takes_freight && p.benefits.len() > 1;
                let decompose = match p.quantity % 3 {
                    _ if !is_divided => "",
                    1 => ", decompose: greedy",
                    // Large figures are no multiples of each other.
                    2 if p.by_quantity || self.settings.magnitude == 0 => ", decompose: best",
                    _ => "",
                };
                let mut step = |(at, b): (usize, &Benefit)| {
                    if let (false, Benefit::AmountOff(_) | Benefit::Percent(_) | Benefit::PerUnitOff(..) | Benefit::Gift(_)) =
                        (decompose.is_empty(), b)
                    {
                        let off = match b {
                            Benefit::AmountOff(amount) => *amount,
                            Benefit::Percent(amount) => 1 + amount / 1000,
                            Benefit::PerUnitOff(amount, _) => *amount,
                            Benefit::Gift(_) => 1 + p.amount / 7,
                        };
                        return format!("{{ from: {}, {} }}", level([2, 3, 5][at.min(2)]), kept(benefit(&Benefit::AmountOff(off))));
                    }
                    let given = price.clone().filter(|_| at % 2 == 0).unwrap_or_else(|| benefit(b));
                    format!("{{ from: {}, {} }}", level(i64::try_from(at).unwrap() + 1), kept(given))
                };
                let steps: Vec<String> = p.benefits.iter().enumerate().map(&mut step).collect();
                write!(text, "steps: {{ {measure}: [{}]{unit}{decompose} }}, ", steps.join(", ")).unwrap();
            }
        }
        if group.is_some() {
            write!(text, "group: g{}, ", p.group).unwrap();
        }
        if !stage.is_empty() {
            write!(text, "stage: {stage}, ").unwrap();
        }
        let codes: Vec<&str> = CODES.into_iter().enumerate().filter(|(bit, _)| p.coupon >> bit & 1 == 1).map(|(_, code)| code).collect();
        match codes.as_slice() {
            [] => {}
            [code] => write!(text, "coupon: {code}, ").unwrap(),
            codes => write!(text, "coupon: [{}], ", codes.join(", ")).unwrap(),
        }
        text += &self.extras_of(index, p, &kinds, &units_in);
        let measures_amount = combo.is_none() && p.shape != Shape::Plain && !p.by_quantity;
        if self.settings.tax.is_some() && measures_amount && !p.threshold_tax.is_empty() {
            write!(text, "threshold_tax: {}, ", p.threshold_tax).unwrap();
        }
        if p.net_lines && combo.is_none() {
            text += "net_lines: count, ";
        }
        if p.budget < self.budgets.len() && earned.is_none() {
            write!(text, "budget: {}, ", BUDGETS[p.budget]).unwrap();
        }
        let base = if combo.is_some() || takes_freight { String::new() } else { format!(", base: {}", p.base) };
        format!("{text}priority: {}{base} }}\n", p.priority)
    }

    /// Whether promotions of a group can make combos: in a best group all of them or none.
    pub(super) fn has_combos(&self, group: usize) -> bool {
        match self.groups.get(group).map(|group| group.mode) {
            Some("best") => self.all_have_combos(group),
            Some("exclusive") => self.groups[group].exclusive[0] == "units" && self.all_have_combos(group),
            Some("first") => false,
            _ => true,
        }
    }

    fn all_have_combos(&self, group: usize) -> bool {
        self.promotions.iter().all(|other| other.group != group || other.combo.is_some())
    }

    /// Whether its combos compete with nothing.
    pub(super) fn stacks_combos(&self, p: &Promotion) -> bool {
        self.combo_of(p).is_some() && self.groups.get(p.group).is_none_or(|group| ["stack", "always"].contains(&group.mode))
    }

    /// Whether something is given for its combos instead of taken off: only what competes with nothing.
    pub(super) fn gives_with_combos(&self, p: &Promotion) -> bool {
        let gives = match p.benefits[0] {
            Benefit::Gift(_) => true,
            Benefit::PerUnitOff(amount, _) => amount % 3 == 0 && p.budget >= self.budgets.len(),
            Benefit::Percent(_) | Benefit::AmountOff(_) => false,
        };
        self.stacks_combos(p) && gives
    }

    fn combo(&self, p: &Promotion, combo: &Combo) -> String {
        let percent = match p.benefits[0] {
            Benefit::Percent(percent) => Some(percent),
            _ => None,
        };
        let cheapest = |cheapest: Option<i64>| match cheapest.filter(|cheapest| percent.is_some() || *cheapest == 0) {
            Some(cheapest) => format!(", cheapest: {cheapest}"),
            None => String::new(),
        };
        let mut text = "combo: { ".to_owned();
        if combo.parts.is_empty() {
            let (quantity, least) = combo.quantities[0];
            write!(text, "quantity: {quantity}{}", cheapest(least.map(|least| least.clamp(1, quantity)))).unwrap();
        } else {
            let part = |(at, (on, (quantity, least))): (usize, (&On, (i64, Option<i64>)))| {
                let on = match self.on(on) {
                    text if text.is_empty() => self.on(&On { fields: 1, except: 0, ..on.clone() }),
                    text => text,
                };
                // One part always has units that get the benefit.
                let benefits = usize::try_from(combo.price).unwrap() % (combo.parts.len() + 1);
                let least = least.map(|least| least.clamp(i64::from(at == benefits), quantity));
                let own = match percent.filter(|_| (combo.price + 3 * quantity) % 3 == 0 && least != Some(0)) {
                    Some(percent) => {
                        format!(", percent: {}", decimal(((percent / 2 + 1) * i64::try_from(at + 1).unwrap()).min(1_000_000), 4))
                    }
                    None => String::new(),
                };
                format!("{{ {on}quantity: {quantity}{}{own} }}", cheapest(least))
            };
            let parts = std::iter::once(&p.on).chain(&combo.parts).zip(combo.quantities);
            write!(text, "parts: [{}]", parts.enumerate().map(part).collect::<Vec<_>>().join(", ")).unwrap();
        }
        if let Some(times) = combo.times {
            write!(text, ", times: {times}").unwrap();
        }
        let get = match &p.benefits[0] {
            Benefit::Percent(percent) => format!("percent: {}", decimal(*percent, 4)),
            Benefit::AmountOff(amount) => format!("amount_off: {}", self.money(*amount)),
            Benefit::Gift(gift) if self.gives_with_combos(p) => self.gift(gift, false, p.extra.instead),
            Benefit::PerUnitOff(..) if self.gives_with_combos(p) => "earn: { id: 点 }".to_owned(),
            Benefit::PerUnitOff(..) | Benefit::Gift(_) => format!("price: {}", self.money(combo.price)),
        };
        let spread = if !self.gives_with_combos(p) && combo.price % 3 == 1 { ", spread: all" } else { "" };
        write!(text, "{spread} }}, get: {{ {get} }}, ").unwrap();
        text
    }

    fn listing(&self, listing: &Listing) -> String {
        format!("  - {{ {}{}state: {} }}\n", self.when(&listing.when), self.on(&listing.on), listing.state)
    }

    fn grant(&self, grant: &Grant) -> String {
        let names = |list: &[(&str, &str)], at: &[usize]| at.iter().map(|at| list[*at].0).collect::<Vec<_>>().join(", ");
        let categories =
            if grant.categories.is_empty() { String::new() } else { format!("category: [{}], ", names(&CATEGORIES, &grant.categories)) };
        let regions = names(&REGIONS, &grant.regions);
        let names_customers: Vec<&str> = grant.customers.iter().map(|at| CUSTOMERS[*at]).collect();
        let place = match names_customers.as_slice() {
            [] => format!("region: [{regions}]"),
            customers => format!("customer: [{}]", customers.join(", ")),
        };
        let mode = if grant.mode.is_empty() { String::new() } else { format!(", mode: {}", grant.mode) };
        let asks = AUDIENCES[grant.when.dealer].starts_with("{ grade");
        let notice = grant.notice.filter(|_| asks).map_or(String::new(), |days| format!(", notice_days: {days}"));
        format!("  - {{ {}{categories}{place}{mode}{notice} }}\n", self.when(&grant.when))
    }

    fn check(&self, id: &str, check: &Check) -> String {
        let of = |key: &str, value: Option<String>| value.map(|value| format!("{key}: {value}"));
        let percent = |value: Option<i64>| value.map(|value| decimal(value, 4));
        let join = |parts: Vec<Option<String>>| parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
        let (on, rule) = match &check.rule {
            Rule::MinimumAmount(on, amount) => (self.on(on), format!("order_minimum: {{ amount: {} }}", self.money(*amount))),
            Rule::MinimumQuantity(on, quantity) => {
                let unit = if self.settings.boxes.is_some() && quantity % 2 == 0 { format!(", unit: {}", UNITS[0]) } else { String::new() };
                (self.on(on), format!("order_minimum: {{ quantity: {}{unit} }}", self.quantity(*quantity)))
            }
            Rule::Maximum(amount) => (String::new(), format!("order_maximum: {}", self.money(*amount))),
            Rule::Overdue(days, amount) => {
                let parts = vec![of("days", days.map(|days| days.to_string())), of("amount", amount.map(|amount| self.money(amount)))];
                (String::new(), format!("overdue: {{ {} }}", join(parts)))
            }
            Rule::CreditUsed(percent) => (String::new(), format!("credit_used: {}", decimal(*percent, 4))),
            Rule::Corridor(on, min, max, gifts) => {
                let gifts = Some(*gifts).filter(|gifts| !gifts.is_empty()).map(str::to_owned);
                let parts = vec![of("min", percent(*min)), of("max", percent(*max)), of("gifts", gifts)];
                (self.on(on), format!("corridor: {{ {} }}", join(parts)))
            }
            Rule::Licence(categories) => {
                let categories: Vec<&str> = categories.iter().map(|at| CATEGORIES[*at].0).collect();
                (String::new(), format!("licence: [{}]", categories.join(", ")))
            }
            Rule::Source(sources) => (String::new(), format!("source: {sources}")),
            Rule::Minutes(minutes) => (String::new(), format!("facts_age_minutes: {minutes}")),
        };
        let severity = if check.severity.is_empty() { String::new() } else { format!(", severity: {}", check.severity) };
        format!("  - {{ id: {id}, {}{on}{rule}{severity} }}\n", self.when(&check.when))
    }

    pub(super) fn when(&self, when: &When) -> String {
        let dealer = AUDIENCES[when.dealer];
        let order = if when.source.is_empty() { String::new() } else { format!("order: {{ source: {} }}", when.source) };
        let dealer = if dealer.is_empty() { String::new() } else { format!("dealer: {dealer}") };
        let parts: Vec<String> = [dealer, order].into_iter().filter(|part| !part.is_empty()).collect();
        let when_text = if parts.is_empty() { String::new() } else { format!("when: {{ {} }}, ", parts.join(", ")) };
        let valid = if when.valid == 0 { String::new() } else { format!("valid: {}, ", VALID[when.valid]) };
        when_text + &valid
    }

    pub(super) fn on(&self, on: &On) -> String {
        if on.fields == On::MASK {
            let skus: Vec<&str> = (0..SKUS.len()).filter(|bit| on.anchor >> bit & 1 == 1).map(|bit| SKUS[bit]).collect();
            return format!("on: {{ sku: [{}] }}, ", skus.join(", "));
        }
        let (anchor, other) = (on.anchor % self.products.len(), on.other % self.products.len());
        let (own, others) = (&self.products[anchor], &self.products[other]);
        let has = |bits: u8, bit: u8| bits >> bit & 1 == 1;
        let mut fields = Vec::new();
        if has(on.fields, 0) {
            let second = if other == anchor { String::new() } else { format!(", {}", SKUS[other]) };
            fields.push(format!("sku: [{}{second}]", SKUS[anchor]));
        }
        if let Some(category) = own.category.filter(|_| has(on.fields, 1)) {
            let above = (0..on.up).fold(category, |node, _| parent(node).unwrap_or(node));
            fields.push(format!("category: {above}"));
        }
        if let Some(brand) = own.brand.filter(|_| has(on.fields, 2)) {
            fields.push(format!("brand: {brand}"));
        }
        if let Some(tag) = own.tags().next().filter(|_| has(on.fields, 3)) {
            fields.push(format!("tag: [{tag}]"));
        }
        if has(on.fields, 5) {
            // What holds of the anchor, said as a range.
            let power = POWERS[anchor];
            fields.push(match own.weight {
                _ if on.up == 1 && !power.is_empty() => format!("attributes: {{ power: [{power} .., -9 .. -3] }}"),
                Some(weight) if on.up == 2 => format!("weight: [.. {0}, 900]", decimal(weight, 3)),
                _ if power.is_empty() => format!("any: [{{ sku: {} }}, {{ attributes: {{ power: 100 .. 1000 }}, except: {{ sku: {} }} }}]", SKUS[anchor], SKUS[other]),
                _ => format!("any: [{{ attributes: {{ power: 1000.5 }} }}, {{ sku: [{}], any: [{{ attributes: {{ power: {power} }} }}, {{ sku: {} }}] }}]", SKUS[anchor], SKUS[other]),
            });
        }
        if let Some(colour) = own.colour.filter(|_| has(on.fields, 4) && !has(on.fields, 5)) {
            let size = own.size.map_or(String::new(), |size| format!(", size: [{size}]"));
            fields.push(format!("attributes: {{ colour: {colour}{size} }}"));
        }
        // What is left out must leave the anchor in, because a rule that is about nothing is refused.
        let mut except = Vec::new();
        if has(on.except, 0) && other != anchor {
            except.push(format!("sku: {}", SKUS[other]));
        }
        let inside = |inner: Option<&'static str>, outer: &str| std::iter::successors(inner, |node| parent(node)).any(|node| node == outer);
        if let Some(category) = others.category.filter(|category| has(on.except, 1) && !inside(own.category, category)) {
            except.push(format!("category: {category}"));
        }
        if let Some(brand) = others.brand.filter(|brand| has(on.except, 2) && own.brand != Some(brand)) {
            except.push(format!("brand: {brand}"));
        }
        if let Some(tag) = others.tags().find(|tag| has(on.except, 3) && !own.tags().any(|own| own == *tag)) {
            except.push(format!("tag: {tag}"));
        }
        if has(on.except, 5) && other != anchor {
            except.push(format!(
                "any: [{{ sku: {}, any: [{{ attributes: {{ power: .. 500 }} }}, {{ sku: {} }}] }}]",
                SKUS[other], SKUS[other]
            ));
        }
        if let Some(colour) = others.colour.filter(|colour| has(on.except, 4) && own.colour != Some(colour)) {
            except.push(format!("attributes: {{ colour: {colour} }}"));
        }
        if !except.is_empty() {
            fields.push(format!("except: {{ {} }}", except.join(", ")));
        }
        if fields.is_empty() { String::new() } else { format!("on: {{ {} }}, ", fields.join(", ")) }
    }

    pub(super) fn items(&self, gift: &Gift) -> impl Iterator<Item = (usize, i64)> {
        let products = self.products.len();
        let Gift { first, units, items, .. } = *gift;
        (0..items.min(products)).map(move |item| ((first + item) % products, units[item]))
    }

    pub(super) fn chosen(&self, gift: &Gift) -> usize {
        gift.choose.min(self.items(gift).count()).max(1)
    }

    fn gift(&self, gift: &Gift, even: bool, instead: usize) -> String {
        let unit = if self.settings.boxes.is_some() && gift.first % 3 == 2 { format!(", unit: {}", UNITS[0]) } else { String::new() };
        let items: Vec<String> = self
            .items(gift)
            .map(|(product, units)| {
                let units = if even { gift.units[0] } else { units };
                let quantity = if units == 1 { String::new() } else { format!(", quantity: {units}") };
                format!("sku: {}{quantity}{unit}", SKUS[product])
            })
            .collect();
        match items.as_slice() {
            [only] => {
                let others = (1..=instead)
                    .map(|step| (gift.first + step) % self.products.len())
                    .filter(|other| *other != gift.first % self.products.len());
                let mut others: Vec<usize> = others.collect();
                others.dedup();
                let units = if even { gift.units[0] } else { gift.units[1] };
                let others: Vec<String> =
                    others.iter().map(|other| format!("{{ sku: {}, quantity: {units}{unit} }}", SKUS[*other])).collect();
                let others = if others.is_empty() { String::new() } else { format!(", instead: [{}]", others.join(", ")) };
                format!("gift: {{ {only}{others} }}")
            }
            items => {
                let items: Vec<String> = items.iter().map(|item| format!("{{ {item} }}")).collect();
                format!("gift: {{ choose: {}, from: [{}] }}", self.chosen(gift), items.join(", "))
            }
        }
    }
}

/// The category above.
fn parent(category: &str) -> Option<&'static str> {
    CATEGORIES.iter().find(|(id, parent)| *id == category && !parent.is_empty()).map(|(_, parent)| *parent)
}

/// The columns where bands begin and end.
fn bounds(scaling: Scaling) -> [&'static str; 2] {
    match scaling.measure {
        "amount" => ["from_amount", "to_amount"],
        "weight" => ["from_weight", "to_weight"],
        _ => ["from_quantity", "to_quantity"],
    }
}

fn section(yaml: &mut String, key: &str, rows: &str) {
    if !rows.is_empty() {
        write!(yaml, "{key}:\n{rows}").unwrap();
    }
}
