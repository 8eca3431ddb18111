namespace Millrace.Messaging.Receiving;

/// <summary>A route that defines how a receiver handles messages of one type.</summary>
internal abstract class MessageRoute(Type type)
{
    public Type Type { get; } = type;

    /// <summary>Handles a message. The caller commits the writes in the effect together with the inbox entry.</summary>
    /// <returns>True if the method has already committed the effect and the inbox entry.</returns>
    public abstract ValueTask<bool> Handle(
        object data,
        MessageContext context,
        InboxId id,
        IServiceProvider services,
        CancellationToken cancellationToken);
}
