using Millrace.Storage;

namespace Millrace.Orleans.Calls;

/// <summary>
/// The command bus of a service scope. It sends a command to the activation of its stream, or handles it on this node.
/// </summary>
internal sealed class RoutingCommandBus(ICommandBus local, CommandRouter router, IServiceProvider services)
    : ICommandBus
{
    public ValueTask<CommandResult<TResult>> Send<TResult>(
        ICommand<TResult> command, SendOptions? options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        return router.TryRoute(command, options, services) is { } call
            ? Send(command, call, options, cancellationToken)
            : local.Send(command, options, cancellationToken);
    }

    private async ValueTask<CommandResult<TResult>> Send<TResult>(
        ICommand<TResult> command, RoutedCall call, SendOptions? options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        byte[] answer;
        try
        {
            answer = await call.Activation.Handle(call.Command, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure)
            when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            router.Lost(call.Activation, failure);
            if (options?.IdempotencyKey is null)
            {
                throw new StorageException(
                    $"The node that handled '{command.GetType().Name}' did not answer, so it is unknown whether the "
                        + "command was committed. Check its effect before you send it again, or send commands with an "
                        + $"idempotency key, which are repeated automatically. ({failure.Message})",
                    StorageProblem.InDoubt,
                    failure);
            }
            // If the other node commits the command, this node gets its answer.
            return await local.Send(command, options, cancellationToken).ConfigureAwait(false);
        }
        return AnswerReader.Read<TResult>(answer, call.Answer, cancellationToken)
            ?? await local.Send(command, options, cancellationToken).ConfigureAwait(false);
    }
}
