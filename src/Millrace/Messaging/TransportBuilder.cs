namespace Millrace.Messaging;

/// <summary>Says what goes over a transport.</summary>
public sealed class TransportBuilder
{
    private List<Action<TransportOptions>> _options = [];

    internal TransportBuilder(string name) => Name = name;

    /// <summary>The transport's name: <c>rabbitmq</c>, unless another was given.</summary>
    public string Name { get; }

    internal List<PublishRoute> Routes { get; } = [];

    internal List<ReceiverBuilder> Receivers { get; } = [];

    /// <summary>Where requests go, by the type of the command or query.</summary>
    internal Dictionary<Type, string> Requests { get; } = [];

    /// <summary>
    /// Publishes the events of a type: each is published once it is in the log, in order within its stream, until the
    /// broker confirms it. An event may go to several destinations, also of several transports.
    /// </summary>
    /// <param name="destination">Where to: an exchange, a topic, a stream, as the broker calls it.</param>
    /// <exception cref="InvalidNameException">The name is not one that every broker can have.</exception>
    public TransportBuilder Publish<TEvent>(string destination)
        where TEvent : notnull
    {
        Routes.Add(new PublishRoute(PublishRoute.Checked(destination), [], typeof(TEvent)));
        return this;
    }

    /// <summary>Publishes events by the stored names of their types.</summary>
    /// <param name="destination">Where to.</param>
    /// <param name="types">
    /// The stored names, at least one; also of what Millrace writes, such as <c>processes.step-failed</c>. Unknown
    /// names are refused when the application starts.
    /// </param>
    /// <exception cref="InvalidNameException">The name of the destination is not one that every broker can
    /// have.</exception>
    public TransportBuilder Publish(string destination, params IReadOnlyList<string> types)
    {
        ArgumentNullException.ThrowIfNull(types);
        if (types.Count == 0)
            throw new ArgumentException($"Name the events, or call {nameof(PublishAll)}.", nameof(types));
        Routes.Add(new PublishRoute(PublishRoute.Checked(destination), [.. types]));
        return this;
    }

    /// <summary>Publishes every event of the application.</summary>
    /// <param name="destination">Where to.</param>
    /// <exception cref="InvalidNameException">The name is not one that every broker can have.</exception>
    public TransportBuilder PublishAll(string destination)
    {
        Routes.Add(new PublishRoute(PublishRoute.Checked(destination), []));
        return this;
    }

    /// <summary>
    /// Receives messages. Each has its effect once, however often it comes: see <see cref="MessageContext.Effect"/>.
    /// One that cannot be handled is kept in the log and tried again by the consumer <c>receive.{name}</c>, then parked
    /// as a dead letter; later messages of its key wait behind it, and all others go on.
    /// </summary>
    /// <param name="name">The receiver's stable name, of which the application has one: that of its queue or group at
    /// the broker.</param>
    /// <param name="destination">Where the messages are published to.</param>
    /// <param name="configure">Says what is done with them.</param>
    /// <exception cref="InvalidNameException">A name is not allowed.</exception>
    public TransportBuilder Receive(string name, string destination, Action<ReceiverBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        if (ConsumerDefinition.NameProblem(MessageInbox.ConsumerOf(name)) is { } problem)
            throw new InvalidNameException("receiver", name, problem);
        var receiver = new ReceiverBuilder(name, PublishRoute.Checked(destination));
        configure(receiver);
        if (receiver.Routes.Count + receiver.Answers.Count == 0 && receiver.TombstoneRoute is null)
            throw new ArgumentException(
                $"Receiver '{name}' handles nothing: call {nameof(ReceiverBuilder.Handle)}.", nameof(configure));
        Receivers.Add(receiver);
        return this;
    }

    /// <summary>
    /// Sends commands or queries of a type to another service, which answers them by
    /// <see cref="ReceiverBuilder.Answer{T}"/>: <see cref="Messaging.Requests"/> sends them and waits for what came of
    /// it.
    /// </summary>
    /// <typeparam name="T">The command or query; the model says how it and its answer are written as JSON.</typeparam>
    /// <param name="destination">Where the other service receives.</param>
    /// <exception cref="InvalidNameException">The name is not one that every broker can have.</exception>
    /// <exception cref="InvalidOperationException">The type goes elsewhere already.</exception>
    public TransportBuilder Request<T>(string destination)
        where T : notnull
    {
        if (!Requests.TryAdd(typeof(T), PublishRoute.Checked(destination)))
        {
            throw new InvalidOperationException(
                $"Requests of '{typeof(T).Name}' go to '{Requests[typeof(T)]}' already: a type has one way.");
        }
        return this;
    }

    /// <summary>Sets how the transport is used. What the configuration section <c>Millrace:Messaging</c> says comes
    /// after and wins.</summary>
    public TransportBuilder Configure(Action<TransportOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        _options.Add(configure);
        return this;
    }

    /// <summary>What was set since this was last asked.</summary>
    internal IReadOnlyList<Action<TransportOptions>> TakeOptions()
    {
        var taken = _options;
        _options = [];
        return taken;
    }
}
