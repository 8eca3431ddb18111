using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Commands;
using Millrace.Consuming;
using Millrace.Events;
using Millrace.Messaging.Requesting;
using Millrace.Storage;

namespace Millrace.ProcessManagers;

/// <summary>
/// Advances an instance as far as possible. Sends the commands of its steps, and commits the next decisions with them.
/// </summary>
internal sealed partial class ProcessRunner(
    EventStore store, ProcessPlans plans, ICommandCatalog commands, CommandSender send, ILogger? logger = null)
{
    private readonly ILogger _logger = logger ?? NullLogger.Instance;
    private readonly EarlyEventDeadLetters _earlyDeadLetters = new(store, plans.Name);

    /// <summary>Counts and logs the events that expire.</summary>
    public UnexpectedEventCounts? Unexpected { get; init; }

    /// <summary>Gets the observer of the steps; null if they are not observed.</summary>
    public StepObserver? Observer { get; init; }

    /// <summary>Gets the shards whose events the instances receive; null for the events of the store.</summary>
    public IProcessShards? Shards { get; init; }

    private readonly record struct StepExecution(
        ProcessPlan Plan, ProcessInstance Instance, StepNode Step, bool IsUndo);

    /// <summary>Advances an instance until it must wait or has ended.</summary>
    /// <param name="id">The id of the instance.</param>
    /// <param name="committed">The instance as this node committed it; null to read the instance from the store. The
    /// caller must not use the object afterwards.</param>
    /// <param name="cancellationToken">Cancels the operation between two steps.</param>
    /// <returns>The time at which the instance is due again; null if it waits for an event or a decision.</returns>
    public async Task<DateTimeOffset?> Run(string id, ProcessInstance? committed, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // If another client changed the instance, the next commit is refused.
            var instance =
                committed ?? await ProcessStore.Load(store, plans.Name, id, cancellationToken).ConfigureAwait(false);
            committed = null;
            if (instance?.Due is not { } due)
                return null;
            if (due > Now)
                return due;
            if (!instance.IsStarted)
            {
                await Expire(instance, cancellationToken).ConfigureAwait(false);
                continue;
            }
            if (await FindPlan(instance, cancellationToken).ConfigureAwait(false) is not { } plan)
                continue; // The instance is now held, or has another version.
            if (await TryDecide(plan, instance, cancellationToken).ConfigureAwait(false))
                continue;
            var ready = FindReadySteps(plan, instance);
            if (ready.Count == 0)
                return DueDocumentScheduler.ScanAgain;
            if (ready.Count == 1)
                committed = await ExecuteStep(ready[0], cancellationToken).ConfigureAwait(false);
            else
                await Task.WhenAll(ready.Select(step => ExecuteStep(step, cancellationToken))).ConfigureAwait(false);
        }
    }

    private DateTimeOffset Now => store.Time.GetUtcNow();

    private ProcessDecider CreateDecider(ProcessPlan plan, ProcessInstance instance) =>
        new(plan, instance.Copy(), store.Types, Now);

    /// <summary>
    /// Removes events that expired before the instance started. If the process refuses unexpected events, the same
    /// commit writes each event as a dead letter. The event that starts the instance does not wait for the dead letter.
    /// </summary>
    private async ValueTask Expire(ProcessInstance instance, CancellationToken cancellationToken)
    {
        var plan = plans.Newest.Plan;
        var isRefused = plan.Unexpected == UnexpectedEvents.Refuse;
        var decider = CreateDecider(plan, instance);
        var letters = new List<DeadLetterChange>();
        var expired = instance.BufferedEvents.FindAll(one => one.Until <= Now);
        foreach (var one in expired)
        {
            var reason = $"'{one.Event}' came early, and the event that starts the instance did not come in time.";
            decider.Emit(
                ProcessEvents.Expired,
                new ProcessNote
                {
                    Event = one.Event,
                    Position = one.Position,
                    Reason = reason,
                }
            );
            if (isRefused
                && await _earlyDeadLetters
                    .Of(instance.Id, one.Position, reason, cancellationToken)
                    .ConfigureAwait(false)
                    is { } letter)
                letters.Add(letter);
        }
        var outcome = await EarlyEventDeadLetters.TryCommit(
            store, ProcessStore.AddTo(new AppendRequest(), decider), letters, cancellationToken).ConfigureAwait(false);
        if (outcome.Refusal is not null and not VersionConflictException and not DeadLetterConflictException)
            throw outcome.Refusal;
        foreach (var one in outcome.Refusal is null ? expired : [])
            Unexpected?.CountEarly(instance.Id, one.Event, isRefused ? "refused" : "dropped", "It expired.");
    }

    /// <summary>
    /// Returns the definition of the instance. If no definition fits, holds the instance and returns null. If another
    /// definition takes over the instance, commits the takeover and returns null.
    /// </summary>
    private async ValueTask<ProcessPlan?> FindPlan(ProcessInstance instance, CancellationToken cancellationToken)
    {
        if (plans.Find(instance.Version) is { } own && plans.ProblemOf(instance, Now) is null)
            return own;
        var copy = instance.Copy();
        var problem = plans.ProblemOf(copy, Now);
        var decider = CreateDecider(plans.Newest.Plan, instance);
        if (problem is not null)
        {
            decider.Hold(problem);
        }
        else
        {
            var successor = plans.FindSuccessor(instance.Version)!.Value; // Not null, because no problem was found.
            decider = CreateDecider(successor.Plan, instance);
            decider.Emit(
                ProcessEvents.Migrated,
                ProcessPlans.MigrationTo(successor.Version, successor.Plan, successor.Names));
        }
        await TrySave(decider, cancellationToken).ConfigureAwait(false);
        return null;
    }

    /// <summary>Makes the decisions that need no command. Returns false if there are none.</summary>
    private async ValueTask<bool> TryDecide(
        ProcessPlan plan, ProcessInstance instance, CancellationToken cancellationToken)
    {
        var late = instance.HasPendingRequest ? null : TimedOutAwait(plan, instance);
        var decision = instance.HasPendingRequest || late is not null ? null : DecisionOf(plan, instance);
        if (!instance.HasPendingRequest && late is null && decision is null)
            return false;
        var decider = CreateDecider(plan, instance);
        if (late is not null)
            decider.HandleTimeOut(late);
        else if (decision is not null)
            await Decide(decider, decision, cancellationToken).ConfigureAwait(false);
        else
            HandleRequest(decider);
        await TrySave(decider, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Handles a user's pending request, such as a cancellation.</summary>
    private static void HandleRequest(ProcessDecider decider)
    {
        if (decider.Instance.CancelReason is { } reason
            && decider.Instance.State is ProcessState.Running or ProcessState.Held)
            decider.StartUndo(reason);
        else
            decider.Advance();
        if (decider.Events.Count == 0)
            decider.Emit(
                ProcessEvents.Ignored, new ProcessNote { Reason = "The request had no effect." });
    }

    private AwaitNode? TimedOutAwait(ProcessPlan plan, ProcessInstance instance)
    {
        if (instance.State != ProcessState.Running)
            return null;
        foreach (var (name, step) in instance.Steps)
        {
            if (step.Phase == StepPhase.Awaiting && step.Until <= Now && plan.Find(name) is AwaitNode late)
                return late;
        }
        return null;
    }

    private static DecisionNode? DecisionOf(ProcessPlan plan, ProcessInstance instance)
    {
        if (instance.State != ProcessState.Running)
            return null;
        foreach (var (name, step) in instance.Steps)
        {
            if (step.Phase == StepPhase.Begun && plan.Find(name) is DecisionNode decision)
                return decision;
        }
        return null;
    }

    private async ValueTask Decide(ProcessDecider decider, DecisionNode decision, CancellationToken cancellationToken)
    {
        try
        {
            var data = await FindEvent(decider.Instance, decision.EventType, cancellationToken).ConfigureAwait(false);
            decider.RecordDecision(decision.Name, decision.Decide(data));
        }
#pragma warning disable CA1031 // If the application's code fails, a user decides.
        catch (Exception exception)
            when (exception is not StorageException && !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            decider.Hold($"'{decision.Name}' could not be decided: {exception.Message}");
        }
    }

    private List<StepExecution> FindReadySteps(ProcessPlan plan, ProcessInstance instance)
    {
        var ready = new List<StepExecution>(1);
        foreach (var (name, step) in instance.Steps)
        {
            if (plan.Find(name) is not StepNode node)
                continue;
            if (step.Undo == StepPhase.Begun && (step.UndoRetryAt is not { } again || again <= Now))
                ready.Add(new StepExecution(plan, instance, node, IsUndo: true));
            else if (instance.State == ProcessState.Running
                && step.Phase == StepPhase.Begun
                && (step.RetryAt is not { } at || at <= Now))
                ready.Add(new StepExecution(plan, instance, node, IsUndo: false));
        }
        return ready;
    }

    /// <summary>
    /// Sends the command of a step. The commit of the command also completes the step and records the next decisions.
    /// Returns the instance as committed, or null if it must be read from the store.
    /// </summary>
    private async Task<ProcessInstance?> ExecuteStep(StepExecution execution, CancellationToken cancellationToken)
    {
        while (true)
        {
            ProcessDecider? committed = null;
            var stream = ProcessNames.StreamOf(plans.Name, execution.Instance.Id);
            try
            {
                // If the commit is attempted several times, the last attempt applies.
                var options = OptionsOf(execution, stream, decider => committed = decider);
                await Send(execution, options, cancellationToken).ConfigureAwait(false);
                LogHeld(committed);
                return committed?.AsCommitted();
            }
            catch (VersionConflictException conflict) when (conflict.Stream == stream)
            {
                // Another step of the group, an event or a user's decision was committed first.
            }
            catch (Exception exception) when (
                !cancellationToken.IsCancellationRequested
                && (CommandRefusal.Is(exception)
                    || FailurePolicy.Default.ClassOf(exception, isPure: false) != FailureClass.System))
            {
                if (await TrySave(DecideAfter(execution, exception), cancellationToken).ConfigureAwait(false))
                    return null;
            }
            if (await Reload(execution, cancellationToken).ConfigureAwait(false) is not { } reloaded)
                return null;
            execution = reloaded;
        }
    }

    private async Task Send(StepExecution execution, SendOptions options, CancellationToken cancellationToken)
    {
        using var observed = Observer?.Start(execution.Instance, execution.Step.Name, execution.IsUndo);
        try
        {
            var command = await CommandOf(execution, cancellationToken).ConfigureAwait(false);
            var definition =
                commands.FindCommand(command.GetType()) ?? throw new HandlerNotFoundException(command.GetType());
            await send(definition, command, options, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            observed?.Fail(exception);
            throw;
        }
    }

    /// <summary>Returns the same step with the current instance, or null if the step is no longer due.</summary>
    private async ValueTask<StepExecution?> Reload(StepExecution execution, CancellationToken cancellationToken)
    {
        var instance = await ProcessStore
            .Load(store, plans.Name, execution.Instance.Id, cancellationToken)
            .ConfigureAwait(false);
        var step = instance?.Steps.GetValueOrDefault(execution.Step.Name);
        var isOpen = execution.IsUndo ? step?.Undo == StepPhase.Begun
            : step?.Phase == StepPhase.Begun && instance!.State == ProcessState.Running;
        return isOpen && instance!.Version == execution.Instance.Version && !instance.HasPendingRequest
            ? execution with
            {
                Instance = instance,
            }
            : null;
    }

    private async ValueTask<object> CommandOf(StepExecution execution, CancellationToken cancellationToken)
    {
        if (execution.IsUndo)
            return execution.Step.Undo!(execution.Instance.Id); // Only steps with a compensation are compensated.
        var data = execution.Step.EventType is { } type
            ? await FindEvent(execution.Instance, type, cancellationToken).ConfigureAwait(false)
            : null;
        return execution.Step.Command(execution.Instance.Id, data);
    }

    private SendOptions OptionsOf(StepExecution execution, StreamId stream, Action<ProcessDecider> onDecided)
    {
        var instance = execution.Instance;
        var step = execution.Step;
        var run = instance.StepOf(step.Name).Run.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var commandId = CommandIds.Of(plans.Name, instance.Id, step.Name, run, execution.IsUndo ? "undo" : "do");
        return new SendOptions
        {
            CorrelationId = instance.Correlation,
            CausationId = commandId,
            Enlistment = new CommandEnlistment(commandId, stream, request =>
            {
                var decider = CreateDecider(execution.Plan, instance);
                if (execution.IsUndo)
                    decider.CompleteUndo(step.Name);
                else
                    decider.CompleteStep(step.Name);
                ProcessStore.AddTo(request, decider);
                onDecided(decider);
            })
            {
                Store = store,
            },
        };
    }

    private ProcessDecider DecideAfter(StepExecution execution, Exception exception)
    {
        var decider = CreateDecider(execution.Plan, execution.Instance);
        var error = $"{exception.GetType().Name}: {exception.Message}";
        if (exception is HandlerNotFoundException)
        {
            decider.Hold($"This build cannot run '{execution.Step.Name}': {exception.Message}");
            return decider;
        }
        var isNamed = execution.Step.FailsOn.Any(type => type.IsInstanceOfType(exception));
        var isRefusal =
            CommandRefusal.Is(exception) || (isNamed && !RequestFailureClassifier.IsOutcomeUnknown(exception));
        var isFinal =
            isRefusal || isNamed || FailurePolicy.Default.ClassOf(exception, isPure: false) == FailureClass.Permanent;
        if (execution.IsUndo)
            decider.HandleUndoFailure(execution.Step, error, isFinal);
        else
            decider.HandleFailure(execution.Step, error, isFinal, isRefusal);
        return decider;
    }

    private async ValueTask<object> FindEvent(ProcessInstance instance, Type type, CancellationToken cancellationToken)
    {
        var name = store.Types.Get(type).Name;
        if (!instance.Received.TryGetValue(name, out var position))
            throw new NotSupportedException($"The instance has received no '{name}'.");
        var recorded = Shards is { } shards
            ? await shards.FindAt(position, cancellationToken).ConfigureAwait(false)
            : await store.Reader.FindAt(position, cancellationToken).ConfigureAwait(false);
        var found = recorded?.Parts().FirstOrDefault(part => type.IsInstanceOfType(part.Data));
        return found?.Data
            ?? throw new NotSupportedException($"The event '{name}' at position {position} cannot be read any more.");
    }

    /// <summary>Commits decisions. Returns false if another client changed the instance at the same time.</summary>
    private async ValueTask<bool> TrySave(ProcessDecider decider, CancellationToken cancellationToken)
    {
        var outcome = await store
            .TryAppend(ProcessStore.AddTo(new AppendRequest(), decider), cancellationToken)
            .ConfigureAwait(false);
        if (outcome.Refusal is not null)
            return outcome.Refusal is VersionConflictException ? false : throw outcome.Refusal;
        LogHeld(decider);
        return true;
    }

    /// <summary>Logs that the committed instance is held for a user.</summary>
    private void LogHeld(ProcessDecider? committed)
    {
        if (committed is { Instance: { State: ProcessState.Held } held, Events: [.., (ProcessEvents.Held, _)] })
            Log.Held(_logger, plans.Name, held.Id, held.Reason);
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 6102, Level = LogLevel.Error,
            Message = "Process {Process} holds {Instance} for a user, to resume, move or cancel it: {Reason}")]
        public static partial void Held(ILogger logger, string process, string instance, string? reason);
    }
}
