using Microsoft.Extensions.DependencyInjection;

namespace Millrace.Messaging.Receiving;

/// <summary>
/// A route that sends a command for a message. The message's id is the idempotency key, which is committed with the
/// command's effects.
/// </summary>
internal sealed class MessageCommandRoute<T, TResult>(Func<T, ICommand<TResult>> create) : MessageRoute(typeof(T))
    where T : notnull
{
    public override async ValueTask<bool> Handle(
        object data, MessageContext context, InboxId id, IServiceProvider services, CancellationToken cancellationToken)
    {
        var scope = services.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            var options = new SendOptions
            {
                IdempotencyKey = id.ToKey(),
                CorrelationId = context.Effect.CorrelationId,
                CausationId = context.Effect.CausationId,
            };
            var result = await scope
                .ServiceProvider.GetRequiredService<ICommandBus>()
                .Send(create((T)data), options, cancellationToken)
                .ConfigureAwait(false);
            context.WasRepeated = result.WasRepeated;
        }
        return true;
    }
}
