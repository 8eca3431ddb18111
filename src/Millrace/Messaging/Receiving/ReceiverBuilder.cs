using Millrace.Messaging.Receiving;

namespace Millrace.Messaging;

/// <summary>Defines how a receiver handles the messages of a destination. Each type has one handler.</summary>
public sealed class ReceiverBuilder
{
    internal ReceiverBuilder(string name, string destination)
    {
        Name = name;
        Destination = destination;
    }

    /// <summary>Gets the receiver's name, which is also the name of its queue or group at the broker.</summary>
    public string Name { get; }

    /// <summary>Gets the destination to which its messages are published.</summary>
    public string Destination { get; }

    internal Dictionary<Type, MessageRoute> Routes { get; } = [];

    /// <summary>Gets the types of the commands and queries that the receiver answers.</summary>
    internal List<Type> Answers { get; } = [];

    internal bool KeepsRetries { get; private set; }

    internal UnreadableMessages Unreadable { get; private set; }

    /// <summary>Gets the requirements of the receiver's own adaptation; null for those of the options.</summary>
    internal LoadOptions? Load { get; private set; }

    /// <summary>Gets the handler of tombstones; null to skip them.</summary>
    internal MessageRoute? TombstoneRoute { get; private set; }

    /// <summary>
    /// Sets the rule for messages that the receiver cannot read. By default, the receiver parks them as dead letters.
    /// Use <see cref="UnreadableMessages.Skip"/> for a topic, queue or stream with other writers. Kafka and Redis
    /// always skip types without a handler.
    /// </summary>
    public ReceiverBuilder OnUnreadable(UnreadableMessages rule)
    {
        if (!Enum.IsDefined(rule))
            throw new ArgumentOutOfRangeException(nameof(rule), rule, "Choose Park, Skip or Stop.");
        Unreadable = rule;
        return this;
    }

    /// <summary>
    /// Handles the tombstones of a compacted topic as deletions of their keys, in order with the other messages of the
    /// key. Without a handler, the receiver counts and skips tombstones. Only Kafka has tombstones.
    /// </summary>
    /// <exception cref="InvalidOperationException">Tombstones already have a handler.</exception>
    public ReceiverBuilder HandleTombstones(MessageHandler<Tombstone> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        if (TombstoneRoute is not null)
            throw new InvalidOperationException(
                $"Receiver '{Name}' already has a handler for tombstones: only one is allowed.");
        TombstoneRoute = new HandlerRoute<Tombstone>(handler);
        return this;
    }

    /// <summary>
    /// Keeps messages for a retry at the broker and not in the store. If nodes have separate stores, another node can
    /// then retry them after a failure. The policy of the consumer <c>receive.{name}</c> sets which errors are retried,
    /// how often and with which pauses. Messages that are not retried still become dead letters in the store. Only
    /// Redis supports this method. With another transport the application does not start.
    /// </summary>
    public ReceiverBuilder RetryAtBroker()
    {
        KeepsRetries = true;
        return this;
    }

    /// <summary>
    /// Chooses the number of messages that the receiver takes at a time, and of handlers that run at the same time,
    /// while it runs. A batch has at most a quarter of <see cref="TransportOptions.Prefetch"/>. Without this method and
    /// <see cref="ConsumerOptions.Load"/>, a batch has a quarter, and all its keys are handled at the same time.
    /// </summary>
    /// <param name="configure">Sets the requirements; null for the defaults.</param>
    /// <exception cref="ArgumentException">The requirements are not valid.</exception>
    public ReceiverBuilder AdaptLoad(Action<LoadOptions>? configure = null)
    {
        Load = LoadOptions.Create(configure);
        return this;
    }

    /// <summary>
    /// Handles messages of a type. Millrace commits the writes in the handler's effect once, even if a message is
    /// delivered several times.
    /// </summary>
    /// <typeparam name="T">An event type of the model. The receiver recognizes messages by the stored name of the type,
    /// and reads them through its upcasters.</typeparam>
    /// <exception cref="InvalidOperationException">The type already has a handler.</exception>
    public ReceiverBuilder Handle<T>(MessageHandler<T> handler)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add(new HandlerRoute<T>(handler));
    }

    /// <summary>
    /// Sends a command for each message of a type. The command takes effect once, even if the message is delivered
    /// several times.
    /// </summary>
    /// <inheritdoc cref="Handle{T}"/>
    public ReceiverBuilder Send<T>(Func<T, ICommand> command)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(command);
        return Add(new MessageCommandRoute<T, Nothing>(command));
    }

    /// <summary>Sends a command that returns an answer. Millrace stores the answer but does not use it.</summary>
    /// <inheritdoc cref="Handle{T}"/>
    public ReceiverBuilder Send<T, TResult>(Func<T, ICommand<TResult>> command)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(command);
        return Add(new MessageCommandRoute<T, TResult>(command));
    }

    /// <summary>
    /// Answers requests of other services. The application's handler handles the command or query, and the receiver
    /// sends the result or error back. A command takes effect once, even if its request is delivered several times. The
    /// receiver skips requests that have expired.
    /// </summary>
    /// <typeparam name="T">A command or query for which the model has a handler. The receiver recognizes requests by
    /// its stable name.</typeparam>
    public ReceiverBuilder Answer<T>()
        where T : notnull
    {
        Answers.Add(typeof(T));
        return this;
    }

    private ReceiverBuilder Add(MessageRoute route)
    {
        if (!Routes.TryAdd(route.Type, route))
            throw new InvalidOperationException(
                $"Receiver '{Name}' already has a handler for '{route.Type.Name}': only one is allowed.");
        return this;
    }
}
