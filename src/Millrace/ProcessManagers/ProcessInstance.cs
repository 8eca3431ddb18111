using System.Collections.Immutable;
using Millrace.Commands;
using Millrace.Events;

namespace Millrace.ProcessManagers;

/// <summary>
/// An instance of a process, built from the events of its stream. Tools can read every instance, because no definition
/// is necessary.
/// </summary>
internal sealed class ProcessInstance(string process, string id)
{
    // A fixed early time, because the clocks of the log and of the node may differ.
    private static readonly DateTimeOffset Immediately = DateTimeOffset.UnixEpoch;

    private ImmutableHashSet<long> _seen = [];
    private ImmutableHashSet<long> _givenUp = [];
    private Guid? _correlation;

    private ProcessInstance(ProcessInstance other)
        : this(other.Process, other.Id)
    {
        StreamVersion = other.StreamVersion;
        Version = other.Version;
        Outline = other.Outline;
        (State, HeldIn, HasPassedPointOfNoReturn, HasPendingRequest) = (
            other.State, other.HeldIn, other.HasPassedPointOfNoReturn, other.HasPendingRequest);
        Reason = other.Reason;
        CancelReason = other.CancelReason;
        _correlation = other._correlation;
        (TraceParent, TracedAt) = (other.TraceParent, other.TracedAt);
        StartedAt = other.StartedAt;
        ChangedAt = other.ChangedAt;
        Record = other.Record;
        _seen = other._seen;
        _givenUp = other._givenUp;
        Decisions = other.Decisions;
        Received = other.Received;
        Early = other.Early;
        BufferedEvents = other.BufferedEvents;
        Steps = new Dictionary<string, StepStatus>(other.Steps, StringComparer.Ordinal);
        Order = [.. other.Order];
    }

    public string Process { get; } = process;

    public string Id { get; } = id;

    /// <summary>
    /// Gets the correlation id of the steps. The event that started the instance records this id. For an instance of an
    /// earlier build, the id is derived from the process name and the instance id.
    /// </summary>
    public Guid Correlation
    {
        get => _correlation ?? CommandIds.Of(Process, Id);
        init => _correlation = value;
    }

    /// <summary>Gets the last trace context of its events; null if none has one.</summary>
    public string? TraceParent { get; private set; }

    /// <summary>Gets the time of the event with the last trace context.</summary>
    public DateTimeOffset TracedAt { get; private set; }

    /// <summary>Gets the version of the stream in the store.</summary>
    public long StreamVersion { get; private set; }

    /// <summary>Gets the version of the definition.</summary>
    public int Version { get; private set; }

    public ProcessState State { get; private set; }

    /// <summary>Gets the state in which the instance was held.</summary>
    public ProcessState HeldIn { get; private set; }

    public string? Reason { get; private set; }

    public DateTimeOffset StartedAt { get; private set; }

    public DateTimeOffset ChangedAt { get; private set; }

    /// <summary>Gets or sets the document that this node wrote; null if this node only read the instance.</summary>
    public ProcessRecord? Record { get; set; }

    /// <summary>Gets the names of all parts of the definition, in order.</summary>
    public IReadOnlyList<string> Outline { get; private set; } = [];

    public Dictionary<string, StepStatus> Steps { get; } = new(StringComparer.Ordinal);

    /// <summary>Gets the steps in the order in which they first started.</summary>
    public List<string> Order { get; } = [];

    /// <summary>Gets the selected branches by the names of the decisions.</summary>
    public ImmutableDictionary<string, string> Decisions { get; private set; } =
        ImmutableDictionary<string, string>.Empty;

    /// <summary>Gets the position of the last received event of each name.</summary>
    public ImmutableDictionary<string, long> Received { get; private set; } = ImmutableDictionary<string, long>.Empty;

    /// <summary>Gets the positions, by event name, of events that arrived before they were awaited.</summary>
    public ImmutableDictionary<string, long> Early { get; private set; } = ImmutableDictionary<string, long>.Empty;

    /// <summary>Gets the events that arrived before the event that starts the instance, in order.</summary>
    public ImmutableList<BufferedEarlyEvent> BufferedEvents { get; private set; } = [];

    /// <summary>Gets whether the event that starts the instance has arrived.</summary>
    public bool IsStarted => Version > 0;

    /// <summary>Gets whether the instance has passed the point of no return.</summary>
    public bool HasPassedPointOfNoReturn { get; private set; }

    /// <summary>Gets the reason of a user's cancellation; null if no cancellation is pending.</summary>
    public string? CancelReason { get; private set; }

    /// <summary>Gets whether a user made a decision that the process has not handled yet.</summary>
    public bool HasPendingRequest { get; private set; }

