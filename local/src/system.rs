//! The whole system in one process: what the template declares, started in order and stopped in
//! reverse.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, watch};
use tokio::task::JoinSet;
use url::Url;

use crate::data::{DataDir, DataError};
use crate::function::{FunctionError, Functions, InvokeError, Running};
use crate::gateway::Gateway;
use crate::route::Router;
use crate::sources::{ClockSource, Delivered, Held, QueueReader, SourceError, StreamReader};
use crate::stack::{Backend, Clients, Stack, StackError, Store};
use crate::template::{Event, Locals, Table, Template, TemplateError};

/// The template that is built in.
pub const TEMPLATE: &str = include_str!("../../template.yaml");
/// How often items are looked for whose time is over.
const EXPIRING_S: u64 = 60;

/// How to start.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where everything is kept; in memory where nothing is said.
    pub data_dir: Option<PathBuf>,
    /// Where to listen; port 0 takes any that is free.
    pub listen: SocketAddr,
    /// Who brings messages, changes and ticks to functions.
    pub background: Background,
    /// Parameters of the template.
    pub overrides: BTreeMap<String, String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            data_dir: None,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            background: Background::Run,
            overrides: BTreeMap::new(),
        }
    }
}

/// Who brings messages, changes and ticks to functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Background {
    /// The system, as soon as there are any.
    Run,
    /// The caller, step by step.
    Step,
}

/// The system does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data directory cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Which address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The template does not say what it must.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The database or a queue does not start.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// Template and handlers do not agree.
    #[error(transparent)]
    Functions(#[from] FunctionError),
}

/// A system that runs.
pub struct System {
    base_url: Url,
    template: Template,
    gateway: Gateway,
    sources: Sources,
    stop: watch::Sender<bool>,
    background: JoinSet<()>,
    stack: Stack,
    // Last, so that it is given back last.
    _data: DataDir,
}

#[derive(Default)]
struct Sources {
    queues: Vec<Arc<QueueReader>>,
    streams: Vec<Arc<StreamReader>>,
    clocks: Vec<Arc<ClockSource>>,
}

impl System {
    /// Starts what the built-in template declares.
    ///
    /// # Errors
    /// A [`StartError`] that says what is wrong with which part; nothing runs then.
    pub async fn start(options: Options, functions: Functions) -> Result<Self, StartError> {
        Self::start_with(TEMPLATE, options, functions).await
    }

    /// Starts what a template declares.
    ///
    /// # Errors
    /// A [`StartError`] that says what is wrong with which part; nothing runs then.
    pub async fn start_with(
        template: &str,
        options: Options,
        functions: Functions,
    ) -> Result<Self, StartError> {
        let data = DataDir::open(options.data_dir.as_deref())?;
        let (listener, base_url) = listen(options.listen).await?;
        let locals = Locals {
            parameters: parameters(template, &base_url, options.overrides),
            master_key: format!("file:{}", data.master_key().display()),
        };
        let template = Template::parse(template, &locals)?;
        let mut stack = Stack::open(&template, data.database().as_deref()).await?;
        if let Some(socket) = data.socket()? {
            stack.listen(&socket)?;
        }
        let running = functions.start(&template, &stack.clients)?;
        let sources = Sources::of(&template, &running, &stack);
        let (stop, stopped) = watch::channel(false);
        let mut background = JoinSet::new();
        if options.background == Background::Run {
            sources.run(&mut background, &stopped);
            let tables = stack.tables().to_owned();
            background.spawn(expire(stack.backend.store.clone(), tables, stopped));
        }
        Ok(Self {
            base_url,
            template,
            gateway: Gateway::serve(listener, routes(&running)),
            sources,
            stop,
            background,
            stack,
            _data: data,
        })
    }

