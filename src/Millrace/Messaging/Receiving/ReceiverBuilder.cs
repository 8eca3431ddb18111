namespace Millrace.Messaging;

/// <summary>Says what a receiver does with the messages of a destination. Each type has one handler.</summary>
public sealed class ReceiverBuilder
{
    internal ReceiverBuilder(string name, string destination) => (Name, Destination) = (name, destination);

    /// <summary>The receiver's name: that of its queue or group at the broker.</summary>
    public string Name { get; }

    /// <summary>Where its messages are published to.</summary>
    public string Destination { get; }

    internal Dictionary<Type, MessageRoute> Routes { get; } = [];

    /// <summary>The commands and queries that are answered.</summary>
    internal List<Type> Answers { get; } = [];

    internal bool KeepsRetries { get; private set; }

    internal UnreadableMessages Unreadable { get; private set; }

    /// <summary>What handles tombstones; null to pass over them.</summary>
    internal MessageRoute? TombstoneRoute { get; private set; }

    /// <summary>
    /// Sets what the receiver does with messages that it cannot read; it parks them by default. A receiver of a topic,
    /// queue or stream that others write to as well mostly skips them. Types without a handler are passed over by Kafka
    /// and Redis in any case.
    /// </summary>
    public ReceiverBuilder OnUnreadable(UnreadableMessages rule)
    {
        if (!Enum.IsDefined(rule))
            throw new ArgumentOutOfRangeException(nameof(rule), rule, "Choose Park, Skip or Stop.");
        Unreadable = rule;
        return this;
    }

    /// <summary>
    /// Handles the tombstones of a compacted topic as deletions of their keys, in the order of the other messages of
    /// the key. Without a handler tombstones are counted and passed over. Of the brokers, only Kafka has them.
    /// </summary>
    /// <exception cref="InvalidOperationException">Tombstones have a handler already.</exception>
    public ReceiverBuilder HandleTombstones(MessageHandler<Tombstone> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        if (TombstoneRoute is not null)
            throw new InvalidOperationException(
                $"Receiver '{Name}' has a handler for tombstones already: they have one.");
        TombstoneRoute = new HandlerRoute<Tombstone>(handler);
        return this;
    }

    /// <summary>
    /// Has messages that are to be tried again wait at the broker, and not in the store: of nodes that have stores of
    /// their own another one tries them when the node that failed is gone. Which errors, how often and with which
    /// pauses is said for the consumer <c>receive.{name}</c>; what is not tried again becomes a dead letter in the
    /// store all the same. Over Redis only: the application does not start where its transport keeps none.
    /// </summary>
    public ReceiverBuilder RetryAtBroker()
    {
        KeepsRetries = true;
        return this;
    }

    /// <summary>Handles messages of a type; what the handler puts into the effect is written once, however often one
    /// comes.</summary>
    /// <typeparam name="T">An event type of the model; messages are known by its stored name and read through its
    /// upcasters.</typeparam>
    /// <exception cref="InvalidOperationException">The type has a handler already.</exception>
    public ReceiverBuilder Handle<T>(MessageHandler<T> handler)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add(new HandlerRoute<T>(handler));
    }

    /// <summary>Sends a command for each message of a type; what it does is done once, however often the message
    /// comes.</summary>
    /// <inheritdoc cref="Handle{T}"/>
    public ReceiverBuilder Send<T>(Func<T, ICommand> command)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(command);
        return Add(new MessageCommandRoute<T, Nothing>(command));
    }

    /// <summary>Sends a command that has an answer, which is kept and not looked at.</summary>
    /// <inheritdoc cref="Handle{T}"/>
    public ReceiverBuilder Send<T, TResult>(Func<T, ICommand<TResult>> command)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(command);
        return Add(new MessageCommandRoute<T, TResult>(command));
    }

    /// <summary>
    /// Handles requests of other services: has the application's own handler handle the command, or answer the query,
    /// and sends back what came of it, errors included. A command is done once, however often its request comes.
    /// Requests that nobody waits for any more are passed over.
    /// </summary>
    /// <typeparam name="T">A command or query that the model has a handler for; requests are known by its stable
    /// name.</typeparam>
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
                $"Receiver '{Name}' has a handler for '{route.Type.Name}' already: a type has one.");
        return this;
    }
}
