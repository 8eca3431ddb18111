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
        return router.FindTarget(command, options, services) is { } target
            ? Send(command, target, options, cancellationToken)
            : local.Send(command, options, cancellationToken);
    }

    private async ValueTask<CommandResult<TResult>> Send<TResult>(
        ICommand<TResult> command, RouteTarget target, SendOptions? options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // If this node handles the command after another one, external services see the same id.
        var sent = (options ?? new SendOptions()) with { CommandId = options?.CommandId ?? router.NewId() };
        var route = await router
            .TryRoute(target, command, sent, services, cancellationToken)
            .ConfigureAwait(false);
        if (route is not { } call)
            return await local.Send(command, options, cancellationToken).ConfigureAwait(false);
        return await Route<TResult>(target, call, sent, cancellationToken).ConfigureAwait(false)
            ?? await local.Send(command, sent, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Returns the result of the other node. Null if this node has to handle the command, because the other node did
    /// not commit it, or because it has an idempotency key and this node then gets the first answer.
    /// </summary>
    /// <exception cref="StorageException">It is unknown whether the command was committed.</exception>
    private async ValueTask<CommandResult<TResult>?> Route<TResult>(
        RouteTarget target, RoutedCall call, SendOptions sent, CancellationToken cancellationToken)
    {
        byte[] answer;
        try
        {
            answer = await router.Call(call, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure)
            when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            router.Lost(call.Activation, failure);
            return sent.IdempotencyKey is null
                ? throw InDoubt($"The node that handled '{target.Definition.Name}' did not answer", failure)
                : null;
        }
        try
        {
            return AnswerReader.Read<TResult>(answer, target.Answer, cancellationToken);
        }
        catch (UnreadableAnswerException failure)
        {
            return sent.IdempotencyKey is null
                ? throw InDoubt(
                    $"The answer of the node that handled '{target.Definition.Name}' cannot be read", failure)
                : null;
        }
    }

    private static StorageException InDoubt(string problem, Exception cause) => new(
        $"{problem}, so it is unknown whether the command was committed. Check its effect before you send it again, or "
            + $"send commands with an idempotency key, which are repeated automatically. ({cause.Message})",
        StorageProblem.InDoubt,
        cause);
}
