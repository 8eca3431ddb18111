using Millrace.Messaging.Receiving;

namespace Millrace.Messaging;

/// <summary>Defines the messages that an application publishes and receives over a transport.</summary>
public sealed class TransportBuilder
{
    private List<Action<TransportOptions>> _options = [];

    internal TransportBuilder(string name) => Name = name;

    /// <summary>Gets the transport's name, such as <c>rabbitmq</c>.</summary>
    public string Name { get; }

    internal List<PublishRoute> Routes { get; } = [];

    /// <summary>Gets whether anything is published, received or requested.</summary>
    internal bool HasContent => Routes.Count + Receivers.Count + Requests.Count > 0;

    internal List<ReceiverBuilder> Receivers { get; } = [];

    /// <summary>Gets the destinations of requests, by the type of the command or query.</summary>
    internal Dictionary<Type, string> Requests { get; } = [];

    /// <summary>
    /// Publishes the events of a type. Each event is published after its commit and in the order of its stream, and is
    /// retried until the broker confirms it. An event may have several destinations, also on several transports.
    /// </summary>
    /// <param name="destination">The destination: an exchange, a topic or a stream, depending on the broker.</param>
    /// <exception cref="InvalidNameException">Not every broker supports the name.</exception>
    public TransportBuilder Publish<TEvent>(string destination)
        where TEvent : notnull
    {
        Routes.Add(new PublishRoute(PublishRoute.Checked(destination), [], typeof(TEvent)));
        return this;
    }

    /// <summary>Publishes events by the stored names of their types.</summary>
    /// <param name="destination">The destination.</param>
    /// <param name="types">The stored names, at least one. They may include events of Millrace itself, such as
    /// <c>processes.step-failed</c>. If a name is unknown, the application does not start.</param>
    /// <exception cref="InvalidNameException">Not every broker supports the name of the destination.</exception>
    public TransportBuilder Publish(string destination, params IReadOnlyList<string> types)
    {
        ArgumentNullException.ThrowIfNull(types);
        if (types.Count == 0)
            throw new ArgumentException($"Name the events, or call {nameof(PublishAll)}.", nameof(types));
        Routes.Add(new PublishRoute(PublishRoute.Checked(destination), [.. types]));
        return this;
    }

    /// <summary>Publishes every event of the application.</summary>
    /// <param name="destination">The destination.</param>
    /// <exception cref="InvalidNameException">Not every broker supports the name.</exception>
    public TransportBuilder PublishAll(string destination)
    {
        Routes.Add(new PublishRoute(PublishRoute.Checked(destination), []));
        return this;
    }

    /// <summary>
    /// Receives messages. Each message takes effect once, even if it is delivered several times
    /// (<see cref="MessageContext.Effect"/>). The receiver writes a message that it cannot handle to the log. The
    /// consumer <c>receive.{name}</c> retries it and then parks it as a dead letter. Later messages of its key wait for
    /// it, and all others continue.
    /// </summary>
    /// <param name="name">The receiver's stable name, which is unique in the application. It is also the name of the
    /// receiver's queue or group at the broker.</param>
    /// <param name="destination">The destination to which the messages are published.</param>
    /// <param name="configure">Defines how the messages are handled.</param>
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
                $"Receiver '{name}' has no handlers: call {nameof(ReceiverBuilder.Handle)}.", nameof(configure));
        Receivers.Add(receiver);
        return this;
    }

    /// <summary>
    /// Sends commands or queries of a type to another service, which answers them by
    /// <see cref="ReceiverBuilder.Answer{T}"/>. <see cref="Messaging.Requests"/> sends them and waits for the results.
    /// </summary>
    /// <typeparam name="T">The command or query; the model must have JSON metadata for it and its answer.</typeparam>
    /// <param name="destination">The destination from which the other service receives.</param>
    /// <exception cref="InvalidNameException">Not every broker supports the name.</exception>
    /// <exception cref="InvalidOperationException">The type already has a destination.</exception>
    public TransportBuilder Request<T>(string destination)
        where T : notnull
    {
        if (!Requests.TryAdd(typeof(T), PublishRoute.Checked(destination)))
        {
            throw new InvalidOperationException(
                $"Requests of '{typeof(T).Name}' already go to '{Requests[typeof(T)]}': only one destination is "
                    + "allowed.");
        }
        return this;
    }

    /// <summary>
    /// Sets the options of the transport. The configuration section <c>Millrace:Messaging</c> overrides them.
    /// </summary>
    public TransportBuilder Configure(Action<TransportOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        _options.Add(configure);
        return this;
    }

    /// <summary>Returns the settings that were added after the last call.</summary>
    internal IReadOnlyList<Action<TransportOptions>> TakeOptions()
    {
        var taken = _options;
        _options = [];
        return taken;
    }
}
