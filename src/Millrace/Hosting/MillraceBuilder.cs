using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Millrace.Hosting;
using Millrace.Messaging;
using Millrace.Scheduling;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Storage.Moves;

namespace Millrace;

/// <summary>
/// Configures the store of an application. Adapters add extension methods, such as <c>UseSqlite</c> and
/// <c>UsePostgreSql</c>.
/// </summary>
public sealed class MillraceBuilder
{
    private readonly HashSet<Type> _models = [];

    internal MillraceBuilder(IServiceCollection services) => Services = services;

    /// <summary>Gets the services of the application, for adapters that register their own.</summary>
    public IServiceCollection Services { get; }

    internal ModelBuilder Model { get; } = new();

    internal List<Func<IServiceProvider, ConsumerDefinition>> Consumers { get; } = [];

    /// <summary>
    /// The failure policies by the name of the consumer. The empty name is for all consumers without their own policy.
    /// </summary>
    internal Dictionary<string, FailurePolicy> Policies { get; } = new(StringComparer.Ordinal);

    internal Dictionary<string, Action<CircuitBreakerOptions>> Circuits { get; } = new(StringComparer.Ordinal);

    internal List<SqlProjection> SqlProjections { get; } = [];

    /// <summary>The brokers by name, in the order in which they were added.</summary>
    internal List<(TransportBuilder Transport, Func<IServiceProvider, ITransport> Create)> Transports { get; } = [];

    /// <summary>The brokers from which the configuration selects one; null if the code selects the broker.</summary>
    internal TransportSelection? Selection { get; private set; }

    internal bool HasTransports => Transports.Count > 0 || Selection is not null;

    internal Func<IServiceProvider, IStorage>? Storage { get; private set; }

    /// <summary>
    /// The storage of tenants with a separate storage each; null if tenants share a storage or the application has no
    /// tenants.
    /// </summary>
    internal Func<IServiceProvider, ITenantStorage>? TenantStorage { get; private set; }

    internal bool HasTenants { get; private set; }

    /// <summary>The scheduled commands.</summary>
    internal List<ScheduleDefinition> Schedules { get; } = [];

    /// <summary>Gets whether timers were added.</summary>
    internal bool HasTimers { get; private set; }

    internal bool HasSchedules { get; private set; }

    /// <summary>
    /// Gets whether there are consumers, projections or other components that handle appended events.
    /// </summary>
    internal bool HasConsumers => HasTimers || HasTransports || HasSchedules
        || Consumers.Count + SqlProjections.Count + Model.Consumers.Count + Model.Processes.Count > 0
        || Model.Projections.Any(projection => projection.Lifecycle != ProjectionLifecycle.Live);

    /// <summary>Stores events in a storage, which the store owns and disposes. The last call applies.</summary>
    public MillraceBuilder UseStorage(Func<IServiceProvider, IStorage> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        Storage = create;
        TenantStorage = null;
        return this;
    }

    /// <summary>
    /// Stores the events of each tenant in its own storage. Adapters call this method if the name of a database
    /// contains <c>{tenant}</c>. The last call applies.
    /// </summary>
    /// <param name="create">Creates the storage; the application owns and disposes it.</param>
    public MillraceBuilder UseTenantStorage(Func<IServiceProvider, ITenantStorage> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        Storage = null;
        TenantStorage = create;
        return WithTenants();
    }

    /// <summary>
    /// Separates events, read models and all other data by tenant. The services of the store then belong to the tenant
    /// of their scope (<see cref="Tenants"/>). In a shared storage the stream names of a tenant start with its name,
    /// such as <c>acme/order-1</c>.
    /// </summary>
    /// <param name="configure">Sets the options of tenants. The configuration section <c>Millrace:Tenants</c> overrides
    /// them.</param>
    public MillraceBuilder WithTenants(Action<TenantOptions>? configure = null)
    {
        HasTenants = true;
        if (configure is not null)
            Services.Configure(configure);
        return this;
    }

    /// <summary>
    /// Specifies the storage to which <c>millrace move</c> may move the store. After a move, the application continues
    /// with this storage automatically, while it runs and when it starts.
    /// </summary>
    /// <param name="other">Chooses the storage, such as <c>other => other.UsePostgreSql(…)</c>. Other settings are
    /// ignored.</param>
    /// <exception cref="InvalidOperationException">No storage was chosen before this call, or none is chosen by
    /// <paramref name="other"/>.</exception>
    public MillraceBuilder FollowMovesTo(Action<MillraceBuilder> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var first =
            Storage
            ?? throw new InvalidOperationException("Choose the storage before the storage that it may be moved to.");
        var chosen = new MillraceBuilder(Services);
        other(chosen);
        var second =
            chosen.Storage ?? throw new InvalidOperationException("Choose the storage that the store may be moved to.");
        return UseStorage(provider => new MoveAwareStorage(
            first(provider), second(provider), provider.GetRequiredService<TimeProvider>()));
    }

    /// <summary>Stores events in memory, for tests and experiments. They are lost when the application ends.</summary>
    public MillraceBuilder UseInMemory() =>
        UseStorage(provider => new InMemoryStorage(provider.GetRequiredService<TimeProvider>()));

