namespace Millrace;

/// <summary>
/// What follows from what has happened: a pure function of the definition, the instance and the time. What it decides
/// is applied to the instance and collected, to be committed.
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

    /// <summary>Begins a step: what it follows upon says so as well, if that is decided together with it.</summary>
    private void EmitStarted(string step)
    {
        var begun = new ProcessNote { Step = step };
        if (_events is [.., (not ProcessEvents.StepBegun, _) last])
        {
            instance.Apply(ProcessEvents.StepBegun, begun, now);
            _events[^1] = (last.Type, last.Note.Beginning(step));
        }
        else
        {
            Emit(ProcessEvents.StepBegun, begun);
        }
    }

    /// <summary>The instance, when all that was decided is in the store.</summary>
    public ProcessInstance AsCommitted()
    {
        instance.NoteCommitted(_events.Count);
        return instance;
    }

    /// <summary>Begins what comes next, as far as it can be told now.</summary>
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

    /// <summary>A step is done.</summary>
    public void Done(string step)
    {
        Emit(ProcessEvents.StepDone, new ProcessNote { Step = step });
        Advance();
    }

    /// <summary>A decision is made.</summary>
    public void Decided(string step, bool holds)
    {
        var branch = holds ? DecisionNode.Yes : DecisionNode.No;
        Emit(ProcessEvents.Decided, new ProcessNote { Step = step, Branch = branch });
        Advance();
    }

    /// <summary>An event has come that may be waited for, now or later. False when nothing waits for it.</summary>
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
                    Advance(); // Otherwise what a person asked for comes first, and goes on from here or back.
                return true;
            }
            // What has failed is waited for again when a person resumes.
            isLater |= phase == StepPhase.None || (phase == StepPhase.Failed && instance.State == ProcessState.Held);
        }
        if (isLater)
            Emit(ProcessEvents.ReceivedEarly, new ProcessNote { Event = name, Position = position });
        return isLater;
    }

    /// <summary>An event has not come in time.</summary>
    public void TimedOut(AwaitNode node)
    {
        var reason = $"'{node.Name}': {node.EventType.Name} has not come within {node.Within:c}.";
        var goesOn = node.OnTimeout == TimeoutRule.GoOn;
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

    /// <summary>A step has failed; it is tried again, or that was the last time.</summary>
    /// <param name="step">The step.</param>
    /// <param name="error">What went wrong.</param>
    /// <param name="isFinal">Whether it is no use to try again.</param>
    /// <param name="isRefusal">Whether it was refused, so that this try has left nothing behind.</param>
    public void Failed(StepNode step, string error, bool isFinal, bool isRefusal)
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
        // What was refused at its first try has left nothing behind; of all else that is not known outside of the
        // store.
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

    /// <summary>Undoing a step has failed; it is tried again while the others go on, or that was the last
    /// time.</summary>
    public void UndoFailed(StepNode step, string error, bool isFinal)
    {
        var attempt = instance.StepOf(step.Name).UndoFailures + 1;
        var note = new ProcessNote { Step = step.Name, Attempt = attempt, Reason = error };
        if (isFinal || attempt >= MaxUndoAttempts)
            Emit(ProcessEvents.CompensationFailed, note);
        else
            Emit(ProcessEvents.CompensationAttemptFailed, note with { RetryAt = now + step.Retry.After(attempt) });
        Advance();
    }

    /// <summary>A step is undone.</summary>
    public void Undone(string step)
    {
        Emit(ProcessEvents.CompensationDone, new ProcessNote { Step = step });
        Advance();
    }

    /// <summary>Undoes what was done; behind the point of no return a person is called instead.</summary>
    public void StartUndo(string reason)
    {
        if (instance.HasPassed)
        {
            Hold(reason);
            return;
        }
        Emit(ProcessEvents.Compensating, new ProcessNote { Reason = reason });
        AdvanceUndo();
    }

    /// <summary>Keeps it for a person.</summary>
    public void Hold(string reason) => Emit(ProcessEvents.Held, new ProcessNote { Reason = reason });

    /// <summary>Begins the next part. False when it is at its end, or something has to happen first.</summary>
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
    /// What a move passed over and happens all the same: which way to go has to be known, and behind the point of no
    /// return nothing is undone, however one came there.
    /// </summary>
    private bool IsOpen(ProcessNode node) =>
        (node is DecisionNode && !instance.Decisions.ContainsKey(node.Name))
        || (node is NoReturnNode && !instance.HasPassed);

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

    /// <summary>Whether something of a group is left to be done.</summary>
    private bool AdvanceParallel(ParallelNode group)
    {
        var isOpen = false;
        foreach (var step in group.Steps) // Each by itself: a person may go on with one of them.
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
        List<string>? left = null;
        for (var i = instance.Order.Count - 1; i >= 0; i--)
        {
            var name = instance.Order[i];
            var step = instance.StepOf(name);
            if (plan.Find(name) is not StepNode { Undo: not null }
                || (step.Undo == StepPhase.None && !step.MayHaveEffects))
                continue;
            if (step.Undo == StepPhase.Failed)
                (left ??= []).Add(name);
            if (step.Undo == StepPhase.Begun)
            {
                isOpen = true;
                if (step.UndoFailures == 0)
                    return; // One after the other, in reverse; what failed is tried again while the others go on.
            }
            if (step.Undo == StepPhase.None)
            {
                Emit(ProcessEvents.CompensationBegun, new ProcessNote { Step = name });
                return;
            }
        }
        if (isOpen)
            return;
        if (left is not null)
            Hold($"Could not be undone: {string.Join(", ", left.Select(name => $"'{name}'"))}. {instance.Reason}");
        else
            Emit(ProcessEvents.Compensated, new ProcessNote { Reason = instance.Reason });
    }
}
