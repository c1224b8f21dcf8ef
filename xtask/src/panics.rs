//! Cuts the words of panics out of the module: nobody can read them there.
//!
//! A panic ends the instance, whatever it would have said; the wrapper answers `ENGINE_TRAP`. So a call that can only end in the standard library's
//! panic becomes the trap itself, and the code that gathers what would be said goes with it. Indices stay checked: only the message is missing.

use std::collections::HashSet;
use walrus::ir::{Br, BrIf, BrTable, Call, CallIndirect, Const, Instr, InstrSeqId, Unreachable, Value, Visitor, dfs_in_order};
use walrus::{
    ConstExpr, DataId, DataKind, ElementItems, ElementKind, Function, FunctionBuilder, FunctionId, LocalFunction, Module, passes,
};

/// Needs the names of the functions.
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
    forget_places(module);
    passes::gc::run(module);
    // Each round may free constants that named further functions.
    while forget_functions(module) {
        passes::gc::run(module);
    }
}

/// Empties places of the function table that nothing leads to, and says whether there were any. What closures of JavaScript would call needs no proof:
/// the glue knows none. Any other place stays if its number stands anywhere as a constant or as an aligned word of data.
fn forget_functions(module: &mut Module) -> bool {
    let mut numbers = Numbers::default();
    for (_, function) in module.funcs.iter_local() {
        dfs_in_order(&mut numbers, function, function.entry_block());
    }
    for data in module.data.iter() {
        let DataKind::Active { offset: ConstExpr::Value(Value::I32(start)), .. } = data.kind else { continue };
        // Zeros at the ends were left out of the file.
        let mut words = vec![0; (start & 3) as usize];
        words.extend_from_slice(&data.value);
        words.resize(words.len().next_multiple_of(4), 0);
        numbers.0.extend(words.as_chunks::<4>().0.iter().map(|word| i32::from_le_bytes(*word)));
    }
    let mut builder = FunctionBuilder::new(&mut module.types, &[], &[]);
    builder.func_body().unreachable();
    let trap = builder.finish(Vec::new(), &mut module.funcs);
    // What writes a value into a formatter is not called where nothing makes a formatter.
    let named = |function: &Function, part: &str| function.name.as_deref().is_some_and(|name| name.contains(part));
    let formats = module.funcs.iter().any(|function| named(function, "]::fmt::write"));
    let mut found = false;
    for element in module.elements.iter_mut() {
        let ElementKind::Active { offset: ConstExpr::Value(Value::I32(start)), .. } = element.kind else { continue };
        let ElementItems::Functions(places) = &mut element.items else { continue };
        for (number, function) in (start..).zip(places) {
            let known = module.funcs.get(*function);
            let dead = ["wasm_bindgen::convert::closures", "js_sys::"].iter().any(|room| named(known, room))
                || !formats && ["fmt::Debug>::fmt", "fmt::Display>::fmt"].iter().any(|writer| named(known, writer));
            if known.name.is_some() && (dead || !numbers.0.contains(&number)) {
                *function = trap;
                found = true;
            }
        }
    }
    found
}

/// Every constant that may be the number of a function.
#[derive(Default)]
struct Numbers(HashSet<i32>);

impl Visitor<'_> for Numbers {
    fn visit_const(&mut self, constant: &Const) {
        if let Value::I32(number) = constant.value {
            self.0.insert(number);
        }
    }
}

/// Clears where in the source a panic would have come from: records of path, length, line and column, and the paths. What is zero needs no bytes
/// in the file, so the data is cut there.
fn forget_places(module: &mut Module) {
    const RECORD: usize = 16;
    // Shorter gaps cost more than they save.
    const GAP: usize = 12;
    let segments: Vec<DataId> = module.data.iter().map(|data| data.id()).collect();
    for id in segments {
        let data = module.data.get_mut(id);
        let DataKind::Active { memory, offset: ConstExpr::Value(Value::I32(start)) } = data.kind else { continue };
        let (bytes, start) = (&mut data.value, start as u32);
        let word = |bytes: &[u8], at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let mut paths = Vec::new();
        for at in (0..bytes.len().saturating_sub(RECORD - 1)).step_by(4) {
            let [path, length, line, column] = [0, 4, 8, 12].map(|field| word(bytes, at + field));
            let Some(path) = path.checked_sub(start).map(|path| path as usize) else { continue };
            let path = path..path.saturating_add(length as usize);
            let is_place = length < 300 && (1..100_000).contains(&line) && (1..1_000).contains(&column);
            if is_place && bytes.get(path.clone()).is_some_and(|text| text.ends_with(b".rs") && text.is_ascii()) {
                bytes[at..at + RECORD].fill(0);
                paths.push(path);
            }
        }
        paths.into_iter().for_each(|path| bytes[path].fill(0));
        let bytes = std::mem::take(bytes);
        let mut at = 0;
        while at < bytes.len() {
            at += bytes[at..].iter().take_while(|byte| **byte == 0).count();
            let mut end = at;
            while end < bytes.len() {
                let zeros = bytes[end..].iter().take_while(|byte| **byte == 0).count();
                if zeros >= GAP || end + zeros == bytes.len() {
                    break;
                }
                end += zeros.max(1);
            }
            if end > at {
                let offset = ConstExpr::Value(Value::I32((start as usize + at) as i32));
                let part = module.data.add(DataKind::Active { memory, offset }, bytes[at..end].to_vec());
                module.memories.get_mut(memory).data_segments.insert(part);
            }
            at = end;
        }
        module.memories.get_mut(memory).data_segments.remove(&id);
        module.data.delete(id);
    }
}

fn of_standard_library(name: &str) -> bool {
    ["core", "alloc", "std", "__rustc", "bytemuck"].iter().any(|krate| name.trim_start_matches('<').starts_with(krate))
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
