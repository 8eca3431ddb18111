namespace Millrace.Messaging;

/// <summary>What a receiver does with messages of one type.</summary>
internal abstract class MessageRoute(Type type)
{
    public Type Type { get; } = type;

    /// <summary>Handles a message; what is left in the effect is committed with the mark, by whoever calls.</summary>
    /// <returns>True when all is committed already.</returns>
    public abstract ValueTask<bool> Handle(
        object data,
        MessageContext context,
        InboxId id,
        IServiceProvider services,
        CancellationToken cancellationToken);
}
