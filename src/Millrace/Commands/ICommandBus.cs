namespace Millrace;

/// <summary>Sends commands to their handlers. Safe to use from several threads.</summary>
/// <remarks>
/// A command is checked, authorized, handled and committed: the events of all aggregates that its handler loaded are
/// appended together or not at all. When another append came first, the handler runs again on the new state, so what it
/// does besides must bear repetition. Handlers get their services from the scope that the bus was resolved in.
/// </remarks>
public interface ICommandBus
{
    /// <summary>Sends a command and returns what it did, once that is durable.</summary>
    /// <exception cref="HandlerNotFoundException">No handler is registered for it.</exception>
    /// <exception cref="ValidationFailedException">It is not well formed; nothing was loaded.</exception>
    /// <exception cref="AccessDeniedException">It is not allowed.</exception>
    /// <exception cref="AggregateNotFoundException">An aggregate that it is for does not exist.</exception>
    /// <exception cref="AggregateExistsException">An aggregate that it begins exists already.</exception>
    /// <exception cref="InvariantViolatedException">A rule of the domain does not allow it.</exception>
    /// <exception cref="VersionConflictException">Other appends came first, more often than it is retried.</exception>
    /// <exception cref="StoreBusyException">The store's queue stayed full.</exception>
    sealed ValueTask<CommandResult<TResult>> Send<TResult>(
        ICommand<TResult> command, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        return Routes.Get<TResult>(command.GetType()).Send(command, Services, null, cancellationToken);
    }

    /// <summary>Sends a command with more than its data: for whom, in which conversation, under which idempotency
    /// key.</summary>
    /// <inheritdoc cref="Send{TResult}(ICommand{TResult}, CancellationToken)"/>
    /// <exception cref="IdempotencyKeyReusedException">The key was used for a command with other contents.</exception>
    sealed ValueTask<CommandResult<TResult>> Send<TResult>(
        ICommand<TResult> command, SendOptions? options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        return Routes.Get<TResult>(command.GetType()).Send(command, Services, options, cancellationToken);
    }

    // Send is generic: as a virtual method it would cost more to find than all the rest of a plain dispatch. So what
    // differs is here.
    internal CommandRoutes Routes { get; }

    internal IServiceProvider Services { get; }
}
