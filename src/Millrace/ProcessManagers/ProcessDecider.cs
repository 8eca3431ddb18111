using Millrace.Events;

namespace Millrace.ProcessManagers;

/// <summary>
/// Decides the next events of an instance, as a pure function of the definition, the instance and the time. Applies
/// each decision to the instance and collects it for a commit.
/// </summary>
internal sealed class ProcessDecider(ProcessPlan plan, ProcessInstance instance, EventTypeMap types, DateTimeOffset now)
{
    public const int MaxUndoAttempts = 10;

    private readonly List<(string Type, ProcessNote Note)> _events = [];

    public IReadOnlyList<(string Type, ProcessNote Note)> Events => _events;

    public ProcessInstance Instance => instance;

    public void Emit(string type, ProcessNote note)
    {
        instance.Apply(type, note, now);
        _events.Add((type, note));
    }

    /// <summary>
    /// Starts a step. If the same commit contains an earlier event, that event also records the start.
    /// </summary>
    private void EmitStarted(string step)
    {
        var started = new ProcessNote { Step = step };
        if (_events is [.., (not ProcessEvents.StepBegun, _) last])
        {
            instance.Apply(ProcessEvents.StepBegun, started, now);
            _events[^1] = (last.Type, last.Note.Beginning(step));
        }
        else
        {
            Emit(ProcessEvents.StepBegun, started);
        }
    }

    /// <summary>Returns the instance as it is after all decisions are committed.</summary>
    public ProcessInstance AsCommitted()
    {
        instance.NoteCommitted(_events.Count);
        return instance;
    }

    /// <summary>Starts the next parts that can start now.</summary>
    public void Advance()
    {
        if (instance.State == ProcessState.Compensating)
        {
            AdvanceUndo();
            return;
        }
        while (instance.State == ProcessState.Running && AdvanceOnce())
        {
        }
    }

    /// <summary>Completes a step.</summary>
    public void CompleteStep(string step)
    {
        Emit(ProcessEvents.StepDone, new ProcessNote { Step = step });
        Advance();
    }

    /// <summary>Records a decision.</summary>
    public void RecordDecision(string step, bool holds)
    {
        var branch = holds ? DecisionNode.Yes : DecisionNode.No;
        Emit(ProcessEvents.Decided, new ProcessNote { Step = step, Branch = branch });
        Advance();
    }

    /// <summary>Receives an event that a current or later part awaits. Returns false if no part awaits it.</summary>
    public bool TryReceive(Type clrType, string name, long position)
    {
        if (instance.State is not (ProcessState.Running or ProcessState.Held))
            return false;
        var isLater = false;
        foreach (
            var node in plan.Outline.Select(plan.Find).OfType<AwaitNode>().Where(node => node.EventType == clrType))
        {
            var phase = instance.Steps.GetValueOrDefault(node.Name)?.Phase ?? StepPhase.None;
            if (phase == StepPhase.Awaiting)
            {
                Emit(ProcessEvents.Received, new ProcessNote { Step = node.Name, Event = name, Position = position });
                if (!instance.HasPendingRequest)
                    Advance(); // A pending request of a user must be handled first.
                return true;
            }
            // A failed part waits again when a user resumes the instance.
            isLater |= phase == StepPhase.None || (phase == StepPhase.Failed && instance.State == ProcessState.Held);
        }
        if (isLater)
            Emit(ProcessEvents.ReceivedEarly, new ProcessNote { Event = name, Position = position });
        return isLater;
    }

    /// <summary>Handles an event that did not arrive in time.</summary>
    public void HandleTimeOut(AwaitNode node)
    {
        var reason = $"'{node.Name}': {node.EventType.Name} did not come within {node.Within:c}.";
        var goesOn = node.OnTimeout == TimeoutRule.Continue;
        Emit(
            ProcessEvents.TimedOut,
            new ProcessNote
            {
                Step = node.Name,
                Reason = reason,
                GoesOn = goesOn ? true : null,
            }
        );
        if (goesOn)
            Advance();
        else if (node.OnTimeout == TimeoutRule.Hold)
            Hold(reason);
        else
            StartUndo(reason);
    }

    /// <summary>Handles a failed step. Schedules a retry, or records a final failure.</summary>
    /// <param name="step">The step.</param>
    /// <param name="error">The error.</param>
    /// <param name="isFinal">True if the step must not be retried.</param>
    /// <param name="isRefusal">True if the command was refused, so that this attempt had no effect.</param>
    public void HandleFailure(StepNode step, string error, bool isFinal, bool isRefusal)
    {
        var attempt = instance.StepOf(step.Name).Failures + 1;
        if (!isFinal && attempt < step.Retry.Attempts)
        {
            var retryAt = now + step.Retry.After(attempt);
            Emit(
                ProcessEvents.AttemptFailed,
                new ProcessNote
                {
                    Step = step.Name,
                    Attempt = attempt,
                    Reason = error,
                    RetryAt = retryAt,
                }
            );
            return;
        }
        // A step that was refused at its first attempt had no effect. For all others, the effect outside the store is
        // unknown.
        var note = new ProcessNote
        {
            Step = step.Name,
            Attempt = attempt,
            Reason = error,
            GoesOn = isRefusal ? null : false,
        };
        Emit(ProcessEvents.StepFailed, note);
        StartUndo($"'{step.Name}' failed: {error}");
    }

