//! Which program is judged: the one that cargo built, or a command of the user's.

use std::env;
use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;

/// The words by which programs are started, if not directly: a sandbox around them.
const LAUNCHER: &str = "WIRELAB_LAUNCHER";

/// The program under judgement, and how to start it in either role.
///
/// `WIRELAB_PROGRAM` names another build of the lab's own program. `WIRELAB_COMMAND` and
/// `WIRELAB_CLIENT_COMMAND` are command lines of any program that keeps the same promises, with
/// `{port}`, `{host}` and `{args}` in place of what the judge chooses. `WIRELAB_LAUNCHER` stands in
/// front of whatever is started.
pub struct Defendant {
    package: String,
    program: Program,
    /// Whether the user names another program than the package's own.
    is_other: bool,
}

enum Program {
    Own(PathBuf),
    Foreign { server: Option<String>, client: Option<String> },
}

impl Defendant {
    /// The program that cargo built at `program` for `package`, or the one that the user names.
    pub fn new(package: &str, program: &str) -> Self {
        let variable = |name| env::var(name).ok().filter(|text| !text.trim().is_empty());
        let (server, client) = (variable("WIRELAB_COMMAND"), variable("WIRELAB_CLIENT_COMMAND"));
        let other = variable("WIRELAB_PROGRAM");
        let is_other = server.is_some() || client.is_some() || other.is_some();
        let program = if server.is_some() || client.is_some() {
            Program::Foreign { server, client }
        } else {
            Program::Own(other.map_or_else(|| program.into(), PathBuf::from))
        };
        Self { package: package.to_string(), program, is_other }
    }

    /// A server started by `command`, whatever the user names.
    pub fn by_command(command: &str) -> Self {
        let program = Program::Foreign { server: Some(command.to_string()), client: None };
        Self { package: "command".to_string(), program, is_other: true }
    }

    /// The package whose promises are judged.
    pub(crate) fn package(&self) -> &str {
        &self.package
    }

    /// Whether this is what cargo built for the package, so that the verdict is about it.
    pub(crate) fn is_packages_own(&self) -> bool {
        !self.is_other
    }

    /// Whether this is a command of the user's, which owes us nothing but the bytes on the wire.
    pub(crate) fn is_foreign(&self) -> bool {
        matches!(self.program, Program::Foreign { .. })
    }

    /// The lab's own program with exactly these arguments, or `Err` with the reason why not.
    pub(crate) fn program(&self, arguments: &[&str]) -> Result<Command, String> {
        match &self.program {
            Program::Own(program) => {
                let mut command = launched(program)?;
                command.args(arguments);
                Ok(command)
            }
            Program::Foreign { .. } => Err("a command may take other arguments".to_string()),
        }
    }

    /// The command line that judges this program.
    pub(crate) fn how_to_judge(&self) -> String {
        let judge = format!("cargo test -p {}", self.package);
        let Program::Foreign { server, client } = &self.program else { return judge };
        let given = |name: &str, command: &Option<String>| {
            let command = command.as_ref().map(|command| shell_words::quote(command).into_owned());
            command.map(|command| format!("{name}={command} ")).unwrap_or_default()
        };
        given("WIRELAB_COMMAND", server) + &given("WIRELAB_CLIENT_COMMAND", client) + &judge
    }

    /// A command that serves on `port`, or `Err` with the reason why there is none.
    pub(crate) fn server(&self, port: u16, options: &[&str]) -> Result<Command, String> {
        let template = match &self.program {
            Program::Own(program) => {
                let mut command = launched(program)?;
                command.arg("--listen").arg(format!("127.0.0.1:{port}")).args(options);
                return Ok(command);
            }
            Program::Foreign { server, .. } => {
                server.as_ref().ok_or("no command for a server was given (WIRELAB_COMMAND)")?
            }
        };
        if !template.contains("{port}") {
            return Err(format!("the command has no {{port}} in it: {template}"));
        }
        filled(template, &[("{port}", &port.to_string())], options)
    }

    /// A command that talks to `server`, or `Err` with the reason why there is none.
    pub(crate) fn client(&self, server: SocketAddr, options: &[&str]) -> Result<Command, String> {
        let template = match &self.program {
            Program::Own(_) => {
                let address = server.to_string();
                return self.program(&[&["client", &address], options].concat());
            }
            Program::Foreign { client, .. } => client
                .as_ref()
                .ok_or("no command for a client was given (WIRELAB_CLIENT_COMMAND)")?,
        };
        let (host, port) = (server.ip().to_string(), server.port().to_string());
        filled(template, &[("{host}", &host), ("{port}", &port)], options)
    }
}

/// Splits `template` into words as a shell would, and puts in what the judge chose.
fn filled(template: &str, values: &[(&str, &str)], options: &[&str]) -> Result<Command, String> {
    let words = shell_words::split(template).map_err(|why| format!("{why}: {template}"))?;
    if !options.is_empty() && !template.contains("{args}") {
        let options = options.join(" ");
        return Err(format!("the command has no {{args}} for what this promise asks: {options}"));
    }
    let joined = shell_words::join(options);
    let mut words = words.into_iter().flat_map(|word| match word.as_str() {
        "{args}" => options.iter().map(ToString::to_string).collect(),
        _ => {
            let word = word.replace("{args}", &joined);
            vec![values.iter().fold(word, |word, (name, value)| word.replace(name, value))]
        }
    });
    let mut command = launched(words.next().ok_or("the command is empty")?)?;
    command.args(words);
    if is_launched() {
        return Ok(command);
    }
    // cargo starts a test in its package's folder; the user's command is meant from theirs.
    if let Some(folder) = env::var_os("PWD") {
        command.current_dir(folder);
    }
    Ok(command)
}

/// Whether programs are started by a launcher.
pub(crate) fn is_launched() -> bool {
    env::var_os(LAUNCHER).is_some_and(|words| !words.is_empty())
}

/// A command that starts `program`, by the launcher if there is one.
fn launched(program: impl AsRef<OsStr>) -> Result<Command, String> {
    if !is_launched() {
        return Ok(Command::new(program));
    }
    let words = env::var(LAUNCHER).map_err(|why| format!("{LAUNCHER}: {why}"))?;
    let words = shell_words::split(&words).map_err(|why| format!("{LAUNCHER}: {why}"))?;
    let (first, others) = words.split_first().ok_or(format!("{LAUNCHER} is empty"))?;
    let mut command = Command::new(first);
    command.args(others).arg(program);
    Ok(command)
}
