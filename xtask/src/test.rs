//! Every check, in every place the engine runs.

use crate::report::Report;
use crate::run::{Outcome, cargo, file, program, root, run, target};
use crate::{count, demo, fuzz, package, setup};
use std::path::Path;

pub struct Options {
    quick: bool,
    native: bool,
    browser: bool,
}

pub fn options(mut words: &[&str]) -> Outcome<Options> {
    let mut options = Options { quick: false, native: true, browser: true };
    loop {
        words = match words {
            [] => return Ok(options),
            ["--quick", rest @ ..] => {
                options.quick = true;
                rest
            }
            ["--without", "browser", rest @ ..] => {
                options.browser = false;
                rest
            }
            ["--without", "native", rest @ ..] => {
                options.native = false;
                rest
            }
            _ => return Err("cargo xtask test [--quick] [--without native] [--without browser]".to_owned()),
        }
    }
}

/// Runs every check there is and says whether all passed. A check that fails stops only those that need what it makes.
pub fn test(options: Options) -> Outcome<bool> {
    let quick = if options.quick { Some("--quick") } else { None };
    let no_native = if options.native { None } else { Some("--without native") };
    let no_browser = if options.browser { None } else { Some("--without browser") };
    let mut report = Report::default();

    report.check("format", &[], no_native, || {
        setup::component("rustfmt")?;
        run(cargo().args(["fmt", "--all", "--check"]))
    });
    report.check("lints", &[], no_native, || {
        setup::component("clippy")?;
        run(cargo().args(["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]))
    });
    report.check("lints, wasm", &[], no_native, || {
        setup::wasm_target()?;
        run(cargo().args(["clippy", "--lib", "--test", "wasm", "--target", "wasm32-unknown-unknown", "--", "--deny", "warnings"]))
    });
    report.check("native tests", &[], no_native, || {
        let mut tests = cargo();
        if options.quick {
            tests.env("QUDAO_WORLDS", "500");
        }
        run(tests.args(["test", "--workspace"]))
    });
    report.check("fuzzers", &[], no_native, || fuzz::fuzz(&["--seconds", if options.quick { "10" } else { "60" }]));
    report.check("qudao command", &[], None, package::command);
    report.check("sample policy", &["qudao command"], None, || {
        run(package::qudao().args(["check", demo::POLICY]))?;
        run(package::qudao().args(["test", demo::POLICY]))
    });
    report.check("npm package", &["qudao command"], None, package::package);
    report.check("bytes and instructions", &["npm package"], None, count::ceilings);
    report.check("cases", &[], None, || {
        run(cargo().args(["run", "--quiet", "--example", "emit_cases", "--"]).arg(target().join("cases.json")))
    });
    report.check("test tools", &[], None, || setup::npm_packages("tests").and_then(|()| setup::npm_packages("www")));
    report.check("consumers", &["npm package", "cases", "test tools"], None, stage_consumers);
    report.check("Node", &["consumers"], None, || node_tests("node"));
    report.check("types and bundlers", &["consumers"], quick, || node_tests("consumers"));
    report.check("demo", &["npm package", "test tools"], None, || demo::stage().map(|_| ()));
    report.check("edge", &["consumers", "demo"], None, || node_tests("edge"));
    report.check("Chromium", &["consumers", "demo"], no_browser, || node_tests("browser"));
    Ok(report.close())
}

/// The package as a stranger gets it: packed, then installed beside small programs that use it.
fn stage_consumers() -> Outcome {
    let folder = target().join("consumers");
    file::empty_folder(&folder)?;
    file::copy_folder(&root().join("tests/consumers/app"), &folder)?;
    file::copy(&target().join("cases.json"), &folder.join("cases.json"))?;
    demo::one_file(&folder.join("policy.wasm"))?;
    install(&folder)
}

/// The packed package, installed in a folder of its own.
pub fn install_packed(folder: &Path) -> Outcome {
    file::empty_folder(folder)?;
    file::write(&folder.join("package.json"), "{ \"private\": true, \"type\": \"module\" }\n")?;
    install(folder)
}

fn install(folder: &Path) -> Outcome {
    run(npm(folder).args(["pack", "--silent", "--pack-destination", "."]).arg(package::folder()))?;
    let packed = file::names(folder)?.into_iter().find(|name| name.ends_with(".tgz")).ok_or("npm pack made no file")?;
    run(npm(folder).args(["install", "--silent", "--offline", "--no-save", "--no-package-lock"]).arg(format!("./{packed}")))
}

fn npm(folder: &Path) -> std::process::Command {
    let mut npm = program("npm");
    npm.current_dir(folder);
    npm
}

/// The files `*.test.mjs` of one folder under tests/, by Node's own runner.
fn node_tests(folder: &str) -> Outcome {
    let files = file::names(&root().join("tests").join(folder))?;
    let files: Vec<String> = files.iter().filter(|name| name.ends_with(".test.mjs")).map(|name| format!("tests/{folder}/{name}")).collect();
    let mut node = program("node");
    node.args(["--test", "--test-reporter", "spec", "--test-timeout", "300000"]).args(files).env("QUDAO_TARGET", target());
    if folder == "browser" {
        node.env("CHROMIUM", setup::chromium()?);
    }
    run(&mut node)
}
