//! The whole system in one process: what the template declares, started in order and stopped in
//! reverse.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, watch};
use tokio::task::JoinSet;
use url::Url;

use crate::address::{PublicUrl, from_here};
use crate::data::{DataDir, DataError};
use crate::function::{FunctionError, Functions, InvokeError, Running};
use crate::gateway::{Gateway, OwnPages};
use crate::options::{Background, Options};
use crate::route::Router;
use crate::sources::{ClockSource, Delivered, Held, QueueReader, SourceError, StreamReader};
use crate::stack::{Backend, Clients, Stack, StackError, Store};
use crate::template::{Event, Locals, Table, Template, TemplateError};

/// The template that is built in.
pub const TEMPLATE: &str = include_str!("../../template.yaml");
/// How often items are looked for whose time is over.
const EXPIRING_S: u64 = 60;
/// One in so many parts of the time for stopping is kept for closing the database.
const CLOSING_PART: u32 = 5;

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
    public_url: PublicUrl,
    stopping_max: Duration,
    template: Template,
    gateway: Gateway,
    sources: Sources,
    stop: watch::Sender<bool>,
    /// Ends the calls of functions that are under way.
    cut: watch::Sender<bool>,
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
        let (listener, here) = listen(options.listen).await?;
        let base_url = here.as_url().clone();
        let public_url = options.public_url.unwrap_or(here);
        let locals = Locals {
            parameters: parameters(template, &public_url, options.overrides),
            master_key: format!("file:{}", data.master_key().display()),
        };
        let mut template = Template::parse(template, &locals)?;
        for function in &mut template.functions {
            let own = ("OWN_ADDRESS".to_owned(), base_url.to_string());
            function.environment.extend([own]);
        }
        let mut stack = Stack::open(&template, data.database().as_deref()).await?;
        if let Some(socket) = data.socket()? {
            stack.listen(&socket)?;
        }
        let (cut, cutting) = watch::channel(false);
        let running = functions.start(&template, &stack.clients, &cutting)?;
        let sources = Sources::of(&template, &running, &stack);
        let (stop, stopped) = watch::channel(false);
        let mut background = JoinSet::new();
        if options.background == Background::Run {
            sources.run(&mut background, &stopped);
            let tables = stack.tables().to_owned();
            background.spawn(expire(stack.backend.store.clone(), tables, stopped));
        }
        let own_pages = OwnPages::new(&public_url, &stack.clients, template.tables.first());
        Ok(Self {
            base_url,
            public_url,
            stopping_max: options.stopping_max,
            template,
            gateway: Gateway::serve(listener, routes(&running), own_pages),
            sources,
            stop,
            cut,
            background,
            stack,
            _data: data,
        })
    }

    /// The URL by which this machine reaches the gateway, with a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> &Url {
        &self.base_url
    }

    /// The URL by which clients and persons reach the gateway.
    #[must_use]
    pub const fn public_url(&self) -> &PublicUrl {
        &self.public_url
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

    /// Deletes the items whose time is over, as each table does on AWS.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn expire(&self) -> Result<(), SourceError> {
        let expired = Stack::expire(&self.stack.backend.store, self.stack.tables()).await;
        expired.map_err(SourceError::Unavailable)
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

    /// Takes no new work, finishes what is under way, and stops. What is not finished in time is
    /// cut, as a crash would cut it: nothing acknowledged is lost, and a delivery that was cut is
    /// made again under the same id.
    pub async fn stop(self) {
        let Self { gateway, mut background, sources, stop, cut, stack, stopping_max, .. } = self;
        let closing_max = stopping_max / CLOSING_PART;
        stop.send_replace(true);
        let finished = async { while background.join_next().await.is_some() {} };
        let finished = async { tokio::join!(gateway.stop(), finished) };
        if tokio::time::timeout(stopping_max - closing_max, finished).await.is_err() {
            tracing::warn!("stopped with work under way, which is taken up at the next start");
            cut.send_replace(true);
            background.abort_all();
        }
        drop(sources);
        if tokio::time::timeout(closing_max, stack.close()).await.is_err() {
            tracing::warn!("stopped before the database was closed");
        }
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

async fn listen(address: SocketAddr) -> Result<(TcpListener, PublicUrl), StartError> {
    let failed = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, PublicUrl::of(from_here(bound))))
}

/// What the parameters are on a laptop, as far as the template has them and nobody says otherwise.
fn parameters(
    template: &str,
    public_url: &PublicUrl,
    overrides: BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let ours = [
        ("PublicUrl", public_url.origin().to_owned()),
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