    /// <summary>
    /// Adds the events, aggregates, handlers and projections of a model. A second call with the same model has no
    /// effect.
    /// </summary>
    public MillraceBuilder AddModel<T>()
        where T : IModel
    {
        if (_models.Add(typeof(T)))
            T.Register(Model);
        return this;
    }

    /// <summary>Adds to the model in code.</summary>
    public MillraceBuilder AddModel(Action<ModelBuilder> register)
    {
        ArgumentNullException.ThrowIfNull(register);
        register(Model);
        return this;
    }

    /// <summary>
    /// Adds a consumer that handles single events. It handles each event at least once, the events of a stream in
    /// order, and several streams in parallel.
    /// </summary>
    /// <param name="name">The stable name, under which the checkpoint is stored.</param>
    /// <param name="filter">The filter for its events.</param>
    /// <param name="handler">Handles an event. If it throws, the consumer retries the event.</param>
    public MillraceBuilder AddConsumer(string name, EventFilter filter, ConsumerEventHandler handler)
    {
        var definition = ConsumerDefinition.Each(name, filter, handler);
        return AddConsumer(_ => definition);
    }

    /// <summary>Adds a consumer that is created with the application's services.</summary>
    public MillraceBuilder AddConsumer(Func<IServiceProvider, ConsumerDefinition> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        Consumers.Add(create);
        return this;
    }

    /// <summary>Adds a projection into the application's own tables. The storage must be an SQL database.</summary>
    public MillraceBuilder AddSqlProjection(SqlProjection projection)
    {
        ArgumentNullException.ThrowIfNull(projection);
        SqlProjections.Add(projection);
        return this;
    }

    /// <summary>
    /// Connects a broker. Adapters call this method, such as in <c>UseRabbitMq</c>. A second call with the same name
    /// adds to the configuration, and its broker replaces the earlier broker.
    /// </summary>
    /// <param name="name">The stable name, such as <c>rabbitmq</c>. The publisher is the consumer
    /// <c>publish.{name}</c>.</param>
    /// <param name="create">Creates the transport when the application starts. The application disposes it.</param>
    /// <param name="configure">Configures what is published and received.</param>
    /// <exception cref="InvalidNameException">The name is not valid.</exception>
    public MillraceBuilder UseTransport(
        string name, Func<IServiceProvider, ITransport> create, Action<TransportBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(create);
        if (ConsumerDefinition.NameProblem(PublishProcessor.NameOf(name)) is { } problem)
            throw new InvalidNameException("transport", name, problem);
        var index = Transports.FindIndex(one => one.Transport.Name == name);
        var transport = index < 0 ? new TransportBuilder(name) : Transports[index].Transport;
        if (index < 0)
            Transports.Add((transport, create));
        else
            Transports[index] = (transport, create);
        configure?.Invoke(transport);
        AddOptions(transport);
        return this;
    }

    /// <summary>
    /// Connects the broker that the setting <c>Millrace:Messaging:Transport</c> selects, such as <c>rabbitmq</c>. A
    /// second call adds to the configuration.
    /// </summary>
    /// <param name="choices">The available brokers, besides <c>memory</c>: <c>choices =>
    /// choices.AddRabbitMq().AddKafka().AddRedis()</c>. Their addresses and options come from the
    /// configuration.</param>
    /// <param name="configure">Configures what is published and received. It is called once for each available
    /// broker.</param>
    /// <remarks>
    /// At the start of the application, an unknown name causes an <see cref="UnknownTransportException"/>. Each
    /// transport has its own publisher, such as <c>publish.kafka</c>. A publisher that has never run starts with the
    /// first event of the log, unless <see cref="TransportOptions.BeginsAtEnd"/> is set.
    /// </remarks>
    public MillraceBuilder UseTransport(Action<TransportAlternatives> choices, Action<TransportBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(choices);
        ArgumentNullException.ThrowIfNull(configure);
        var known = new TransportAlternatives();
        choices(known);
        Selection ??= new TransportSelection();
        Selection.Add(known, configure);
        foreach (var transport in Selection.All)
            AddOptions(transport);
        return this;
    }

    /// <summary>
    /// Stores the bodies of large messages in the application's own store
    /// (<see cref="TransportOptions.ClaimCheckAbove"/>).
    /// </summary>
    /// <param name="create">Creates the store when the application starts. The application disposes it.</param>
    public MillraceBuilder UseBodyStore(Func<IServiceProvider, IBodyStore> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        Services.RemoveAll<IBodyStore>();
        Services.AddSingleton(create);
        return this;
    }

    /// <summary>
    /// Sets where and for how long the bodies of large messages are stored. The configuration section
    /// <c>Millrace:Messaging:Bodies</c> overrides it.
    /// </summary>
    public MillraceBuilder ConfigureMessageBodies(Action<MessageBodyOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Services.Configure(configure);
        return this;
    }

