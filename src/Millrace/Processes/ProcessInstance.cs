namespace Millrace;

/// <summary>An instance of a process, folded from its stream. It needs no definition, so that tools can read every one.</summary>
internal sealed class ProcessInstance(string process, string id)
{
    // Not the time of the last event: the clocks of the log and of the node need not agree.
    private static readonly DateTimeOffset AtOnce = DateTimeOffset.UnixEpoch;

    private readonly HashSet<long> _seen = [];
    private Guid? _correlation;

    private ProcessInstance(ProcessInstance other)
        : this(other.Process, other.Id)
    {
        (StreamVersion, Version, Outline) = (other.StreamVersion, other.Version, other.Outline);
        (State, HeldIn, HasPassed, MustLook) = (other.State, other.HeldIn, other.HasPassed, other.MustLook);
        (Reason, CancelReason, _correlation) = (other.Reason, other.CancelReason, other._correlation);
        (StartedAt, ChangedAt, Record) = (other.StartedAt, other.ChangedAt, other.Record);
        _seen = [.. other._seen];
        foreach (var (name, step) in other.Steps)
            Steps.Add(name, step.Copy());
        Order = [.. other.Order];
        Decisions = new Dictionary<string, string>(other.Decisions, StringComparer.Ordinal);
        Received = new Dictionary<string, long>(other.Received, StringComparer.Ordinal);
        Early = new Dictionary<string, long>(other.Early, StringComparer.Ordinal);
    }

    public string Process { get; } = process;

    public string Id { get; } = id;

    /// <summary>
    /// The conversation of its steps. Who began it said which; of those that were begun before that was said, their names tell it.
    /// </summary>
    public Guid Correlation
    {
        get => _correlation ?? CommandIds.Of(Process, Id);
        init => _correlation = value;
    }

    /// <summary>The version of its stream in the store.</summary>
    public long StreamVersion { get; private set; }

    /// <summary>The version of the definition that it is on.</summary>
    public int Version { get; private set; }

    public ProcessState State { get; private set; }

    public ProcessState HeldIn { get; private set; }

    public string? Reason { get; private set; }

    public DateTimeOffset StartedAt { get; private set; }

    public DateTimeOffset ChangedAt { get; private set; }

    /// <summary>What its document says, as this node has written it; null when the instance was read, and its document was not.</summary>
    public ProcessRecord? Record { get; set; }

    public IReadOnlyList<string> Outline { get; private set; } = [];

    public Dictionary<string, StepStand> Steps { get; } = new(StringComparer.Ordinal);

    /// <summary>The steps in the order in which they were begun first.</summary>
    public List<string> Order { get; } = [];

    public Dictionary<string, string> Decisions { get; } = new(StringComparer.Ordinal);

    /// <summary>Where the last event of each name stands that it has received.</summary>
    public Dictionary<string, long> Received { get; } = new(StringComparer.Ordinal);

