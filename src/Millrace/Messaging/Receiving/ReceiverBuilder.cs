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

    private ReceiverBuilder Add(MessageRoute route)
    {
        if (!Routes.TryAdd(route.Type, route))
            throw new InvalidOperationException($"Receiver '{Name}' has a handler for '{route.Type.Name}' already: a type has one.");
        return this;
    }
}