    public bool IsEnded => State is ProcessState.Completed or ProcessState.Compensated;

    /// <summary>Gets the current parts.</summary>
    public IEnumerable<string> Current =>
        Steps
            .Where(step =>
                step.Value.Phase is StepPhase.Begun or StepPhase.Awaiting
                || step.Value.Undo == StepPhase.Begun
                || (
                    State == ProcessState.Held
                    && (step.Value.Phase == StepPhase.Failed || step.Value.Undo == StepPhase.Failed)))
            .Select(step => step.Key);

    public bool HasSeen(long position) => _seen.Contains(position);

    /// <summary>Returns true if the event at a position was kept for the instance but expired or was refused.</summary>
    public bool HasGivenUp(long position) => _givenUp.Contains(position);

    public StepStatus StepOf(string name) => Steps.GetValueOrDefault(name, StepStatus.Beginning);

    /// <summary>Gets the time at which the instance is due; null if it waits for an event or a decision.</summary>
    public DateTimeOffset? Due
    {
        get
        {
            if (State == ProcessState.NotStarted)
                return BufferedEvents.IsEmpty ? null : BufferedEvents.Min(static one => one.Until);
            if (IsEnded || (State == ProcessState.Held && !HasPendingRequest))
                return null;
            if (HasPendingRequest)
                return Immediately;
            DateTimeOffset? due = null;
            foreach (var step in Steps.Values)
            {
                var at = step.Undo == StepPhase.Begun ? step.UndoRetryAt ?? Immediately
                    : State != ProcessState.Running ? null
                    : step.Phase == StepPhase.Begun ? step.RetryAt ?? Immediately
                    : step.Phase == StepPhase.Awaiting ? step.Until
                    : null;
                if (at is { } found && (due is null || found < due))
                    due = found;
            }
            return due;
        }
    }

    /// <summary>Gets whether the instance continues immediately.</summary>
    public bool IsUnderWay => Due <= ChangedAt;

    /// <summary>Returns a copy that can be changed independently.</summary>
    public ProcessInstance Copy() => new(this);

    /// <summary>Applies an event of the stream.</summary>
    public void ApplyStored(string type, ProcessNote note, DateTimeOffset at, long version, Guid? correlation = null)
    {
        _correlation ??= correlation;
        Apply(type, note, at);
        foreach (var started in note.Beginnings())
            Apply(ProcessEvents.StepBegun, started, at);
        StreamVersion = version;
    }

    /// <summary>Records the trace context of an event. Does nothing for null.</summary>
    public void NoteTrace(string? traceParent, DateTimeOffset at)
    {
        if (traceParent is not null)
            (TraceParent, TracedAt) = (traceParent, at);
    }

    /// <summary>Records that events which were already applied are committed.</summary>
    public void NoteCommitted(int events) => StreamVersion += events;

    public void Apply(string type, ProcessNote note, DateTimeOffset at)
    {
        if (HasPendingRequest && type == ProcessEvents.Resumed)
            CancelReason = null; // A resume revokes a cancellation that the process has not handled.
        (ChangedAt, HasPendingRequest) = (
            at, ProcessEvents.OfOperators.Contains(type) || (HasPendingRequest && !IsReplyToRequest(type, note)));
        if (note.Position is { } position)
            _seen = _seen.Add(position);
        if (note.Step is not { } name || !ApplyToStep(type, note, name))
            ApplyToInstance(type, note, at);
    }

    /// <summary>
    /// Returns true if an event can be the reply to a user's decision. Received events and takeovers are not replies.
    /// </summary>
    private static bool IsReplyToRequest(string type, ProcessNote note) =>
        note.Position is null && type != ProcessEvents.Migrated;

    private bool ApplyToStep(string type, ProcessNote note, string name)
    {
        if (StepOf(name).After(type, note) is not { } after)
            return false;
        Steps[name] = after;
        switch (type)
        {
            case ProcessEvents.StepBegun when !Order.Contains(name):
                Order.Add(name);
                break;
            case ProcessEvents.Received:
                Receive(note);
                Early = Early.Remove(note.Event ?? "");
                break;
            case ProcessEvents.Decided:
                Decisions = Decisions.SetItem(name, note.Branch ?? "");
                break;
            case ProcessEvents.PassedNoReturn:
                HasPassedPointOfNoReturn = true;
                break;
        }
        return true;
    }

