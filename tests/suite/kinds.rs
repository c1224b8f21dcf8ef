//! The sample policy uses every kind of thing that a policy can say: every key and every word of the JSON Schema that editors complete from, every
//! column of the tables, every fact of a dealer. What is added to the language therefore has to be added to the sample, or to the exceptions here.

use qudao::diagnostic::{Diagnostics, SourceFile};
use qudao::import;
use qudao::wire::Node;
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What the sample says nothing of, and why.
const EXCEPTIONS: &[(&str, &str)] = &[
    // Of a constant a policy has one value.
    ("Settings.", "constants"),
    ("Rounding=", "a constant"),
    ("RoundingPoint=", "a constant"),
    ("Remainder=", "a constant"),
    ("Weight=", "a constant"),
    ("Resolution=", "a constant"),
    ("Eligibility=", "a constant"),
    ("Ungranted=", "a constant"),
    ("DropShip=", "a constant"),
    ("PickUp=", "a constant"),
    ("PricingDate=", "a constant"),
    ("BlockedLines=", "a constant"),
    ("TaxBasis=", "a constant, and of a promotion the other one"),
    ("Then=", "a policy has one transition"),
    ("Side=", "a policy has one transition"),
    ("Earns=", "a policy has one redemption"),
    ("Redemption.earns", "a policy has one redemption"),
    ("LotTransfer=", "a policy has one redemption"),
    ("LotTax=", "a policy has one redemption"),
    ("Redemption.tax", "a policy has one redemption"),
    ("DecidedBy=delivery", "each program has one day"),
    ("DecidedBy=payment", "each program has one day"),
    ("DecidedBy=invoice", LEFT_OUT),
    ("Treatment=payment", LEFT_OUT),
    ("LotReturns=", "a policy has one redemption"),
    ("Redemption.returns", "a policy has one redemption"),
    ("Guards.", "severities are the defaults, but where they are written"),
    ("NoBase=", "each program that grows on last year has one, and `full` says most"),
    ("FormulaRow.", "one formula by grade; any axis is written alike"),
    ("PointStep.up_to", "the scorecard rates what is less by a line"),
    ("Bottom.round", "the default"),
    ("Bottom.count", "the scorecard has a share"),
    ("GradeRule.round", "the default"),
    // What only exports of other systems need is in `examples/kingdee`.
    ("TableFile.", "exports of other systems"),
    ("Policy.dealers", "the facts of the sample come as files, as from a server"),
    // Only the policy's own currency may stand there, which is the default.
    ("Promotion.currency", "the policy's own"),
    ("Budget.currency", "the policy's own"),
    // What a key means that is left out.
    ("Against=nothing", LEFT_OUT),
    ("Joiners=agreed", LEFT_OUT),
    ("Joiners=days", "the sample has one task of dealers; `months` is its own"),
    ("Base=running", LEFT_OUT),
    ("Basis=net", LEFT_OUT),
    ("Choose=best", LEFT_OUT),
    ("Count=per_step", LEFT_OUT),
    ("DiscountedLines=take", LEFT_OUT),
    ("EnrolBy=all", LEFT_OUT),
    ("GiftsIn=ignored", LEFT_OUT),
    ("NetLines=ignore", LEFT_OUT),
    ("PaidIn=credit", LEFT_OUT),
    ("LotPays=orders", LEFT_OUT),
    ("PaysOn=all", LEFT_OUT),
    ("Qualifier=amount", LEFT_OUT),
    ("RankedBy=volume", LEFT_OUT),
    ("Ties=share", LEFT_OUT),
    ("ScaleBasis=sku", LEFT_OUT),
    ("ScaleMeasure=quantity", LEFT_OUT),
    ("ScaleMode=all_units", LEFT_OUT),
    ("Scope=order", LEFT_OUT),
    ("Stage=line", LEFT_OUT),
    ("Surplus=kept", LEFT_OUT),
    ("YearEnd=end", LEFT_OUT),
];
const LEFT_OUT: &str = "the default, which the sample leaves out";

#[test]
fn the_sample_uses_every_word_of_the_language() {
    let schema = import::policy_schema();
    let mut used = BTreeSet::new();
    for path in files(&folder(), "yaml") {
        let node = read(&path);
        walk(&schema, "Policy", &schema, &node, &mut used);
    }
    let excused = |word: &str| EXCEPTIONS.iter().any(|(prefix, _)| word.starts_with(prefix));
    let missing: Vec<String> = words(&schema).into_iter().filter(|word| !used.contains(word) && !excused(word)).collect();
    assert!(missing.is_empty(), "the sample policy has no {missing:#?}");
}

#[test]
fn no_exception_is_idle() {
    let all = words(&import::policy_schema());
    let idle: Vec<&str> =
        EXCEPTIONS.iter().map(|(prefix, _)| *prefix).filter(|prefix| !all.iter().any(|word| word.starts_with(prefix))).collect();
    assert!(idle.is_empty(), "{idle:?}");
}

#[test]
fn the_readme_counts_it() {
    let import::Imported { policy, tests, .. } = import::folder(&folder());
    let dealers = files(&folder().join("dealers"), "json").len();
    let counts =
        [(policy.products.len(), "products,"), (dealers, "dealers,"), (policy.promotions.len(), "promotions and"), (tests.len(), "orders")];
    let said = counts.map(|(count, what)| format!("{count} {what}")).join(" ");
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("UTF-8");
    assert!(readme.contains(&said), "the README does not say `{said}`");
}

