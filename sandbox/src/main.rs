//! The `barion-sandbox` program.

#![forbid(unsafe_code)]

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use barion_sandbox::{CARD_LOW_FUNDS, CARD_OK, Callbacks, Log, Sandbox, StartError};
use clap::{Args, Parser, Subcommand, ValueEnum};

const EXAMPLES: &str = "\
Examples:
  barion-sandbox serve
      Listens on http://127.0.0.1:8787 for the seeded shop.
  barion-sandbox serve --payee seller@example.com --payee market@example.com
      Lets payments go to two more wallets.
  barion-sandbox serve --listen 127.0.0.1:0 --any-payee --callbacks off
      Takes a free port and every payee, and calls nobody.
  barion-sandbox serve --frozen-clock
      Lets payments expire and repeats callbacks only when the clock is advanced. Without
      --frozen-clock time passes by itself too.
  barion-sandbox serve --log json 2> calls.jsonl
      Writes a JSON object for each request and each callback.
  barion-sandbox serve --strict
      Refuses what Barion may refuse, typos in names too.
  barion-sandbox serve --db sandbox.db
      Keeps its state in a file, and goes on from it when it is started again.

With a running sandbox:
  curl http://127.0.0.1:8787/sandbox/health
  curl -d '{\"CardNumber\":\"4444888888885559\"}' \
  http://127.0.0.1:8787/sandbox/payments/<PaymentId>/pay
  curl -X POST http://127.0.0.1:8787/sandbox/payments/<PaymentId>/cancel
  curl -X POST http://127.0.0.1:8787/sandbox/payments/<PaymentId>/card-pending
      InProgress: a card was offered, and the bank takes its time until .../pay says what it \
      answers.
  curl -d '{\"Seconds\":1800}' http://127.0.0.1:8787/sandbox/clock/advance
      Sets the clock ahead by half an hour: payments expire, callbacks are repeated. With 0 it only
      waits for the callbacks under way.
  curl http://127.0.0.1:8787/sandbox/callbacks?PaymentId=<PaymentId>
  curl -X POST http://127.0.0.1:8787/sandbox/payments/<PaymentId>/callback
  curl -X PUT -d '{\"Operation\":\"payment_start_v2\",\"Fault\":\"CutAfter\"}' \
  http://127.0.0.1:8787/sandbox/faults";

const STRICT: &str = "\
Takes the stricter reading of rules that the sources leave open, so that what gets through does so \
whichever reading is right:

- Start needs GuestCheckOut, RedirectUrl and CallbackUrl, the period of a reservation or delayed \
capture, Items that come to the Total, a Total above the smallest card payment, a \
PaymentRequestId not used before, and balance for a reservation's fees
- names and words are taken as documented only: a typo is refused by its name, in any request
- keys count in the header only
- the payer has the means that FundingSources name
- one state call in five seconds for each payment, callbacks without a body, --balance-rule

The whole list is in FIDELITY.md, under Strict.";

/// A local Barion: speaks the payment gateway's wire format, keeps payments, moves no money.
#[derive(Parser)]
#[command(version, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs a sandbox until it is stopped with Ctrl-C or SIGTERM.
    #[command(after_help = EXAMPLES)]
    Serve(Serve),
}

