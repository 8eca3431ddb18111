namespace Millrace.Messaging.Receiving;

/// <summary>A route that calls a handler of the application.</summary>
internal sealed class HandlerRoute<T>(MessageHandler<T> handler) : MessageRoute(typeof(T))
    where T : notnull
{
    public override async ValueTask<bool> Handle(
        object data, MessageContext context, InboxId id, IServiceProvider services, CancellationToken cancellationToken)
    {
        await handler((T)data, context, cancellationToken).ConfigureAwait(false);
        return false;
    }
}