    /// Where the gateway is reached, with a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> &Url {
        &self.base_url
    }

    /// The database and the queues, for functions outside this process.
    #[must_use]
    pub const fn backend(&self) -> &Backend {
        &self.stack.backend
    }

    /// The clients that the functions use.
    #[must_use]
    pub fn clients(&self) -> &Clients {
        &self.stack.clients
    }

    /// What was declared.
    #[must_use]
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// Brings one batch of a queue's visible messages to its function.
    ///
    /// # Errors
    /// No function reads the queue, or the queue does not answer.
    pub async fn deliver(&self, queue: &str) -> Result<Delivered, SourceError> {
        self.queue(queue)?.deliver().await
    }

    /// Brings the last batch once more, as a queue may.
    ///
    /// # Errors
    /// No function reads the queue, or nothing was brought before.
    pub async fn deliver_again(&self, queue: &str) -> Result<Delivered, SourceError> {
        self.queue(queue)?.deliver_again().await
    }

    /// Ends the visibility time-outs of messages that failed; answers how many there were.
    ///
    /// # Errors
    /// No function reads the queue, or the queue does not answer.
    pub async fn show(&self, queue: &str) -> Result<usize, SourceError> {
        self.queue(queue)?.show().await
    }

    /// Waits for the queue's calls under way, and holds back the rest while the answer lives.
    ///
    /// # Errors
    /// No function reads the queue.
    pub async fn hold(&self, queue: &str) -> Result<Held, SourceError> {
        Ok(self.queue(queue)?.hold().await)
    }

    /// Throws away all messages of a queue.
    ///
    /// # Errors
    /// There is no such queue, or it does not answer.
    pub async fn purge(&self, queue: &str) -> Result<(), SourceError> {
        let unknown = || SourceError::Unknown(queue.to_owned());
        let url = &self.template.queue(queue).ok_or_else(unknown)?.url;
        let purged = self.stack.clients.sqs.purge_queue().queue_url(url).send().await;
        let told = |e| aws_sdk_sqs::error::DisplayErrorContext(e).to_string();
        purged.map(drop).map_err(|error| SourceError::Unavailable(told(error)))
    }

    /// Calls a scheduled function now.
    ///
    /// # Errors
    /// The clock does not call the function.
    pub async fn tick(&self, function: &str) -> Result<Result<Value, InvokeError>, SourceError> {
        let mut clocks = self.sources.clocks.iter();
        let found = clocks.find(|clock| clock.function.function.id == function);
        let clock = found.ok_or_else(|| SourceError::Unknown("the clock".to_owned()))?;
        Ok(clock.tick().await)
    }

    /// Brings one batch of changes to a function that reads a stream.
    ///
    /// # Errors
    /// The function reads no stream, or the stream does not answer.
    pub async fn deliver_changes(&self, function: &str) -> Result<Delivered, SourceError> {
        let mut streams = self.sources.streams.iter();
        let found = streams.find(|stream| stream.function.function.id == function);
        let stream = found.ok_or_else(|| SourceError::Unknown("a stream".to_owned()))?;
        stream.deliver().await
    }

    /// Whether a function that reads a stream has read all there is.
    ///
    /// # Errors
    /// The function reads no stream, or the stream does not answer.
    pub async fn caught_up(&self, function: &str) -> Result<bool, SourceError> {
        let mut streams = self.sources.streams.iter();
        let found = streams.find(|stream| stream.function.function.id == function);
        let stream = found.ok_or_else(|| SourceError::Unknown("a stream".to_owned()))?;
        stream.caught_up().await
    }

    /// Answers what is under way, and stops.
    pub async fn stop(self) {
        self.gateway.stop().await;
        self.stop.send_replace(true);
        self.background.join_all().await;
        drop(self.sources);
        self.stack.close().await;
    }

    fn queue(&self, id: &str) -> Result<&Arc<QueueReader>, SourceError> {
        let mut queues = self.sources.queues.iter();
        let found = queues.find(|reader| reader.queue.id == id);
        found.ok_or_else(|| SourceError::Unknown(id.to_owned()))
    }
}

impl Sources {
    fn of(template: &Template, running: &[Arc<Running>], stack: &Stack) -> Self {
        let mut sources = Self::default();
        for function in running {
            for event in &function.function.events {
                sources.add(event, (template, stack), function);
            }
        }
        sources
    }

    fn add(
        &mut self,
        event: &Event,
        (template, stack): (&Template, &Stack),
        function: &Arc<Running>,
    ) {
        let function = Arc::clone(function);
        match event {
            Event::Route(_) => {}
            Event::Queue(source) => {
                let mut queues = template.queues.iter();
                let queue = queues.find(|queue| queue.arn == source.queue_arn);
                let queue = queue.expect("parsing checked that the queue is declared").clone();
                let access = (stack.clients.sqs.clone(), Arc::clone(&stack.backend.queues));
                let reader = QueueReader::new(queue, source.clone(), function, access);
                self.queues.push(Arc::new(reader));
            }
            Event::Stream(source) => {
                let mut tables = template.tables.iter();
                let table = tables.find(|table| table.stream_arn() == source.stream_arn);
                self.streams.push(Arc::new(StreamReader {
                    source: source.clone(),
                    table: table.expect("parsing checked that the stream is declared").clone(),
                    function,
                    store: stack.backend.store.clone(),
                    progress: Mutex::default(),
                }));
            }
            Event::Schedule(source) => {
                self.clocks.push(Arc::new(ClockSource { source: source.clone(), function }))
            }
        }
    }

    fn run(&self, tasks: &mut JoinSet<()>, stopped: &watch::Receiver<bool>) {
        for reader in &self.queues {
            tasks.spawn(Arc::clone(reader).run(stopped.clone()));
        }
        for reader in &self.streams {
            tasks.spawn(Arc::clone(reader).run(stopped.clone()));
        }
        for clock in &self.clocks {
            tasks.spawn(Arc::clone(clock).run(stopped.clone()));
        }
    }
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, Url), StartError> {
    let failed = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    let ip = match bound.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
    };
    let reached = SocketAddr::new(ip, bound.port());
    let url = Url::parse(&format!("http://{reached}/")).expect("a socket address makes a URL");
    Ok((listener, url))
}

/// What the parameters are on a laptop, as far as the template has them and nobody says otherwise.
fn parameters(
    template: &str,
    base_url: &Url,
    overrides: BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let public_url = base_url.as_str().trim_end_matches('/').to_owned();
    let ours = [
        ("PublicUrl", public_url),
        ("Stage", "development".to_owned()),
        ("SandboxBank", "true".to_owned()),
        ("OutboundReach", "loopback".to_owned()),
    ];
    let declared = Template::parameter_names(template);
    let ours = ours.into_iter().filter(|(name, _)| declared.contains(*name));
    let mut parameters: BTreeMap<String, String> =
        ours.map(|(name, value)| (name.to_owned(), value)).collect();
    parameters.extend(overrides);
    parameters
}

fn routes(running: &[Arc<Running>]) -> Router<Arc<Running>> {
    let mut routes = Vec::new();
    for function in running {
        for event in &function.function.events {
            if let Event::Route(route) = event {
                routes.push((route.clone(), Arc::clone(function)));
            }
        }
    }
    Router::new(routes)
}

/// Takes items away whose time is over, as the table would.
async fn expire(store: Store, tables: Vec<Table>, mut stopped: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(EXPIRING_S)) => {}
            _ = stopped.wait_for(|stopped| *stopped) => break,
        }
        if let Err(error) = Stack::expire(&store, &tables).await {
            tracing::warn!(error = %error, "expired items not removed");
        }
    }
}
