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

    /// <summary>Handles messages of a type; what the handler puts into the effect is written once, however often one comes.</summary>
    /// <typeparam name="T">An event type of the model; messages are known by its stored name and read through its upcasters.</typeparam>
    /// <exception cref="InvalidOperationException">The type has a handler already.</exception>
    public ReceiverBuilder Handle<T>(MessageHandling<T> handler)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add(new HandlerRoute<T>(handler));
    }

    /// <summary>Sends a command for each message of a type; what it does is done once, however often the message comes.</summary>
    /// <inheritdoc cref="Handle{T}"/>
    public ReceiverBuilder Send<T>(Func<T, ICommand> command)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(command);
        return Add(new CommandOfMessageRoute<T, Nothing>(command));
    }

    /// <summary>Sends a command that has an answer, which is kept and not looked at.</summary>
    /// <inheritdoc cref="Handle{T}"/>
    public ReceiverBuilder Send<T, TResult>(Func<T, ICommand<TResult>> command)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(command);
        return Add(new CommandOfMessageRoute<T, TResult>(command));
    }

    /// <summary>
    /// Handles requests of other services: has the application's own handler handle the command, or answer the query, and sends back what
    /// came of it, errors included. A command is done once, however often its request comes. Requests that nobody waits for any more are
    /// passed over.
    /// </summary>
    /// <typeparam name="T">A command or query that the model has a handler for; requests are known by its stable name.</typeparam>
    public ReceiverBuilder Answer<T>()
        where T : notnull
    {
        Answers.Add(typeof(T));
        return this;
    }

    private ReceiverBuilder Add(MessageRoute route)
    {
        if (!Routes.TryAdd(route.Type, route))
            throw new InvalidOperationException($"Receiver '{Name}' has a handler for '{route.Type.Name}' already: a type has one.");
        return this;
    }
}