    /// <summary>
    /// Handles a failed compensation. Schedules a retry while other compensations continue, or records a final failure.
    /// </summary>
    public void HandleUndoFailure(StepNode step, string error, bool isFinal)
    {
        var attempt = instance.StepOf(step.Name).UndoFailures + 1;
        var note = new ProcessNote { Step = step.Name, Attempt = attempt, Reason = error };
        if (isFinal || attempt >= MaxUndoAttempts)
            Emit(ProcessEvents.CompensationFailed, note);
        else
            Emit(ProcessEvents.CompensationAttemptFailed, note with { RetryAt = now + step.Retry.After(attempt) });
        Advance();
    }

    /// <summary>Completes the compensation of a step.</summary>
    public void CompleteUndo(string step)
    {
        Emit(ProcessEvents.CompensationDone, new ProcessNote { Step = step });
        Advance();
    }

    /// <summary>Starts the compensation. After the point of no return, holds the instance instead.</summary>
    public void StartUndo(string reason)
    {
        if (instance.HasPassedPointOfNoReturn)
        {
            Hold(reason);
            return;
        }
        Emit(ProcessEvents.Compensating, new ProcessNote { Reason = reason });
        AdvanceUndo();
    }

    /// <summary>Holds the instance until a user decides.</summary>
    public void Hold(string reason) => Emit(ProcessEvents.Held, new ProcessNote { Reason = reason });

    /// <summary>Starts the next part. Returns false if there is none, or if another event must occur first.</summary>
    private bool AdvanceOnce()
    {
        foreach (var node in plan.Walk(instance.Decisions))
        {
            if (node is ParallelNode group)
            {
                if (AdvanceParallel(group))
                    return false;
                continue;
            }
            var phase = instance.Steps.GetValueOrDefault(node.Name)?.Phase ?? StepPhase.None;
            if (phase is StepPhase.Done or StepPhase.Skipped && !IsOpen(node))
                continue;
            if (phase is StepPhase.Begun or StepPhase.Awaiting or StepPhase.Failed)
                return false;
            return Start(node);
        }
        Emit(ProcessEvents.Completed, new ProcessNote());
        return false;
    }

    /// <summary>
    /// Returns true for parts that a move to a later step does not skip. A decision must select a branch, and the point
    /// of no return must be recorded even if the move passes it.
    /// </summary>
    private bool IsOpen(ProcessNode node) =>
        (node is DecisionNode && !instance.Decisions.ContainsKey(node.Name))
        || (node is NoReturnNode && !instance.HasPassedPointOfNoReturn);

    private bool Start(ProcessNode node)
    {
        switch (node)
        {
            case AwaitNode awaits:
                var name = types.Get(awaits.EventType).Name;
                if (instance.Early.TryGetValue(name, out var position))
                {
                    Emit(
                        ProcessEvents.Received,
                        new ProcessNote
                        {
                            Step = node.Name,
                            Event = name,
                            Position = position,
                        }
                    );
                    return true;
                }
                Emit(
                    ProcessEvents.Awaiting,
                    new ProcessNote
                    {
                        Step = node.Name,
                        Event = name,
                        Until = now + awaits.Within,
                    }
                );
                return false;
            case NoReturnNode:
                Emit(ProcessEvents.PassedNoReturn, new ProcessNote { Step = node.Name });
                return true;
            default:
                EmitStarted(node.Name);
                return false;
        }
    }

    /// <summary>Starts the steps of a group that have not started. Returns true if a step is not done.</summary>
    private bool AdvanceParallel(ParallelNode group)
    {
        var isOpen = false;
        foreach (var step in group.Steps) // Checks each step, because a user may resume one of them.
        {
            var phase = instance.Steps.GetValueOrDefault(step.Name)?.Phase ?? StepPhase.None;
            isOpen |= phase is not (StepPhase.Done or StepPhase.Skipped);
            if (phase == StepPhase.None)
                EmitStarted(step.Name);
        }
        return isOpen;
    }

    private void AdvanceUndo()
    {
        var isOpen = false;
        List<string>? failed = null;
        for (var i = instance.Order.Count - 1; i >= 0; i--)
        {
            var name = instance.Order[i];
            var step = instance.StepOf(name);
            if (plan.Find(name) is not StepNode { Undo: not null }
                || (step.Undo == StepPhase.None && !step.MayHaveEffects))
                continue;
            if (step.Undo == StepPhase.Failed)
                (failed ??= []).Add(name);
            if (step.Undo == StepPhase.Begun)
            {
                isOpen = true;
                if (step.UndoFailures == 0)
                    return; // Compensates one step at a time, in reverse order.
            }
            if (step.Undo == StepPhase.None)
            {
                Emit(ProcessEvents.CompensationBegun, new ProcessNote { Step = name });
                return;
            }
        }
        if (isOpen)
            return;
        if (failed is not null)
            Hold(
                $"Could not be compensated: {string.Join(", ", failed.Select(name => $"'{name}'"))}. "
                    + $"{instance.Reason}");
        else
            Emit(ProcessEvents.Compensated, new ProcessNote { Reason = instance.Reason });
    }
}
