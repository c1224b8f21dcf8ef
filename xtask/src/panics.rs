//! Cuts the words of panics out of the module: nobody can read them there.
//!
//! A panic ends the instance, whatever it would have said; the wrapper answers `ENGINE_TRAP`. So a call that can only end in the standard library's
//! panic becomes the trap itself, and the code that gathers what would be said goes with it. Indices stay checked: only the message is missing.

use std::collections::HashSet;
use walrus::ir::{Br, BrIf, BrTable, Call, CallIndirect, Instr, InstrSeqId, Unreachable, Visitor, dfs_in_order};
use walrus::{FunctionId, LocalFunction, Module, passes};

/// Needs the names of the functions, and removes them.
pub fn cut(module: &mut Module) {
    let mut ending: HashSet<FunctionId> = HashSet::new();
    // A function that only calls one that never returns never returns either.
    loop {
        let known = ending.len();
        let of_std = module.funcs.iter().filter(|function| function.name.as_deref().is_some_and(of_standard_library)).map(|f| f.id());
        let found: Vec<FunctionId> = module.funcs.iter_local().filter(|(_, function)| ends(function, &ending)).map(|(id, _)| id).collect();
        let of_std: HashSet<FunctionId> = of_std.collect();
        ending.extend(found.into_iter().filter(|id| of_std.contains(id)));
        if ending.len() == known {
            break;
        }
    }
    for (_, function) in module.funcs.iter_local_mut() {
        let mut sequences = vec![function.entry_block()];
        while let Some(sequence) = sequences.pop() {
            cut_sequence(function, sequence, &ending);
            sequences.extend(crate::count::inner(function, sequence));
        }
    }
    for function in module.funcs.iter_mut() {
        function.name = None;
    }
    passes::gc::run(module);
}

fn of_standard_library(name: &str) -> bool {
    ["core", "alloc", "std", "__rustc"].iter().any(|krate| name.trim_start_matches('<').starts_with(krate))
}

/// Whether no path through a function leads back to its caller.
fn ends(function: &LocalFunction, ending: &HashSet<FunctionId>) -> bool {
    let entry = function.entry_block();
    let stops = |instr: &Instr| match instr {
        Instr::Unreachable(_) => true,
        Instr::Call(Call { func }) => ending.contains(func),
        _ => false,
    };
    let mut exits = Exits { entry, found: false };
    dfs_in_order(&mut exits, function, entry);
    !exits.found && function.block(entry).instrs.iter().any(|(instr, _)| stops(instr))
}

/// Looks for a way out of a function other than its end.
struct Exits {
    entry: InstrSeqId,
    found: bool,
}

impl Visitor<'_> for Exits {
    fn visit_return(&mut self, _: &walrus::ir::Return) {
        self.found = true;
    }
    fn visit_br(&mut self, branch: &Br) {
        self.found |= branch.block == self.entry;
    }
    fn visit_br_if(&mut self, branch: &BrIf) {
        self.found |= branch.block == self.entry;
    }
    fn visit_br_table(&mut self, branch: &BrTable) {
        self.found |= branch.default == self.entry || branch.blocks.contains(&self.entry);
    }
}

/// What stands before the trap without a branch or a call only prepares it, so it goes too; operands that are left over do not matter to a trap.
fn cut_sequence(function: &mut LocalFunction, sequence: InstrSeqId, ending: &HashSet<FunctionId>) {
    let instrs = &mut function.block_mut(sequence).instrs;
    let call = instrs.iter().position(|(instr, _)| match instr {
        Instr::Call(Call { func }) => ending.contains(func),
        Instr::Unreachable(_) => true,
        _ => false,
    });
    let Some(call) = call else { return };
    let place = instrs[call].1;
    instrs.truncate(call);
    let acts = |instr: &Instr| crate::count::leaves(instr) || matches!(instr, Instr::Call(_) | Instr::CallIndirect(CallIndirect { .. }));
    while instrs.pop_if(|(instr, _)| !acts(instr)).is_some() {}
    instrs.push((Instr::Unreachable(Unreachable {}), place));
}
