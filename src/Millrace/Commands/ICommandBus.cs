using Millrace.Commands;

namespace Millrace;

/// <summary>Sends commands to their handlers. Thread-safe.</summary>
/// <remarks>
/// The bus validates, authorizes, handles and commits a command. The events of all aggregates that the handler loaded
/// are appended in one transaction. After a conflict with another append, the handler runs again on the new state, so
/// its other effects must be repeatable. Handlers get their services from the scope in which the bus was resolved. A
/// mock only has to implement the method with options, because the other method calls it.
/// </remarks>
public interface ICommandBus
{
    /// <summary>
    /// Sends a command with options, such as the user, the conversation and the idempotency key. Returns the result
    /// when it is durable.
    /// </summary>
    /// <exception cref="HandlerNotFoundException">No handler is registered for the command.</exception>
    /// <exception cref="ValidationFailedException">The command is not well formed. No aggregate was loaded.</exception>
    /// <exception cref="AccessDeniedException">The user may not send the command.</exception>
    /// <exception cref="AggregateNotFoundException">An aggregate of the command does not exist.</exception>
    /// <exception cref="AggregateExistsException">An aggregate that the command creates already exists.</exception>
    /// <exception cref="InvariantViolatedException">A rule of the domain does not allow the command.</exception>
    /// <exception cref="VersionConflictException">Other clients appended first in all attempts.</exception>
    /// <exception cref="StoreBusyException">The store's queue remained full.</exception>
    /// <exception cref="IdempotencyKeyReusedException">The key was used for a command with other contents.</exception>
    ValueTask<CommandResult<TResult>> Send<TResult>(
        ICommand<TResult> command, SendOptions? options, CancellationToken cancellationToken = default);

    /// <summary>Sends a command without options.</summary>
    /// <inheritdoc cref="Send{TResult}(ICommand{TResult}, SendOptions?, CancellationToken)"/>
    sealed ValueTask<CommandResult<TResult>> Send<TResult>(
        ICommand<TResult> command, CancellationToken cancellationToken = default) =>
        this is CommandBus bus // A call of a generic interface method costs as much as the rest of a plain dispatch.
            ? bus.Send(command, null, cancellationToken)
            : Send(command, null, cancellationToken);
}