    private void ApplyToInstance(string type, ProcessNote note, DateTimeOffset at)
    {
        switch (type)
        {
            case ProcessEvents.Started:
                Version = note.Version ?? 1;
                Outline = note.Outline ?? [];
                StartedAt = at;
                State = ProcessState.Running;
                Reason = null;
                BufferedEvents = [];
                Receive(note);
                break;
            case ProcessEvents.Kept:
                StartedAt = BufferedEvents.IsEmpty ? at : StartedAt;
                BufferedEvents = BufferedEvents.Add(
                    new BufferedEarlyEvent(note.Event ?? "", note.Position ?? 0, note.Until ?? at));
                (State, Reason) = (
                    ProcessState.NotStarted,
                    $"{BufferedEvents.Count:N0} events came before the one that starts the instance.");
                break;
            case ProcessEvents.Expired:
                BufferedEvents = BufferedEvents.RemoveAll(one => one.Position == note.Position);
                _givenUp = _givenUp.Add(note.Position ?? 0);
                _seen = _seen.Remove(note.Position ?? 0); // A user may retry the event, which then arrives again.
                Reason = IsStarted ? Reason : note.Reason;
                break;
            case ProcessEvents.ReceivedEarly:
                Receive(note);
                Early = Early.SetItem(note.Event ?? "", note.Position ?? 0);
                break;
            case ProcessEvents.Compensating:
                State = ProcessState.Compensating;
                Reason = note.Reason;
                break;
            case ProcessEvents.Completed:
                State = ProcessState.Completed;
                Reason = null;
                break;
            case ProcessEvents.Compensated:
                State = ProcessState.Compensated;
                break;
            case ProcessEvents.Held:
                if (State != ProcessState.Held)
                    HeldIn = State;
                State = ProcessState.Held;
                Reason = note.Reason;
                break;
            case ProcessEvents.CancelRequested:
                CancelReason = note.Reason ?? "It was cancelled.";
                break;
            case ProcessEvents.Resumed:
                Resume(note.Step);
                break;
            case ProcessEvents.Moved:
                Move(note.Step!); // A move always names a step.
                break;
            case ProcessEvents.Migrated:
                Migrate(note);
                break;
        }
    }

    private void Receive(ProcessNote note)
    {
        if (note.Event is { } name && note.Position is { } position)
            Received = Received.SetItem(name, position);
    }

    private void Resume(string? from)
    {
        Reason = null;
        if (from is not null || HasPassedPointOfNoReturn || HeldIn != ProcessState.Running)
            CancelReason = null; // Otherwise the request to cancel is still pending.
        if (from is not null)
        {
            ReturnToRunning();
            ResetFrom(from);
            return;
        }
        State = HeldIn;
        ChangeSteps(step => step.Undo == StepPhase.Failed ? step.ResetUndo()
            : step.Phase == StepPhase.Failed && State == ProcessState.Running ? step.Reset()
            : step);
    }

    private void Move(string to)
    {
        Reason = null;
        CancelReason = null;
        ReturnToRunning();
        foreach (var name in Outline)
        {
            if (name == to)
                break;
            if (StepOf(name) is { Phase: not StepPhase.Done } before)
                Steps[name] = before with { Phase = StepPhase.Skipped };
        }
        ResetFrom(to);
    }

    /// <summary>
    /// Returns to the running state. Compensated steps are reset, so that they are not done. Steps that could not be
    /// compensated keep their state, and may be compensated later.
    /// </summary>
    private void ReturnToRunning()
    {
        State = ProcessState.Running;
        ChangeSteps(step => step.Undo == StepPhase.Done ? step.Reset() : step.ForgetUndo());
    }

    private void ChangeSteps(Func<StepStatus, StepStatus> change)
    {
        foreach (var (name, step) in Steps.ToArray())
            Steps[name] = change(step);
    }

    private void ResetFrom(string first)
    {
        var isAtOrAfterFirst = false;
        foreach (var name in Outline)
        {
            isAtOrAfterFirst |= name == first;
            if (!isAtOrAfterFirst || (name != first && !Steps.ContainsKey(name)))
                continue;
            Steps[name] = StepOf(name).Reset();
            Decisions = Decisions.Remove(name);
        }
    }

    private void Migrate(ProcessNote note)
    {
        Version = note.Version ?? Version;
        Outline = note.Outline ?? Outline;
        if (note.Names is not { } names)
            return;
        // All at once: the former name of one part may be the new name of another.
        var steps = Steps.ToArray();
        var decisions = Decisions;
        Steps.Clear();
        foreach (var (name, step) in steps)
            Steps[NameIn(name)] = step;
        Decisions = Decisions
            .Clear()
            .SetItems(decisions.Select(one => KeyValuePair.Create(NameIn(one.Key), one.Value)));
        for (var i = 0; i < Order.Count; i++)
            Order[i] = NameIn(Order[i]);

        string NameIn(string name) => names.GetValueOrDefault(name, name);
    }
}