#[test]
fn its_tables_have_every_column() {
    let mut used = BTreeSet::new();
    for place in ["", "prices", "freight"] {
        for path in files(&folder().join(place), "csv") {
            let text = std::fs::read_to_string(&path).expect("UTF-8");
            let mut rows = text.lines().map(|row| row.split(',').map(str::to_owned).collect::<Vec<_>>());
            let header = rows.next().expect("a header");
            for row in rows {
                let filled = header.iter().zip(&row).filter(|(_, cell)| !cell.is_empty());
                used.extend(filled.map(|(column, _)| column.clone()));
            }
        }
    }
    let columns = "sku name_zh name_en category brand unit units quantity_unit min_quantity multiple step max_order max_period scale_group weight tax tags \
        dealer grade region channel dealer_group price per from_quantity to_quantity from_amount from_weight valid flags \
        registration approver customer limit period_limit charge per_weight";
    let missing: Vec<&str> = columns.split_whitespace().filter(|column| !used.contains(*column)).collect();
    assert!(missing.is_empty(), "no table of the sample has {missing:?}");
}

#[test]
fn its_dealers_have_every_fact() {
    let mut used = BTreeSet::new();
    for path in files(&folder().join("dealers"), "json") {
        let facts: Json = serde_json::from_str(&std::fs::read_to_string(&path).expect("UTF-8")).expect("JSON");
        keys("", &facts, &mut used);
    }
    // `status` and `budgets` change while the shop runs; tests of the sample have them.
    let facts = "grade region channel group contract_date licences licences.expires credit credit.group credit.overdue volumes volumes.target \
        volumes.last_year volumes.last_year_to_date volumes.expected volumes.joined contests contests.rank contests.lead contests.ahead programs kpis usage orders orders.by_source lots lots.invoice_treatment registrations registrations.periods adjustments stock \
        stock.warehouse bought inventory attributes";
    let missing: Vec<&str> = facts.split_whitespace().filter(|fact| !used.contains(*fact)).collect();
    assert!(missing.is_empty(), "no dealer of the sample has {missing:?}");
}

/// Every key, `Promotion.when`, and every word, `GroupMode=best`, that a policy file may have.
fn words(schema: &Json) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let definitions = schema["definitions"].as_object().expect("definitions").iter().map(|(name, definition)| (name.as_str(), definition));
    for (name, definition) in definitions.chain([("Policy", schema)]) {
        words.extend(definition["properties"].as_object().into_iter().flatten().map(|(key, _)| format!("{name}.{key}")));
        words.extend(list(&definition["oneOf"]).filter_map(|choice| Some(format!("{name}={}", choice["const"].as_str()?))));
        words.extend(
            list(&definition["anyOf"])
                .flat_map(|choice| list(&choice["enum"]))
                .filter_map(|word| Some(format!("{name}={}", word.as_str()?))),
        );
    }
    words
}

/// What of a schema one value uses; a key that is left out uses the word that it means then.
fn walk(root: &Json, name: &str, schema: &Json, node: &Node, used: &mut BTreeSet<String>) {
    if let Some(target) = schema["$ref"].as_str() {
        let name = target.rsplit('/').next().expect("a name");
        return walk(root, name, &root["definitions"][name], node, used);
    }
    for inner in list(&schema["allOf"]).chain(list(&schema["anyOf"])) {
        walk(root, name, inner, node, used);
    }
    match node {
        Node::Map(entries) => {
            let properties = &schema["properties"];
            for (key, value) in entries {
                if properties[key].is_object() {
                    used.insert(format!("{name}.{key}"));
                    walk(root, &format!("{name}.{key}"), &properties[key], value, used);
                } else if schema["additionalProperties"].is_object() {
                    walk(root, name, &schema["additionalProperties"], value, used);
                }
            }
            for (key, property) in properties.as_object().into_iter().flatten() {
                if let (Some(word), false) = (property["default"].as_str(), entries.iter().any(|(written, _)| written == key)) {
                    walk(root, name, property, &Node::Text(word.to_owned()), used);
                }
            }
        }
        Node::List(items) => items.iter().for_each(|item| walk(root, name, &schema["items"], item, used)),
        Node::Text(word) => {
            used.insert(format!("{name}={word}"));
        }
        Node::Null | Node::Bool(_) | Node::Int(_) | Node::Fraction(_) | Node::Rows(_) => {}
    }
}

fn keys(prefix: &str, json: &Json, used: &mut BTreeSet<String>) {
    for (key, value) in json.as_object().into_iter().flatten() {
        let name = format!("{prefix}{key}");
        keys(&format!("{name}."), value, used);
        list(value).for_each(|item| keys(&format!("{name}."), item, used));
        used.insert(name);
    }
}

fn read(path: &Path) -> Node {
    let mut faults = Diagnostics::default();
    let file = SourceFile::new(path.display().to_string(), std::fs::read_to_string(path).expect("UTF-8"));
    import::input(0, &file, &mut faults).unwrap_or_else(|| panic!("{}: {:?}", path.display(), faults.found))
}

fn list(json: &Json) -> impl Iterator<Item = &Json> {
    json.as_array().into_iter().flatten()
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a readable folder");
    let paths = entries.map(|entry| entry.expect("a readable folder").path());
    paths.filter(|path| path.extension().is_some_and(|found| found == extension)).collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/haofeng")
}
