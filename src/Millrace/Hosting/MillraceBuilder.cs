using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Millrace.Messaging;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Storage.Moves;

namespace Millrace;

/// <summary>Says what an application's store is made of. Adapters extend it: <c>UseSqlite</c>,
/// <c>UsePostgreSql</c>.</summary>
public sealed class MillraceBuilder
{
    private readonly HashSet<Type> _models = [];

    internal MillraceBuilder(IServiceCollection services) => Services = services;

    /// <summary>The application's services, for adapters that register their own.</summary>
    public IServiceCollection Services { get; }

    internal ModelBuilder Model { get; } = new();

    internal List<Func<IServiceProvider, ConsumerDefinition>> Consumers { get; } = [];

    /// <summary>By the consumer's name; empty for those that are not named.</summary>
    internal Dictionary<string, FailurePolicy> Policies { get; } = new(StringComparer.Ordinal);

    internal Dictionary<string, Action<CircuitBreakerOptions>> Circuits { get; } = new(StringComparer.Ordinal);

    internal List<SqlProjection> SqlProjections { get; } = [];

    /// <summary>The brokers in use, by name, in the order in which they were added.</summary>
    internal List<(TransportBuilder Transport, Func<IServiceProvider, ITransport> Create)> Transports { get; } = [];

    /// <summary>The broker that the configuration chooses; null when it chooses none.</summary>
    internal TransportSelection? Selection { get; private set; }

    internal bool HasTransports => Transports.Count > 0 || Selection is not null;

    internal Func<IServiceProvider, IStorage>? Storage { get; private set; }

    /// <summary>Where tenants are kept that have a storage each; null when they share one, or there are none.</summary>
    internal Func<IServiceProvider, ITenantStorage>? TenantStorage { get; private set; }

    internal bool HasTenants { get; private set; }

    /// <summary>The commands that are sent again and again.</summary>
    internal List<ScheduleDefinition> Schedules { get; } = [];

    /// <summary>Whether commands are sent at a time.</summary>
    internal bool HasTimers { get; private set; }

    internal bool HasSchedules { get; private set; }

    /// <summary>Whether there is anything that works on events after they were appended.</summary>
    internal bool HasConsumers => HasTimers || HasTransports || HasSchedules
        || Consumers.Count + SqlProjections.Count + Model.Consumers.Count + Model.Processes.Count > 0
        || Model.Projections.Any(projection => projection.Lifecycle != ProjectionLifecycle.Live);

    /// <summary>Keeps the events in a storage, which the store owns and disposes. The last one named is used.</summary>
    public MillraceBuilder UseStorage(Func<IServiceProvider, IStorage> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        (Storage, TenantStorage) = (create, null);
        return this;
    }

    /// <summary>
    /// Keeps the events of each tenant in a storage of its own, as adapters do where <c>{tenant}</c> stands in the name
    /// of a database. The last one named is used.
    /// </summary>
    /// <param name="create">Makes it; the application owns and disposes it.</param>
    public MillraceBuilder UseTenantStorage(Func<IServiceProvider, ITenantStorage> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        (Storage, TenantStorage) = (null, create);
        return WithTenants();
    }

    /// <summary>
    /// Keeps events, read models and all else apart by tenant. The services of the store are then those of the tenant
    /// to which their scope belongs: see <see cref="Tenants"/>. Where the storage is one for all, the names of a
    /// tenant's streams begin with its own: <c>acme/order-1</c>.
    /// </summary>
    /// <param name="configure">Sets how tenants behave. What the configuration section <c>Millrace:Tenants</c> says
    /// comes after and wins.</param>
    public MillraceBuilder WithTenants(Action<TenantOptions>? configure = null)
    {
        HasTenants = true;
        if (configure is not null)
            Services.Configure(configure);
        return this;
    }

