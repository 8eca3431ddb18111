namespace Millrace;

/// <summary>The command bus of a scope.</summary>
internal sealed class CommandBus(CommandRoutes routes, IServiceProvider services) : ICommandBus
{
    public ValueTask<CommandResult<TResult>> Send<TResult>(ICommand<TResult> command, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        return routes.Get<TResult>(command.GetType()).Send(command, services, null, cancellationToken);
    }

    public ValueTask<CommandResult<TResult>> Send<TResult>(
        ICommand<TResult> command, SendOptions? options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        return routes.Get<TResult>(command.GetType()).Send(command, services, options, cancellationToken);
    }
}
