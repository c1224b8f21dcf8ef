//! How many wasm instructions a quote takes: the same number on every machine, so a ceiling can be enforced where a time cannot.
//!
//! A counter is put in front of every run of instructions that are always executed together, in a copy of the module as it is shipped.
//! What is counted is wasm instructions, the unit of hosts that meter them; a bulk copy is one.

use crate::bench;
use crate::package;
use crate::run::{Outcome, file, program, root, run};
use std::path::{Path, PathBuf};
use walrus::ir::{BinaryOp, Binop, Const, GlobalGet, GlobalSet, Instr, InstrLocId, InstrSeqId, Value};
use walrus::{ConstExpr, GlobalId, LocalFunction, Module, ModuleConfig, ValType};

/// Measures the package in `pkg/` against `benches/ceilings.json`: its bytes, and what it executes.
pub fn ceilings() -> Outcome {
    // The carts of X are priced with the policy of M.
    let bundle = bench::bundle(package::qudao(), "M", "")?;
    bench::bundle(package::qudao(), "M", "programs")?;
    bench::bundle(package::qudao(), "M", "idle")?;
    let counting = counting_module(&package::folder().join("engine.wasm"))?;
    let mut node = program("node");
    node.arg(root().join("benches/ceilings.mjs")).arg(counting).env("QUDAO_APP", package::folder());
    run(node.env("QUDAO_BUNDLES", bundle.parent().unwrap_or(Path::new("."))))
}

/// Prints in which functions the instructions of one quote of M are executed, and those of loading.
pub fn functions() -> Outcome {
    let bundle = bench::bundle(package::qudao(), "M", "")?;
    let mut module = crate::glue::named()?;
    let ids: Vec<_> = module.funcs.iter_local().map(|(id, _)| id).collect();
    for id in ids {
        let counter = module.globals.add_local(ValType::I64, true, false, ConstExpr::Value(Value::I64(0)));
        let function = module.funcs.get_mut(id);
        let name = function.name.clone().unwrap_or_default();
        module.exports.add(&format!("in {} {name}", id.index()), counter);
        count_function(function.kind.unwrap_local_mut(), counter);
    }
    let out = bench::folder().join("functions.wasm");
    file::write(&out, module.emit_wasm())?;
    let mut node = program("node");
    node.arg(root().join("benches/functions.mjs")).arg(out).env("QUDAO_APP", package::folder());
    run(node.env("QUDAO_BUNDLES", bundle.parent().unwrap_or(Path::new("."))))
}

/// The engine with its counter, a global that it exports as `instructions`.
fn counting_module(engine: &Path) -> Outcome<PathBuf> {
    let failed = |error| format!("{}: {error:#}", engine.display());
    let mut module = ModuleConfig::new().parse(&file::read_bytes(engine)?).map_err(failed)?;
    count(&mut module);
    let out = bench::folder().join("counting.wasm");
    file::write(&out, module.emit_wasm())?;
    Ok(out)
}

fn count(module: &mut Module) {
    let counter = module.globals.add_local(ValType::I64, true, false, ConstExpr::Value(Value::I64(0)));
    module.exports.add("instructions", counter);
    module.funcs.iter_local_mut().for_each(|(_, function)| count_function(function, counter));
}

fn count_function(function: &mut LocalFunction, counter: GlobalId) {
    let mut sequences = vec![function.entry_block()];
    while let Some(sequence) = sequences.pop() {
        sequences.extend(inner(function, sequence));
        count_sequence(function, sequence, counter);
    }
}

/// The blocks that stand directly in a sequence.
pub fn inner(function: &LocalFunction, sequence: InstrSeqId) -> Vec<InstrSeqId> {
    let blocks = |instr: &Instr| match instr {
        Instr::Block(block) => vec![block.seq],
        Instr::Loop(block) => vec![block.seq],
        Instr::IfElse(either) => vec![either.consequent, either.alternative],
        _ => Vec::new(),
    };
    function.block(sequence).instrs.iter().flat_map(|(instr, _)| blocks(instr)).collect()
}

fn count_sequence(function: &mut LocalFunction, sequence: InstrSeqId, counter: GlobalId) {
    let instrs = std::mem::take(&mut function.block_mut(sequence).instrs);
    let mut counted = Vec::with_capacity(instrs.len() * 2);
    for run in instrs.split_inclusive(|(instr, _)| leaves(instr)) {
        let length = i64::try_from(run.len()).unwrap_or(i64::MAX);
        let added = [
            Instr::GlobalGet(GlobalGet { global: counter }),
            Instr::Const(Const { value: Value::I64(length) }),
            Instr::Binop(Binop { op: BinaryOp::I64Add }),
            Instr::GlobalSet(GlobalSet { global: counter }),
        ];
        counted.extend(added.map(|instr| (instr, InstrLocId::default())));
        counted.extend_from_slice(run);
    }
    function.block_mut(sequence).instrs = counted;
}

/// Whether what stands after it may not be executed, or not by this pass.
pub fn leaves(instr: &Instr) -> bool {
    use Instr::{Block, Br, BrIf, BrTable, IfElse, Loop, Return, Unreachable};
    matches!(instr, Block(_) | Loop(_) | IfElse(_) | Br(_) | BrIf(_) | BrTable(_) | Return(_) | Unreachable(_))
}