    /// <summary>
    /// Uses a broker in the memory of this program, for a single program and for tests. Its contents are lost when the
    /// program ends.
    /// </summary>
    /// <param name="configure">Configures what is published and received.</param>
    /// <param name="broker">A broker that several applications in one program share; null for a new broker.</param>
    public MillraceBuilder UseInMemoryTransport(Action<TransportBuilder> configure, InMemoryBroker? broker = null)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var shared = broker ?? new InMemoryBroker();
        return UseTransport(InMemoryTransport.Name, _ => new InMemoryTransport(shared), configure);
    }

    /// <summary>Adds timers, which send commands at a set time. See <see cref="Timers"/>.</summary>
    public MillraceBuilder AddTimers()
    {
        HasTimers = true;
        return this;
    }

    /// <summary>
    /// Runs schedules that are added at run time (<see cref="Schedules"/>). <c>AddSchedule</c> includes this method.
    /// </summary>
    public MillraceBuilder AddSchedules()
    {
        HasSchedules = true;
        return this;
    }

    /// <summary>
    /// Sends a command repeatedly by a cron expression. One node sends the command once for each time. See
    /// <see cref="Schedules"/>.
    /// </summary>
    /// <param name="name">The stable name: lower case letters, digits and dashes.</param>
    /// <param name="cron">Minute, hour, day of the month, month and day of the week, such as <c>30 3 * * *</c>; or
    /// these with the second before them. If both day fields are restricted, a day matches when either does. An
    /// expression for every hour follows elapsed time when clocks change. For any other expression, a time of day that
    /// does not exist occurs at the first moment after the gap, and one that occurs twice is used once.</param>
    /// <param name="command">Creates the command for a time.</param>
    /// <param name="configure">Sets the time zone, and the handling of missed times.</param>
    /// <exception cref="FormatException">The text is not a cron expression, or its times never occur.</exception>
    public MillraceBuilder AddSchedule<TResult>(
        string name,
        string cron,
        Func<DateTimeOffset, ICommand<TResult>> command,
        Action<ScheduleOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (ConsumerDefinition.NameProblem(name) is { } problem)
            throw new InvalidNameException("schedule", name, problem);
        if (Schedules.Exists(schedule => schedule.Name == name))
            throw new InvalidOperationException($"Two schedules have the name '{name}': give one of them another.");
        var options = new ScheduleOptions();
        configure?.Invoke(options);
        HasSchedules = true;
        Schedules.Add(
            new ScheduleDefinition(name, cron, command, options.TimeZone, options.Missed, options.Overlapping));
        return this;
    }

    /// <summary>Sets the failure policy of all consumers without their own. A second call adds to it.</summary>
    /// <param name="configure">Extends the default policy.</param>
    public MillraceBuilder OnFailure(Func<FailurePolicy, FailurePolicy> configure) => SetPolicy("", configure);

    /// <summary>Sets the failure policy of one consumer.</summary>
    /// <param name="consumer">The name of the consumer; for a projection the name of its collection, such as
    /// <c>daily-sales@1</c>. An unknown name is an error at the start of the application.</param>
    /// <param name="configure">Extends the default policy.</param>
    public MillraceBuilder OnFailure(string consumer, Func<FailurePolicy, FailurePolicy> configure)
    {
        ArgumentException.ThrowIfNullOrEmpty(consumer);
        return SetPolicy(consumer, configure);
    }

    /// <summary>
    /// Sets the options of the circuit breaker of an external service. Get it from <see cref="CircuitBreakers"/>.
    /// </summary>
    /// <param name="name">The name of the circuit breaker.</param>
    /// <param name="configure">Sets the options, which are validated when the application starts.</param>
    public MillraceBuilder AddCircuitBreaker(string name, Action<CircuitBreakerOptions> configure)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(configure);
        Circuits[name] = configure;
        return this;
    }

    /// <summary>
    /// Sets the options of consumers. The configuration section <c>Millrace:Consumers</c> overrides them.
    /// </summary>
    public MillraceBuilder ConfigureConsumers(Action<ConsumerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Services.Configure(configure);
        return this;
    }

    /// <summary>Sets the options of the store. The configuration section <c>Millrace</c> overrides them.</summary>
    public MillraceBuilder ConfigureStore(Action<StoreOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Services.Configure(configure);
        return this;
    }

    /// <summary>
    /// Audits the log while it grows (<see cref="LogAudit"/>). The configuration section <c>Millrace:Audit</c>
    /// overrides the options.
    /// </summary>
    public MillraceBuilder AddLogAudit(Action<LogAuditOptions>? configure = null)
    {
        LogAuditRegistration.Add(Services);
        if (configure is not null)
            Services.Configure(configure);
        return this;
    }

    /// <summary>
    /// Sets the options of commands. The configuration section <c>Millrace:Commands</c> overrides them.
    /// </summary>
    public MillraceBuilder ConfigureCommands(Action<CommandOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Services.Configure(configure);
        return this;
    }

    private void AddOptions(TransportBuilder transport)
    {
        foreach (var option in transport.TakeOptions())
            Services.Configure(transport.Name, option);
    }

    private MillraceBuilder SetPolicy(string consumer, Func<FailurePolicy, FailurePolicy> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Policies[consumer] = configure(Policies.GetValueOrDefault(consumer) ?? FailurePolicy.Default);
        return this;
    }
}
