//! The binary `dbdesk`: which role, with which configuration. What a role does stands in `roles/`.

use anyhow::Result;
use clap::{Parser, Subcommand};
use dbdesk::roles::{
    account, audit, cmdb, control, detach, doctor, inventory,
    machine::{Args, File},
    migrate, person, points, policy, review, serve,
    start::{configured, environment, many, one},
    task, token,
};
use dbdesk_commands::{
    id::{TaskId, TicketId},
    lang::Lang,
};
use std::{path::PathBuf, process::ExitCode};

/// The desk where DBAs serve developers.
#[derive(Debug, Parser)]
#[command(name = "dbdesk", version)]
struct Cli {
    /// The configuration file; see dbdesk.example.toml
    #[arg(long, global = true, env = "DBDESK_CONFIG", value_name = "PATH")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    role: Role,
}

#[derive(Debug, Subcommand)]
enum Role {
    /// Answer the HTTP API
    Serve,
    /// Start due tasks on this machine, and end those whose process vanished
    Control {
        /// Instead, ask the controls of this machine to take nothing more and to end, and wait for that; what runs runs on
        #[arg(long)]
        drain: bool,
        /// With --drain: those of all machines
        #[arg(long, requires = "drain")]
        all: bool,
    },
    /// Start `dbdesk-run` for a task so that it outlives this process; started by `control`
    Detach {
        /// The task's number
        #[arg(long)]
        task: TaskId,
    },
    /// Make or change the tables of dbdesk's own database
    Migrate,
    /// Review SQL files offline, or list the rules that are in force
    Review(review::ReviewArgs),
    /// Check everything that the desk needs, and say how to mend what fails
    Doctor {
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: doctor::Format,
        /// Language of the answer
        #[arg(long, value_name = "en|zh-CN", default_value = "en", value_parser = lang)]
        lang: Lang,
    },
    /// Look at tasks and steer them, through the API
    Task(task::TaskArgs),
    /// Tokens for the API
    #[command(subcommand)]
    Token(TokenRole),
    /// The desk's people: list, add, link to a Discord user, roles and teams
    #[command(subcommand)]
    Person(person::PersonRole),
    /// Who must approve what
    #[command(subcommand)]
    Policy(PolicyRole),
    /// Every decision: who, from where, of which bytes
    #[command(subcommand)]
    Audit(AuditRole),
    /// The account that makes accounts
    #[command(subcommand)]
    Account(AccountRole),
    /// Service groups, instances, databases and quiet windows
    #[command(subcommand, visible_alias = "cmdb")]
    Inventory(InventoryRole),
}

#[derive(Debug, Subcommand)]
enum TokenRole {
    /// Make a token, and print it once
    Create(token::CreateArgs),
    /// List the tokens, without what they are
    List,
    /// Revoke a token
    Revoke {
        /// What it is called
        name: String,
    },
}

#[derive(Debug, Subcommand)]
enum PolicyRole {
    /// Try every group of approvers and every rule on the people and service groups that there are; exit code 1 where a step can never be met
    Check,
    /// Say which rule holds for a ticket, who must approve it, who has, and who can now
    Explain {
        /// Its number: T-42
        ticket: TicketId,
    },
}

#[derive(Debug, Subcommand)]
enum AuditRole {
    /// Look whether every row is there and as it was written, and print the head
    Verify(audit::VerifyArgs),
    /// List rows, oldest first
    List(audit::ListArgs),
}

#[derive(Debug, Subcommand)]
enum AccountRole {
    /// Print the statements that give it what it needs on a service group, and no more
    Grants(account::GrantsArgs),
}

#[derive(Debug, Subcommand)]
enum InventoryRole {
    /// Read a running group of servers, and print it as an inventory file
    Import(cmdb::ImportArgs),
    /// Make the store's groups what this file says
    Load {
        /// A TOML file
        file: PathBuf,
        /// Language of what is wrong with it
        #[arg(long, value_name = "en|zh-CN", default_value = "en", value_parser = lang)]
        lang: Lang,
    },
}

fn lang(tag: &str) -> Result<Lang, String> {
    match tag {
        "en" => Ok(Lang::En),
        "zh" | "zh-CN" => Ok(Lang::Zh),
        _ => Err("known are en, zh-CN".to_owned()),
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    // Offline: without secrets, without a log.
    if let Role::Review(args) = &cli.role {
        return review::run(args, cli.config.as_deref(), &environment());
    }
    // A client of the API: of the configuration it reads where that is and who asks.
    if let Role::Task(args) = cli.role {
        return match one() {
            Ok(runtime) => runtime.block_on(task::run(args, cli.config.as_deref(), &environment())),
            Err(error) => failed(&error),
        };
    }
    match work(cli) {
        Ok(code) => code,
        Err(error) => failed(&error),
    }
}

fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("dbdesk: {error:#}");
    ExitCode::FAILURE
}

fn work(cli: Cli) -> Result<ExitCode> {
    let config = configured(cli.config.as_deref())?;
    let file = File(cli.config);
    let points = points::points(&environment())?;
    let mut code = ExitCode::SUCCESS;
    match cli.role {
        Role::Serve => many()?.block_on(serve::run(config, points))?,
        Role::Control { drain: true, all } => one()?.block_on(control::drain(config, all))?,
        Role::Control { .. } => many()?.block_on(control::run(file, config, points))?,
        Role::Detach { task } => one()?.block_on(detach::run(Args { file, task }, config, &points))?,
        Role::Migrate => one()?.block_on(migrate::run(config))?,
        Role::Doctor { format, lang } => code = one()?.block_on(doctor::run(&config, format, lang))?,
        Role::Token(TokenRole::Create(args)) => one()?.block_on(token::create(config, args))?,
        Role::Token(TokenRole::List) => one()?.block_on(token::list(config))?,
        Role::Token(TokenRole::Revoke { name }) => one()?.block_on(token::revoke(config, &name))?,
        Role::Person(what) => one()?.block_on(person::run(config, what))?,
        Role::Policy(PolicyRole::Check) => code = one()?.block_on(policy::check(config))?,
        Role::Policy(PolicyRole::Explain { ticket }) => one()?.block_on(policy::explain(config, ticket))?,
        Role::Audit(AuditRole::Verify(args)) => code = one()?.block_on(audit::verify(config, args))?,
        Role::Audit(AuditRole::List(args)) => one()?.block_on(audit::list(config, args))?,
        Role::Account(AccountRole::Grants(args)) => one()?.block_on(account::grants(config, args))?,
        Role::Inventory(InventoryRole::Import(args)) => one()?.block_on(cmdb::import(config, args))?,
        Role::Inventory(InventoryRole::Load { file, lang }) => {
            one()?.block_on(inventory::load(config, &file, lang))?;
        }
        Role::Task(args) => {
            code = one()?.block_on(task::run(args, file.0.as_deref(), &environment()));
        }
        Role::Review(args) => code = review::run(&args, file.0.as_deref(), &environment()),
    }
    Ok(code)
}
