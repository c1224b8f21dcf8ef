//! The ordering page and its edge worker on loopback, in the open-source Workers runtime with its local SQL storage.

use crate::run::{Outcome, file, program, read, root, run, step, target};
use crate::{package, setup};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

pub const POLICY: &str = "examples/haofeng";

pub struct Options {
    port: u16,
}

pub fn options(words: &[&str]) -> Outcome<Options> {
    match words {
        [] => Ok(Options { port: 8787 }),
        ["--port", port] => port.parse().map(|port| Options { port }).map_err(|_| format!("`{port}` is not a port")),
        _ => Err("cargo xtask demo [--port N]".to_owned()),
    }
}

pub fn demo(options: Options) -> Outcome {
    package::build()?;
    step("Workers runtime", || setup::npm_packages("www"))?;
    let folder = step("sample policy and page", stage)?;
    serve(&folder, options.port)
}

/// Puts together what the worker's configuration names. Orders of earlier runs, in `state`, stay.
pub fn stage() -> Outcome<PathBuf> {
    let demo = target().join("demo");
    let (pkg, www) = (package::folder(), root().join("www"));
    file::folder(&demo.join("state"))?;
    for name in file::names(&demo)?.iter().filter(|name| *name != "state") {
        file::remove(&demo.join(name))?;
    }
    one_file(&demo.join("policy.wasm"))?;
    file::write(&demo.join("dealers.json"), dealers(&root().join(POLICY).join("dealers"))?)?;
    file::write(&demo.join("grading.json"), grading(&demo.join("dealers.json"))?)?;
    file::copy_folder(&www.join("edge"), &demo)?;
    file::copy_folder(&pkg, &demo.join("qudao"))?;
    let page = demo.join("public");
    let page_package = page.join("qudao");
    file::folder(&page_package)?;
    for name in file::names(&www.join("public"))?.iter().filter(|name| !name.ends_with(".js") && !name.ends_with(".css")) {
        file::copy(&www.join("public").join(name), &page.join(name))?;
    }
    run(program("node").current_dir(&www).arg("bundle.mjs").arg(&page))?;
    for name in ["browser.js", "common.js", "glue.js", "engine.wasm", "engine.wasm.b64.js"] {
        file::copy(&pkg.join(name), &page_package.join(name))?;
    }
    Ok(demo)
}

/// One module that holds the engine and the sample policy.
pub fn one_file(to: &Path) -> Outcome {
    run(package::qudao().args(["build", POLICY, "--engine"]).arg(package::folder().join("engine.wasm")).arg("--wasm").arg(to))
}

/// The sample's last grading, with what the next grade is worth.
fn grading(dealers: &Path) -> Outcome<String> {
    let scores = root().join("examples/scores");
    let mut command = package::qudao();
    command.args(["grade", POLICY, "--period", "2026-Q3", "--json", "--dealers"]).arg(dealers);
    read(command.arg("--scores").arg(scores.join("haofeng-2026-Q3.csv")).arg("--orders").arg(scores.join("haofeng-2026-Q3-orders.yaml")))
}

fn dealers(folder: &Path) -> Outcome<String> {
    let names = file::names(folder)?;
    let facts: Vec<String> =
        names.iter().filter(|name| name.ends_with(".json")).map(|name| file::read(&folder.join(name))).collect::<Outcome<_>>()?;
    Ok(format!("[{}]", facts.join(",")))
}

fn serve(folder: &Path, port: u16) -> Outcome {
    // Asked for here, because the runtime's own message on a port that is taken is hard to read.
    let listener = TcpListener::bind(("127.0.0.1", port)).map_err(|error| format!("port {port}: {error}; choose another with --port"))?;
    let port = listener.local_addr().map_err(|error| error.to_string())?.port();
    drop(listener);
    let node =
        |script: &str| read(program("node").current_dir(root().join("www")).args(["--print", script])).map(|text| text.trim().to_owned());
    // The runtime itself and not its wrapper in .bin, so that signals reach it.
    let mut runtime = Command::new(node("require('workerd').default")?);
    runtime.current_dir(folder).args(["serve", "edge.capnp", "--socket-addr", &format!("http=127.0.0.1:{port}")]);
    // Signs the dealers' sessions; made at each start, so that none outlives the demo and none lies in a file.
    runtime.env("SESSION_SECRET", node("crypto.randomBytes(32).toString('hex')")?);
    eprintln!("\nhttp://127.0.0.1:{port}   (stop with Ctrl-C)");
    become_it(&mut runtime)
}

/// Replaces this process, so that Ctrl-C and signals end the runtime itself and nothing is left behind.
#[cfg(unix)]
fn become_it(command: &mut Command) -> Outcome {
    use std::os::unix::process::CommandExt;
    Err(format!("the Workers runtime does not start: {}", command.exec()))
}

#[cfg(not(unix))]
fn become_it(command: &mut Command) -> Outcome {
    run(command)
}
