//! From paths to policies, engines and inputs. Faults are printed here, so that commands only go on or stop.

use crate::command::{Format, Stop};
use crate::show;
use qudao::check::CheckedPolicy;
use qudao::diagnostic::{Diagnostics, SourceFile, Sources};
use qudao::policy_test::PolicyTest;
use qudao::wire::Node;
use qudao::{Engine, check, compile, import, module};
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

/// Reads and checks a policy folder; prints nothing.
pub fn check(path: &Path) -> Result<Checked, Stop> {
    let files = import::read_folder(path).map_err(|fault| Stop::File { message: fault.to_string(), help: fault.help().to_owned() })?;
    let import::Imported { policy, sources, mut diagnostics, tests } = import::files(files);
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

/// An engine from a policy folder, a bundle, or a module with the policy inside.
pub fn engine(path: &Path, format: Format) -> Result<Engine, Stop> {
    if path.is_dir() {
        return engine_of(compile::compile(&policy(path, format)?).bytes(), format);
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
