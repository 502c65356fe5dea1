//! The environment variables of the command line: every option has one.
//!
//! Keeps true: an option's variable is named after its command and itself, so that a variable set
//! for one command changes no other. Options that mean the same in several commands name a common
//! variable where they are declared.

use clap::{Arg, Command};

const PREFIX: &str = "COUNTERSIGN";

/// The command with a variable for every option that names none: `--no-name` of `tenant set` is
/// `COUNTERSIGN_TENANT_SET_NO_NAME`. What a command acts on (an argument without a name) has none,
/// nor has what only prints (`--help`, `--version`).
pub(super) fn with_variables(command: Command) -> Command {
    below(command, PREFIX)
}

fn below(command: Command, prefix: &str) -> Command {
    let command = command.mut_args(|option| with_variable(option, prefix));
    command.mut_subcommands(|inner| {
        let prefix = format!("{prefix}_{}", shouted(inner.get_name()));
        below(inner, &prefix)
    })
}

fn with_variable(option: Arg, prefix: &str) -> Arg {
    let Some(long) = option.get_long().filter(|_| option.get_env().is_none()) else {
        return option;
    };
    let name = format!("{prefix}_{}", shouted(long));
    option.env(name)
}

fn shouted(name: &str) -> String {
    name.replace('-', "_").to_ascii_uppercase()
}