    /// <summary>
    /// Names the other storage that the store may be moved to, or was moved to, by <c>millrace move</c>: the
    /// application then goes on there by itself, while it runs and when it starts.
    /// </summary>
    /// <param name="other">Chooses a storage as for this builder: <c>other => other.UsePostgreSql(…)</c>. Nothing else
    /// of it is used.</param>
    /// <exception cref="InvalidOperationException">No storage was chosen before, or none is chosen here.</exception>
    public MillraceBuilder FollowMovesTo(Action<MillraceBuilder> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var first =
            Storage
            ?? throw new InvalidOperationException("Choose the storage first, and then where it may be moved to.");
        var chosen = new MillraceBuilder(Services);
        other(chosen);
        var second =
            chosen.Storage ?? throw new InvalidOperationException("Choose the storage that the store may be moved to.");
        return UseStorage(provider => new MoveAwareStorage(
            first(provider), second(provider), provider.GetRequiredService<TimeProvider>()));
    }

    /// <summary>Keeps the events in memory, where they are lost when the application ends: for tests and
    /// trials.</summary>
    public MillraceBuilder UseInMemory() =>
        UseStorage(provider => new InMemoryStorage(provider.GetRequiredService<TimeProvider>()));

    /// <summary>Adds the events, aggregates, handlers and projections of a model. Adding one twice is
    /// harmless.</summary>
    public MillraceBuilder AddModel<T>()
        where T : IModel
    {
        if (_models.Add(typeof(T)))
            T.Register(Model);
        return this;
    }

    /// <summary>Adds to the model by hand.</summary>
    public MillraceBuilder AddModel(Action<ModelBuilder> register)
    {
        ArgumentNullException.ThrowIfNull(register);
        register(Model);
        return this;
    }

    /// <summary>
    /// Adds a consumer that handles event by event: at least once each, in order within a stream, several streams at
    /// the same time.
    /// </summary>
    /// <param name="name">Its stable name, under which its checkpoint is kept.</param>
    /// <param name="filter">The events it asks for.</param>
    /// <param name="handler">Handles an event; what it throws has it tried again.</param>
    public MillraceBuilder AddConsumer(string name, EventFilter filter, ConsumerEventHandler handler)
    {
        var definition = ConsumerDefinition.Each(name, filter, handler);
        return AddConsumer(_ => definition);
    }

    /// <summary>Adds a consumer that is made with the application's services.</summary>
    public MillraceBuilder AddConsumer(Func<IServiceProvider, ConsumerDefinition> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        Consumers.Add(create);
        return this;
    }

    /// <summary>Adds a projection into tables of the application's own. The storage must be a database that knows
    /// SQL.</summary>
    public MillraceBuilder AddSqlProjection(SqlProjection projection)
    {
        ArgumentNullException.ThrowIfNull(projection);
        SqlProjections.Add(projection);
        return this;
    }

    /// <summary>
    /// Connects a broker. Adapters call it: <c>UseRabbitMq</c>. Called again with the same name it adds to what was
    /// said before, and the last broker is used.
    /// </summary>
    /// <param name="name">Its stable name, such as <c>rabbitmq</c>: its publisher is the consumer
    /// <c>publish.{name}</c>.</param>
    /// <param name="create">Makes it when the application starts; it is disposed with the application.</param>
    /// <param name="configure">Says what goes over it.</param>
    /// <exception cref="InvalidNameException">The name is not allowed.</exception>
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
    /// Connects the broker that the configuration names: <c>Millrace:Messaging:Transport</c> = <c>rabbitmq</c>. Called
    /// again it adds to what was said before.
    /// </summary>
    /// <param name="choices">Which there are, besides <c>memory</c>: <c>choices =>
    /// choices.AddRabbitMq().AddKafka().AddRedis()</c>. Their addresses and options come from the
    /// configuration.</param>
    /// <param name="configure">Says what goes over it, whichever it is: called once for each that there is.</param>
    /// <remarks>
    /// When the application starts, a name that there is not is an <see cref="UnknownTransportException"/>. Each
    /// transport has a publisher of its own, such as <c>publish.kafka</c>: one that has never run begins with the first
    /// event of the log, unless <see cref="TransportOptions.BeginsAtEnd"/> is set.
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

    /// <summary>Keeps the bodies of large messages in a store of the application's own. See <see
    /// cref="TransportOptions.ClaimCheckAbove"/>.</summary>
    /// <param name="create">Makes it when the application starts; it is disposed with the application.</param>
    public MillraceBuilder UseBodyStore(Func<IServiceProvider, IBodyStore> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        Services.RemoveAll<IBodyStore>();
        Services.AddSingleton(create);
        return this;
    }

