namespace Millrace.Messaging;

/// <summary>A route to a handler of the application.</summary>
internal sealed class HandlerRoute<T>(MessageHandler<T> handling) : MessageRoute(typeof(T))
    where T : notnull
{
    public override async ValueTask<bool> Handle(
        object data, MessageContext context, InboxId id, IServiceProvider services, CancellationToken cancellationToken)
    {
        await handling((T)data, context, cancellationToken).ConfigureAwait(false);
        return false;
    }
}
