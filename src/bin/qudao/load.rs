//! From paths to policies, engines and inputs. Faults are printed here, so that commands only go on or stop.

use crate::command::{Format, Stop};
use crate::{progress, show};
use qudao::check::CheckedPolicy;
use qudao::diagnostic::{Diagnostics, SourceFile, Sources, nearest};
use qudao::policy_test::PolicyTest;
use qudao::wire::Node;
use qudao::{Bundle, Engine, check, compile, import, module};
use std::fs;
use std::path::Path;

/// A policy folder, read and checked.
pub struct Checked {
    /// The policy, when it has no faults.
    pub policy: Option<CheckedPolicy>,
    pub sources: Sources,
    pub diagnostics: Diagnostics,
    pub tests: Vec<PolicyTest>,
}

/// The files of a policy folder.
pub fn read_folder(path: &Path) -> Result<Vec<(String, Vec<u8>)>, Stop> {
    import::read_folder(path).map_err(|fault| Stop::File { message: fault.to_string(), help: fault.help().to_owned() })
}

/// Reads and checks a policy folder; prints nothing.
pub fn check(path: &Path) -> Result<Checked, Stop> {
    let files = read_folder(path)?;
    let read = |table: &str, done: usize, all: usize| progress::step(&format!("reading {table}"), Some((done, all)));
    let import::Imported { policy, sources, mut diagnostics, tests } = import::files_with(files, &read);
    progress::step("checking", None);
    let policy = check::check(policy, &sources, &mut diagnostics);
    Ok(Checked { policy, sources, diagnostics, tests })
}

/// A policy without faults; prints them otherwise.
pub fn policy(path: &Path, format: Format) -> Result<CheckedPolicy, Stop> {
    let checked = check(path)?;
    require(&checked, format)?;
    checked.policy.ok_or(Stop::Faults)
}

/// The policy, when it has no faults; prints all findings.
pub fn require(checked: &Checked, format: Format) -> Result<&CheckedPolicy, Stop> {
    let policy = checked.policy.as_ref();
    match format {
        Format::Text => show::diagnostics(&checked.diagnostics, &checked.sources),
        Format::Json if policy.is_none() => show::diagnostics_only(&checked.diagnostics, &checked.sources),
        Format::Json => {}
    }
    policy.ok_or(Stop::Faults)
}

/// The tables of a policy without faults, in canonical form; prints the faults otherwise.
pub fn canonical(canonical: import::Canonical, format: Format) -> Result<Vec<import::CanonicalTable>, Stop> {
    let import::Imported { policy, sources, mut diagnostics, tests } = canonical.imported;
    let policy = check::check(policy, &sources, &mut diagnostics);
    require(&Checked { policy, sources, diagnostics, tests }, format)?;
    Ok(canonical.tables)
}

/// Compiles a policy.
pub fn compile(policy: &CheckedPolicy) -> Bundle {
    progress::step("compiling", None);
    compile::compile(policy)
}

/// An engine from a policy folder, a bundle, or a module with the policy inside.
pub fn engine(path: &Path, format: Format) -> Result<Engine, Stop> {
    if path.is_dir() {
        return engine_of(compile(&policy(path, format)?).bytes(), format);
    }
    let help = "name a policy folder, a bundle, or a module made by `qudao build --wasm`";
    let bytes = fs::read(path).map_err(|error| Stop::file(path, error, help))?;
    if !bytes.starts_with(b"\0asm") {
        return engine_of(&bytes, format);
    }
    match module::bundle_of(&bytes).map_err(|fault| Stop::file(path, fault, help))? {
        Some(bundle) => engine_of(bundle, format),
        None => Err(Stop::file(path, "the module has no policy inside", help)),
    }
}

/// An engine from the bytes of a bundle.
pub fn engine_of(bundle: &[u8], format: Format) -> Result<Engine, Stop> {
    Engine::load(bundle).map_err(|faults| show::faults(&faults, format))
}

/// The facts of a dealer: a file, or the row of the policy's dealer table with this id, true at `now`.
pub fn dealer(dealer: &Path, policy: &Path, now: &Node, format: Format) -> Result<Node, Stop> {
    if dealer.exists() || !policy.is_dir() {
        return input(dealer, format);
    }
    let imported = import::files(read_folder(policy)?);
    let Some(dealers) = &imported.policy.dealers else { return input(dealer, format) };
    let id = dealer.to_string_lossy();
    let found = dealers.iter().find(|known| known.id == id).map(|dealer| import::facts(&imported.policy, dealer, now));
    found.ok_or_else(|| {
        let meant = nearest(&id, dealers.iter().map(|known| known.id.as_str()));
        let help =
            meant.map_or_else(|| "name a file, or a dealer of the policy's table".to_owned(), |meant| format!("did you mean `{meant}`?"));
        Stop::File { message: format!("`{id}` is neither a file nor a dealer of the policy"), help }
    })
}

/// An order, facts or a claim.
pub fn input(path: &Path, format: Format) -> Result<Node, Stop> {
    let text = fs::read_to_string(path).map_err(|error| Stop::file(path, error, "name a JSON or YAML file"))?;
    let mut diagnostics = Diagnostics::default();
    let sources = Sources { files: vec![SourceFile::new(path.display().to_string(), text)], ..Sources::default() };
    let node = import::input(0, &sources.files[0], &mut diagnostics);
    match node {
        Some(node) if !diagnostics.failed() => Ok(node),
        _ => {
            match format {
                Format::Text => show::diagnostics(&diagnostics, &sources),
                Format::Json => show::diagnostics_only(&diagnostics, &sources),
            }
            Err(Stop::Faults)
        }
    }
}