    /// <summary>Events that came before they were waited for.</summary>
    public Dictionary<string, long> Early { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether it only goes forward.</summary>
    public bool HasPassed { get; private set; }

    /// <summary>Why a person asked to have it undone; null when nobody did.</summary>
    public string? CancelReason { get; private set; }

    /// <summary>Whether a person decided something that the process has not looked at.</summary>
    public bool MustLook { get; private set; }

    public bool IsEnded => State is ProcessState.Completed or ProcessState.Compensated;

    /// <summary>The parts that it is in.</summary>
    public IEnumerable<string> Current => Steps
        .Where(step => step.Value.Phase is StepPhase.Begun or StepPhase.Awaiting || step.Value.Undo == StepPhase.Begun
            || (State == ProcessState.Held && (step.Value.Phase == StepPhase.Failed || step.Value.Undo == StepPhase.Failed)))
        .Select(step => step.Key);

    public bool HasSeen(long position) => _seen.Contains(position);

    public StepStand StepOf(string name)
    {
        if (!Steps.TryGetValue(name, out var step))
            Steps[name] = step = new StepStand();
        return step;
    }

    /// <summary>When it has something to do; null when only an event or a person can say.</summary>
    public DateTimeOffset? Due
    {
        get
        {
            if (IsEnded || (State == ProcessState.Held && !MustLook))
                return null;
            if (MustLook)
                return AtOnce;
            DateTimeOffset? due = null;
            foreach (var step in Steps.Values)
            {
                var at = step.Undo == StepPhase.Begun ? step.UndoRetryAt ?? AtOnce
                    : State != ProcessState.Running ? null
                    : step.Phase == StepPhase.Begun ? step.RetryAt ?? AtOnce
                    : step.Phase == StepPhase.Awaiting ? step.Until
                    : null;
                if (at is { } found && (due is null || found < due))
                    due = found;
            }
            return due;
        }
    }

    /// <summary>The same once more, to be taken further without a change to this one.</summary>
    public ProcessInstance Copy() => new(this);

    /// <summary>Takes an event over as it stands in the stream.</summary>
    public void ApplyStored(string type, ProcessNote note, DateTimeOffset at, long version, Guid? correlation = null)
    {
        _correlation ??= correlation;
        Apply(type, note, at);
        foreach (var begun in note.Beginnings())
            Apply(ProcessEvents.StepBegun, begun, at);
        StreamVersion = version;
    }

    /// <summary>Notes that so many of its events were committed that were applied before.</summary>
    public void NoteCommitted(int events) => StreamVersion += events;

    public void Apply(string type, ProcessNote note, DateTimeOffset at)
    {
        (ChangedAt, MustLook) = (at, ProcessEvents.OfOperators.Contains(type) || (MustLook && !AnswersWhatWasAsked(type, note)));
        if (note.Position is { } position)
            _seen.Add(position);
        if (note.Step is not { } name || !ApplyToStep(type, note, name))
            ApplyToAll(type, note, at);
    }

    /// <summary>Events come, and a build takes over, whether or not the process has looked at what a person decided.</summary>
    private static bool AnswersWhatWasAsked(string type, ProcessNote note) =>
        note.Position is null && type != ProcessEvents.Migrated;

    private bool ApplyToStep(string type, ProcessNote note, string name)
    {
        var step = StepOf(name);
        switch (type)
        {
            case ProcessEvents.StepBegun:
                step.Phase = StepPhase.Begun;
                if (!Order.Contains(name))
                    Order.Add(name);
                return true;
            case ProcessEvents.Awaiting:
                (step.Phase, step.Until) = (StepPhase.Awaiting, note.Until);
                return true;
            case ProcessEvents.StepDone:
                (step.Phase, step.RetryAt, step.Error) = (StepPhase.Done, null, null);
                return true;
            case ProcessEvents.Received:
                step.Phase = StepPhase.Done;
                Receive(note);
                Early.Remove(note.Event ?? "");
                return true;
            case ProcessEvents.Decided:
                step.Phase = StepPhase.Done;
                Decisions[name] = note.Branch ?? "";
                return true;
            case ProcessEvents.PassedNoReturn:
                (step.Phase, HasPassed) = (StepPhase.Done, true);
                return true;
            case ProcessEvents.AttemptFailed:
                (step.Failures, step.RetryAt, step.Error) = (step.Failures + 1, note.RetryAt, note.Reason);
                return true;
            case ProcessEvents.StepFailed:
                step.Failures += note.Attempt is > 1 || note.GoesOn == false ? 1 : 0;
                (step.Phase, step.RetryAt, step.Error) = (StepPhase.Failed, null, note.Reason);
                return true;
            case ProcessEvents.TimedOut:
                step.Phase = note.GoesOn == true ? StepPhase.Done : StepPhase.Failed;
                step.Error = note.Reason;
                return true;
            default:
                return ApplyToUndo(type, note, step);
        }
    }

    private static bool ApplyToUndo(string type, ProcessNote note, StepStand step)
    {
        switch (type)
        {
            case ProcessEvents.CompensationBegun:
                step.Undo = StepPhase.Begun;
                return true;
            case ProcessEvents.CompensationDone:
                (step.Undo, step.UndoRetryAt) = (StepPhase.Done, null);
                return true;
            case ProcessEvents.CompensationAttemptFailed:
                (step.UndoFailures, step.UndoRetryAt, step.Error) = (step.UndoFailures + 1, note.RetryAt, note.Reason);
                return true;
            case ProcessEvents.CompensationFailed:
                (step.Undo, step.UndoRetryAt, step.Error) = (StepPhase.Failed, null, note.Reason);
                return true;
            default:
                return false;
        }
    }

    private void ApplyToAll(string type, ProcessNote note, DateTimeOffset at)
    {
        switch (type)
        {
            case ProcessEvents.Started:
                (Version, Outline, StartedAt) = (note.Version ?? 1, note.Outline ?? [], at);
                Receive(note);
                break;
            case ProcessEvents.ReceivedEarly:
                Receive(note);
                Early[note.Event ?? ""] = note.Position ?? 0;
                break;
            case ProcessEvents.Compensating:
                (State, Reason) = (ProcessState.Compensating, note.Reason);
                break;
            case ProcessEvents.Completed:
                (State, Reason) = (ProcessState.Completed, null);
                break;
            case ProcessEvents.Compensated:
                State = ProcessState.Compensated;
                break;
            case ProcessEvents.Held:
                (HeldIn, State, Reason) = (State, ProcessState.Held, note.Reason);
                break;
            case ProcessEvents.CancelAsked:
                CancelReason = note.Reason ?? "It was cancelled.";
                break;
            case ProcessEvents.Resumed:
                Resume(note.Step);
                break;
            case ProcessEvents.Moved:
                Move(note.Step!); // A move always says where to.
                break;
            case ProcessEvents.Migrated:
                Migrate(note);
                break;
        }
    }

    private void Receive(ProcessNote note)
    {
        if (note.Event is { } name && note.Position is { } position)
            Received[name] = position;
    }

    private void Resume(string? from)
    {
        (Reason, CancelReason) = (null, null);
        if (from is not null)
        {
            TurnForward();
            ResetFrom(from);
            return;
        }
        State = HeldIn;
        foreach (var step in Steps.Values)
        {
            if (step.Undo == StepPhase.Failed)
                step.ResetUndo();
            else if (step.Phase == StepPhase.Failed && State == ProcessState.Running)
                step.Reset();
        }
    }

    private void Move(string to)
    {
        (Reason, CancelReason) = (null, null);
        TurnForward();
        foreach (var name in Outline)
        {
            if (name == to)
                break;
            if (StepOf(name) is { Phase: not StepPhase.Done } before)
                before.Phase = StepPhase.Skipped;
        }
        ResetFrom(to);
    }

    /// <summary>What was undone counts as not done; what could not be undone stands, and is undone when it comes to that again.</summary>
    private void TurnForward()
    {
        State = ProcessState.Running;
        foreach (var step in Steps.Values)
        {
            if (step.Undo == StepPhase.Done)
                step.Reset();
            else
                step.ForgetUndo();
        }
    }

    private void ResetFrom(string first)
    {
        var isBehind = false;
        foreach (var name in Outline)
        {
            isBehind |= name == first;
            if (!isBehind || !Steps.TryGetValue(name, out var step))
                continue;
            step.Reset();
            Decisions.Remove(name);
        }
    }

    private void Migrate(ProcessNote note)
    {
        (Version, Outline) = (note.Version ?? Version, note.Outline ?? Outline);
        foreach (var (from, to) in note.Names ?? new Dictionary<string, string>())
        {
            if (Steps.Remove(from, out var step))
                Steps[to] = step;
            if (Decisions.Remove(from, out var branch))
                Decisions[to] = branch;
            if (Order.IndexOf(from) is >= 0 and var place)
                Order[place] = to;
        }
    }
}
