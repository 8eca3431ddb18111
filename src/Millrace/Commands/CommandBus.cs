namespace Millrace.Commands;

/// <summary>The command bus of a service scope.</summary>
internal sealed class CommandBus(CommandDispatcher dispatcher, IServiceProvider services) : ICommandBus
{
    public ValueTask<CommandResult<TResult>> Send<TResult>(
        ICommand<TResult> command, SendOptions? options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        return dispatcher.Find<TResult>(command.GetType()).Send(command, services, options, cancellationToken);
    }
}
