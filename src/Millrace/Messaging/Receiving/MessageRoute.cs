namespace Millrace.Messaging;

/// <summary>How a receiver handles messages of one type.</summary>
internal abstract class MessageRoute(Type type)
{
    public Type Type { get; } = type;

    /// <summary>Handles a message. The caller commits the writes in the effect with the inbox entry.</summary>
    /// <returns>True if everything is already committed.</returns>
    public abstract ValueTask<bool> Handle(
        object data,
        MessageContext context,
        InboxId id,
        IServiceProvider services,
        CancellationToken cancellationToken);
}
