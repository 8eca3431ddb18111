using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Millrace.Auditing;
using Millrace.Security;
using Millrace.Storage;

namespace Millrace.Commands;

/// <summary>Handles one type of command in one store.</summary>
internal abstract class CommandPipeline;

/// <summary>Handles one type of command in one store. The type parameter is the type of the answer.</summary>
internal abstract class CommandPipeline<TResult> : CommandPipeline
{
    /// <summary>Sends a command of exactly the type that the pipeline handles.</summary>
    public abstract ValueTask<CommandResult<TResult>> Send(
        ICommand<TResult> command,
        IServiceProvider services,
        SendOptions? options,
        CancellationToken cancellationToken);
}

/// <summary>Validates, authorizes, handles and commits commands of one type, and retries after conflicts.</summary>
internal sealed class CommandPipeline<TCommand, TResult>(
    CommandDefinition<TCommand, TResult> definition, CommandDispatcher dispatcher) : CommandPipeline<TResult>
    where TCommand : ICommand<TResult>
{
    // A handler that needs only the command is called directly if there is no validation and no authorization.
    private readonly Func<TCommand, TResult>? _direct =
        definition.Validate is null && !dispatcher.HasAuthorizers && dispatcher.Audit is null
            ? definition.Plain
            : null;

    private readonly Instrument _probe = dispatcher.Metrics.Probe;
    private readonly IdempotencyGuard<TResult> _idempotency = new(definition, dispatcher);

    public override ValueTask<CommandResult<TResult>> Send(
        ICommand<TResult> command, IServiceProvider services, SendOptions? options, CancellationToken cancellationToken)
    {
        var isObserved = _probe.Enabled || MillraceTelemetry.Source.HasListeners();
        if (_direct is not null && options is null && !isObserved)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return new(new CommandResult<TResult>(_direct(CastUnchecked(command)), 0, default, WasRepeated: false));
        }
        return isObserved
            ? SendObserved(CastUnchecked(command), services, options, cancellationToken)
            : Answer(CastUnchecked(command), services, options, cancellationToken);
    }

    // The pipeline was found by the exact type, so the type of an object is not checked again. A check is slow in
    // shared generic code.
    private static TCommand CastUnchecked(ICommand<TResult> command) =>
        typeof(TCommand).IsValueType ? (TCommand)command : Unsafe.As<ICommand<TResult>, TCommand>(ref command);

    private async ValueTask<CommandResult<TResult>> SendObserved(
        TCommand command, IServiceProvider services, SendOptions? options, CancellationToken cancellationToken)
    {
        var started = dispatcher.Time.GetTimestamp();
        using var activity = MillraceTelemetry.Source.StartActivity($"send {definition.Name}");
        try
        {
            var result = await Answer(command, services, options, cancellationToken).ConfigureAwait(false);
            dispatcher.Metrics.Handled(definition.Name, dispatcher.Time.GetElapsedTime(started), error: null);
            return result;
        }
        catch (Exception exception)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            activity?.SetTag("error.type", exception.GetType().Name);
            dispatcher.Metrics.Handled(definition.Name, dispatcher.Time.GetElapsedTime(started), exception);
            throw;
        }
    }

    private ValueTask<CommandResult<TResult>> Answer(
        TCommand command, IServiceProvider services, SendOptions? options, CancellationToken cancellationToken) =>
        dispatcher.Audit is { } audit
            ? AnswerAudited(command, services, options, audit, cancellationToken)
            : AnswerOnce(command, services, options, cancellationToken);

    /// <summary>
    /// Records a command that was denied, failed or was cancelled. A command that succeeds is recorded in its commit. A
    /// failure of the database is not recorded: its outcome can be unknown, and the record would fail as well.
    /// </summary>
    private async ValueTask<CommandResult<TResult>> AnswerAudited(
        TCommand command,
        IServiceProvider services,
        SendOptions? options,
        CommandAudit audit,
        CancellationToken cancellationToken)
    {
        try
        {
            return await AnswerOnce(command, services, options, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure)
            when (failure is not (StorageException or StoreBusyException))
        {
            await audit
                .Failed(definition.Name, failure, SenderOf(options, services, options?.CorrelationId))
                .ConfigureAwait(false);
            throw;
        }
    }

    private AuditedSender SenderOf(SendOptions? options, IServiceProvider services, Guid? correlationId) => new(
        options?.Metadata?.UserId ?? dispatcher.Users.AuditedIdOf(options?.User, services, out _),
        options?.Origin,
        correlationId);

    private ValueTask<CommandResult<TResult>> AnswerOnce(
        TCommand command, IServiceProvider services, SendOptions? options, CancellationToken cancellationToken) =>
        options is { RedeliveryDeadline: not null }
            ? RunOrRecordRefusal(command, services, options, cancellationToken)
            : Run(command, services, options, cancellationToken);

    private async ValueTask<CommandResult<TResult>> RunOrRecordRefusal(
        TCommand command, IServiceProvider services, SendOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await Run(command, services, options, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception refusal)
            when (CommandRefusal.Is(refusal) && _idempotency.KeyOf(command, options, services) is { } key)
        {
            if (await _idempotency.RecordRefusal(key, refusal, cancellationToken).ConfigureAwait(false) is { } first)
                return first;
            throw;
        }
    }

    private async ValueTask<CommandResult<TResult>> Run(
        TCommand command, IServiceProvider services, SendOptions? options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (definition.ProblemsOf(command) is { Count: > 0 } problems)
            throw new ValidationFailedException(definition.Name, problems);
        if (dispatcher.HasAuthorizers && options?.Enlistment is null)
            await AccessCheck
                .Demand(services, definition.Name, command, options?.User, cancellationToken)
                .ConfigureAwait(false);
        var key = _idempotency.KeyOf(command, options, services);
        if (await _idempotency.FindFirstAnswer(key, cancellationToken).ConfigureAwait(false) is { } first)
            return first;
        var remote = RemoteEnlistment.Of(dispatcher, options);
        if (remote is not null && await remote.WasCommitted(cancellationToken).ConfigureAwait(false))
        {
            await remote.Commit(cancellationToken).ConfigureAwait(false);
            return new CommandResult<TResult>(default!, 0, default, WasRepeated: true); // Its sender reads no answer.
        }
        var retry = options?.Retry ?? definition.Retry ?? dispatcher.Retry;
        var id = options?.Enlistment?.CommandId ?? key?.CommandId ?? options?.CommandId ?? dispatcher.NewId();
        // Commands of processes and timers have external effects, which cannot be undone after a decision on stale
        // state.
        var usesCache = options?.Enlistment is null;
        var user = dispatcher.Users.IdOf(options, services);
        for (var conflicts = 0; ; usesCache = false)
        {
            var context = new CommandContext(
                dispatcher.Repository, services, id, definition.Name, options, usesCache, user);
            var sender =
                dispatcher.Audit is null ? default : SenderOf(options, services, context.CorrelationId);
            var attempt = await AttemptAndRelease(command, context, key, sender, remote, cancellationToken)
                .ConfigureAwait(false);
            if (attempt.Refusal is null && remote is not null)
                await remote.Commit(cancellationToken).ConfigureAwait(false);
            if (attempt.Refusal is null)
                return attempt.Result;
            if (!attempt.IsNotCounted && ++conflicts > retry.MaxRetries)
                throw attempt.Refusal;
            dispatcher.Metrics.Retried(definition.Name);
            if (!attempt.IsNotCounted)
                await retry.Pause(dispatcher.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    // The following methods are awaited only once, so their async state machines can be pooled.

    /// <summary>Makes one attempt to handle the command, and always releases the streams.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<CommandAttempt<TResult>> AttemptAndRelease(
        TCommand command,
        CommandContext context,
        IdempotencyKey? key,
        AuditedSender sender,
        RemoteEnlistment? remote,
        CancellationToken cancellationToken)
    {
        try
        {
            return await Attempt(command, context, key, sender, remote, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            context.ReleaseStreams();
        }
    }

    /// <summary>
    /// Makes one attempt to handle and commit the command. Returns a failure that may be retried as a refusal, and
    /// throws all other failures.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<CommandAttempt<TResult>> Attempt(
        TCommand command,
        CommandContext context,
        IdempotencyKey? key,
        AuditedSender sender,
        RemoteEnlistment? remote,
        CancellationToken cancellationToken)
    {
        TResult value;
        try
        {
            value = await Handle(command, context, cancellationToken).ConfigureAwait(false);
            context.Close();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            if (await _idempotency.FindFirstAnswer(key, cancellationToken).ConfigureAwait(false) is { } first)
                return new(first);
            if (await context.IsStale(isAppendChecked: false, cancellationToken).ConfigureAwait(false))
                return new(exception, isNotCounted: true);
            throw;
        }
        var request = await context.Build(cancellationToken).ConfigureAwait(false);
        if (await context.IsStale(isAppendChecked: request is not null, cancellationToken).ConfigureAwait(false))
            return new(StaleRefusal, isNotCounted: true);
        if (request is null && key is null)
        {
            if (dispatcher.Audit is { } audit)
                await audit.Succeeded(definition.Name, sender, cancellationToken).ConfigureAwait(false);
            context.Finished(null, null);
            return new(new CommandResult<TResult>(value, 0, default, WasRepeated: false));
        }
        request ??= context.NewRequest();
        remote?.AddMark(request);
        return await Commit(request, value, context, key, sender, cancellationToken)
            .ConfigureAwait(false);
    }

    // This exception is never thrown. After a refusal that is not counted as a retry, another attempt always follows,
    // which loads all state from the store.
    private static readonly InvalidOperationException StaleRefusal = new("State from memory is older than the store.");

    private ValueTask<TResult> Handle(TCommand command, CommandContext context, CancellationToken cancellationToken) =>
        definition.Plain is { } plain
            ? new(plain(command))
            : definition.Handler!(command, context, cancellationToken); // Either Plain or Handler is set.

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<CommandAttempt<TResult>> Commit(
        AppendRequest request,
        TResult value,
        CommandContext context,
        IdempotencyKey? key,
        AuditedSender sender,
        CancellationToken cancellationToken)
    {
        var hasStream = request.Streams.Count > 0;
        if (key is not null)
            await _idempotency.AddAnswer(request, key, value, cancellationToken).ConfigureAwait(false);
        dispatcher.Audit?.AddTo(request, definition.Name, sender);
        var outcome = await dispatcher.Store.TryAppend(request, cancellationToken).ConfigureAwait(false);
        switch (outcome.Result)
        {
            case CommitResult.Refused:
                // A refused outcome always has a refusal.
                return new(Translate(outcome.Refusal!, context), isNotCounted: false);
            case CommitResult.HandledBefore when key is null: // Another node committed the command of a process.
                return new(new CommandResult<TResult>(value, 0, default, WasRepeated: true));
            case CommitResult.HandledBefore:
                // Only a request with a mark can have been handled before, so the key and the answer exist.
                return new(
                    await _idempotency.Read(key!, outcome.FirstAnswer!, cancellationToken).ConfigureAwait(false));
            default:
                var version = hasStream && outcome.Placements.Count > 0 ? outcome.Placements[0].LastVersion : 0;
                context.Finished(request, outcome);
                return new(
                    new CommandResult<TResult>(
                        value, version, dispatcher.Store.Tokens.Of(outcome), WasRepeated: false));
        }
    }

    /// <summary>
    /// Translates a refusal of the store to a refusal of the command. Throws the refusal if a retry cannot succeed.
    /// </summary>
    private static MillraceException Translate(MillraceException refusal, CommandContext context) => refusal switch
    {
        _ when context.IsFromEnlistment(refusal) => throw refusal,
        VersionConflictException conflict when context.FindNew(conflict.Stream) is { } existing =>
            throw new AggregateExistsException(existing.Name, conflict.Stream),
        VersionConflictException or ConditionFailedException or DocumentConflictException => refusal,
        _ => throw refusal,
    };
}
