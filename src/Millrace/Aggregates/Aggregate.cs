using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Millrace;

/// <summary>
/// A consistency boundary: decides on commands by its state, and its state is what its events made of it.
/// Derive from <see cref="Aggregate{TId}"/>.
/// </summary>
/// <remarks>
/// Not safe to use from several threads. After Eric Evans, "Domain-Driven Design", 2003, and Greg Young's event
/// sourcing.
/// </remarks>
public abstract class Aggregate
{
    private readonly List<object> _raised = [];

    // Set while no command works on it: what is raised then nobody would append. Another thread may be the one that
    // comes too late.
    private volatile ClosedCommandGuard? _closed;

    private protected Aggregate()
    {
    }

    /// <summary>The version of the stream with the events raised since it was loaded; 0 for a new one without
    /// events.</summary>
    public long Version => LoadedVersion + _raised.Count;

    internal long LoadedVersion { get; set; }

    /// <summary>The version of its last snapshot; 0 for none.</summary>
    internal long SnapshotVersion { get; set; }

    internal IReadOnlyList<object> Raised => _raised;

    /// <summary>Records that something happened: the state changes at once, the event is appended when the command is
    /// done.</summary>
    /// <exception cref="CommandFinishedException">The command is done already: something in its handler was not
    /// awaited.</exception>
    protected void Raise(object @event)
    {
        ArgumentNullException.ThrowIfNull(@event);
        if (_closed is { } closed)
            throw closed.Refuse($"{GetType().Name} raised {@event.GetType().Name}");
        Evolve(@event);
        _raised.Add(@event);
        CheckInvariants();
    }

    /// <summary>Refuses the command with <see cref="InvariantViolatedException"/> unless a rule holds.</summary>
    /// <param name="holds">Whether it holds.</param>
    /// <param name="invariant">The rule's name, in kebab case: <c>order-unpaid</c>. Clients may rely on it.</param>
    /// <param name="message">What to tell people.</param>
    protected void Require([DoesNotReturnIf(false)] bool holds, string invariant, string message)
    {
        if (!holds)
            throw new InvariantViolatedException(GetType().Name, invariant, message);
    }

    /// <summary>
    /// Called after every event raised, for rules that must hold whatever happened; use <see cref="Require"/> in it.
    /// Does nothing by default.
    /// </summary>
    protected virtual void CheckInvariants()
    {
    }

    /// <summary>
    /// Changes the state by an event: calls the <c>When</c> of its type, if there is one. Generated for partial
    /// aggregates.
    /// </summary>
    protected abstract void Evolve(object @event);

    /// <summary>
    /// Writes the members of the state, each with its name, into a JSON object that is begun: for people, by whom a
    /// state is looked at and explained. Generated for partial aggregates; writes nothing by default.
    /// </summary>
    protected virtual void WriteState(Utf8JsonWriter writer)
    {
    }

    /// <summary>Writes the members of the state.</summary>
    internal void WriteStateTo(Utf8JsonWriter writer) => WriteState(writer);

    /// <summary>Lets a command work on it again.</summary>
    internal void Open() => _closed = null;

    /// <summary>Ends a command's work on it: its events have been taken.</summary>
    internal void Close(ClosedCommandGuard late) => _closed = late;

    internal void Load(object @event, long version)
    {
        if (@event is EventParts several)
        {
            foreach (var part in several.Parts)
                Evolve(part);
        }
        else
        {
            Evolve(@event);
        }
        LoadedVersion = version;
    }

    internal void Committed(long version)
    {
        _raised.Clear();
        LoadedVersion = version;
    }
}

/// <summary>An aggregate with an id.</summary>
/// <typeparam name="TId">The type of its id.</typeparam>
public abstract class Aggregate<TId> : Aggregate
    where TId : notnull
{
    /// <summary>Its id; set before anything else is called.</summary>
    // Set by the definition that creates it, before any other code sees it.
    public TId Id { get; internal set; } = default!;
}

/// <summary>A rule of the domain, by name, does not allow what was asked. Nothing was written.</summary>
public class InvariantViolatedException(string aggregate, string invariant, string message)
    : MillraceException(message)
{
    /// <summary>The type of the aggregate, or of the service that holds the rule.</summary>
    public string Aggregate { get; } = aggregate;

    /// <summary>The rule's name.</summary>
    public string Invariant { get; } = invariant;
}

/// <summary>An aggregate that a command is for does not exist.</summary>
public sealed class AggregateNotFoundException(string aggregate, StreamId stream)
    : MillraceException($"{aggregate} '{stream.Key}' does not exist.")
{
    /// <summary>The type of the aggregate.</summary>
    public string Aggregate { get; } = aggregate;

    /// <summary>Its stream.</summary>
    public StreamId Stream { get; } = stream;
}

/// <summary>An aggregate that a command is to begin exists already.</summary>
public sealed class AggregateExistsException(string aggregate, StreamId stream)
    : MillraceException($"{aggregate} '{stream.Key}' exists already.")
{
    /// <summary>The type of the aggregate.</summary>
    public string Aggregate { get; } = aggregate;

    /// <summary>Its stream.</summary>
    public StreamId Stream { get; } = stream;
}