    /// <summary>Sets where the bodies of large messages lie, and for how long. What the configuration section
    /// <c>Millrace:Messaging:Bodies</c> says comes after and wins.</summary>
    public MillraceBuilder ConfigureMessageBodies(Action<MessageBodyOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Services.Configure(configure);
        return this;
    }

    /// <summary>
    /// Uses a broker in the memory of this process: for one process that needs no other, and for tests. What it holds
    /// is gone when the process ends.
    /// </summary>
    /// <param name="configure">Says what goes over it.</param>
    /// <param name="broker">The broker, where several applications in a process share one; by default one of its
    /// own.</param>
    public MillraceBuilder UseInMemoryTransport(Action<TransportBuilder> configure, InMemoryBroker? broker = null)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var shared = broker ?? new InMemoryBroker();
        return UseTransport(InMemoryTransport.Name, _ => new InMemoryTransport(shared), configure);
    }

    /// <summary>Adds timers: commands that are sent at a time. See <see cref="Timers"/>.</summary>
    public MillraceBuilder AddTimers()
    {
        HasTimers = true;
        return this;
    }

    /// <summary>
    /// Runs schedules that are added at run time. See <see cref="Schedules"/>; <c>AddSchedule</c> does so as well.
    /// </summary>
    public MillraceBuilder AddSchedules()
    {
        HasSchedules = true;
        return this;
    }

    /// <summary>Has a command sent again and again, as cron tells: by one node, once for each time. See
    /// <see cref="Schedules"/>.</summary>
    /// <param name="name">Its stable name: lower case letters, digits and dashes.</param>
    /// <param name="cron">Minute, hour, day of the month, month and day of the week, such as <c>30 3 * * *</c>; or
    /// these with the second before them. If both day fields are restricted, a day matches when either does. An
    /// expression for every hour follows elapsed time when clocks change. For any other, a time of day that does not
    /// exist is taken at the first moment after the gap, and one that occurs twice is taken once.</param>
    /// <param name="command">The command for a time.</param>
    /// <param name="configure">Sets the time zone, and what becomes of times that are missed.</param>
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

    /// <summary>Sets what is done about errors of all consumers that have no policy of their own. Called again it adds
    /// to that.</summary>
    /// <param name="configure">Adds to what is built in.</param>
    public MillraceBuilder OnFailure(Func<FailurePolicy, FailurePolicy> configure) => SetPolicy("", configure);

    /// <summary>Sets what is done about the errors of one consumer.</summary>
    /// <param name="consumer">Its name; of a projection that of its collection, such as <c>daily-sales@1</c>. Unknown
    /// names are refused when the application starts.</param>
    /// <param name="configure">Adds to what is built in.</param>
    public MillraceBuilder OnFailure(string consumer, Func<FailurePolicy, FailurePolicy> configure)
    {
        ArgumentException.ThrowIfNullOrEmpty(consumer);
        return SetPolicy(consumer, configure);
    }

    /// <summary>Sets how the circuit breaker before a service outside behaves; <see cref="CircuitBreakers"/> has
    /// it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="configure">Sets the options, which are checked when the application starts.</param>
    public MillraceBuilder AddCircuitBreaker(string name, Action<CircuitBreakerOptions> configure)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(configure);
        Circuits[name] = configure;
        return this;
    }

    /// <summary>Sets how consumers behave. What the configuration section <c>Millrace:Consumers</c> says comes after
    /// and wins.</summary>
    public MillraceBuilder ConfigureConsumers(Action<ConsumerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Services.Configure(configure);
        return this;
    }

    /// <summary>Sets how the store behaves. What the configuration section <c>Millrace</c> says comes after and
    /// wins.</summary>
    public MillraceBuilder ConfigureStore(Action<StoreOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Services.Configure(configure);
        return this;
    }

    /// <summary>
    /// Audits the log while it grows: see <see cref="LogAudit"/>. What the configuration section <c>Millrace:Audit</c>
    /// says comes after and wins.
    /// </summary>
    public MillraceBuilder AddLogAudit(Action<LogAuditOptions>? configure = null)
    {
        LogAuditRegistration.Add(Services);
        if (configure is not null)
            Services.Configure(configure);
        return this;
    }

    /// <summary>Sets how commands are handled. What the configuration section <c>Millrace:Commands</c> says comes after
    /// and wins.</summary>
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