#[derive(Args)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "switches, each an option of its own"
)]
struct Serve {
    /// Where to listen; port 0 takes a free one. Keep it on this computer: nothing protects the
    /// sandbox.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8787")]
    listen: SocketAddr,
    /// The shop's secret key, a GUID with or without dashes.
    #[arg(long, value_name = "GUID", default_value = barion_sandbox::POS_KEY)]
    pos_key: String,
    /// One more wallet that can be paid, besides shop@example.com. Can be given several times.
    #[arg(long, value_name = "E-MAIL")]
    payee: Vec<String>,
    /// Takes every payee, instead of refusing those without a wallet.
    #[arg(long)]
    any_payee: bool,
    /// Which shops hear of changes: those on this computer, any over http, or none.
    #[arg(long, value_enum, default_value = "loopback")]
    callbacks: Whom,
    /// Whether callbacks carry paymentId in a form body too, besides the query.
    #[arg(long, value_enum, default_value = "on")]
    callback_body: Switch,
    /// Lets the clock stand still at the moment of the start.
    ///
    /// Payments expire and callbacks are repeated ONLY when it is advanced, with POST
    /// /sandbox/clock/advance. Without this the clock moves with the real time, and advancing adds
    /// to it.
    #[arg(long)]
    frozen_clock: bool,
    /// How to tell on stderr of each request and each callback: this computer's time, what, status,
    /// milliseconds and payment. With json there is nothing else but warnings and errors, and the
    /// sandbox's time is told too.
    #[arg(long, value_enum, default_value = "text")]
    log: Format,
    /// Keeps payments, tokens, shops, the wallet and the clock in this file, and goes on from what
    /// is in it. For one sandbox at a time.
    #[arg(long, value_name = "FILE")]
    db: Option<PathBuf>,
    /// Answers 429 to more than two state calls within five seconds for one payment.
    #[arg(long)]
    rate_limit: bool,
    /// Refuses refunds that the wallet's available balance does not cover.
    #[arg(long)]
    balance_rule: bool,
    /// Takes the stricter reading of rules that the sources leave open.
    #[arg(long, long_help = STRICT)]
    strict: bool,
    /// Where payers' browsers find the sandbox, when that is not where it listens: behind a
    /// container's published port or a proxy.
    #[arg(long, value_name = "URL")]
    public_url: Option<url::Url>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Whom {
    Loopback,
    Any,
    Off,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Command::Serve(options) = Cli::parse().command;
    match serve(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut text = error.to_string();
            let mut cause = std::error::Error::source(&*error);
            while let Some(inner) = cause {
                text = format!("{text}: {inner}");
                cause = inner.source();
            }
            eprintln!("barion-sandbox: {text}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(options: Serve) -> Result<(), Box<dyn std::error::Error>> {
    let (listen, frozen) = (options.listen, options.frozen_clock);
    let db = options.db.clone();
    let chatty = options.log == Format::Text;
    if !listen.ip().is_loopback() {
        eprintln!(
            "WARNING: {listen} is not a loopback address. EVERYBODY who can reach this computer \
             can see and pay the payments and advance the clock. The sandbox has no protection."
        );
    }
    let stop = stop_signal()?;
    let sandbox = start(options).await?;
    let url = sandbox.url();
    let url = url.as_str().trim_end_matches('/');
    // Before the address is told: from then on there may be lines about calls.
    if chatty {
        eprintln!("shop key       {}", sandbox.pos_key());
        eprintln!("payee          {}", barion_sandbox::PAYEE);
        eprintln!("card           {CARD_OK} succeeds, {CARD_LOW_FUNDS} has low funds");
        eprintln!("{}", clock_notice(frozen));
        match db {
            Some(file) => eprintln!("Payments are kept in {}. Stop with Ctrl-C.", file.display()),
            None => eprintln!("Payments are kept in memory only. Stop with Ctrl-C."),
        }
    }
    let mut out = std::io::stdout();
    writeln!(out, "listening on {url}")?;
    out.flush()?;
    stop.await;
    sandbox.stop().await;
    Ok(())
}

fn clock_notice(frozen: bool) -> &'static str {
    if frozen {
        "clock          stands still until POST /sandbox/clock/advance"
    } else {
        "clock          real time; POST /sandbox/clock/advance sets it ahead"
    }
}

async fn start(options: Serve) -> Result<Sandbox, StartError> {
    let mut builder = Sandbox::builder()
        .listen(options.listen)
        .pos_key(&options.pos_key)
        .rate_limit(options.rate_limit)
        .balance_rule(options.balance_rule)
        .strict(options.strict)
        .real_time(!options.frozen_clock)
        .log(match options.log {
            Format::Text => Log::Text,
            Format::Json => Log::Json,
        })
        .callback_body(options.callback_body == Switch::On)
        .callbacks(match options.callbacks {
            Whom::Loopback => Callbacks::Loopback,
            Whom::Any => Callbacks::Any,
            Whom::Off => Callbacks::Off,
        });
    for payee in &options.payee {
        builder = builder.payee(payee);
    }
    if let Some(url) = options.public_url {
        builder = builder.public_url(url);
    }
    if let Some(file) = options.db {
        builder = builder.db(file);
    }
    if options.any_payee {
        builder = builder.any_payee();
    }
    builder.start().await
}

/// Set up before the server is announced, so that a stop right after it is not missed.
#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without a handler the program ends by the default of the system.
        let _ = tokio::signal::ctrl_c().await;
    })
}
