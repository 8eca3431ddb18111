using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Millrace;

/// <summary>
/// A consistency boundary. It decides on commands from its state, and its state is built from its events. Derive from
/// <see cref="Aggregate{TId}"/>.
/// </summary>
/// <remarks>
/// Not thread-safe. After Eric Evans, "Domain-Driven Design", 2003, and Greg Young's event sourcing.
/// </remarks>
public abstract class Aggregate
{
    private readonly List<object> _raised = [];

    // Set while no command uses the aggregate: an event raised then would never be appended. Volatile, because the late
    // caller may run on another thread.
    private volatile ClosedCommandGuard? _closed;

    private protected Aggregate()
    {
    }

    /// <summary>
    /// Gets the version of the stream, including the events raised since it was loaded; 0 for a new aggregate without
    /// events.
    /// </summary>
    public long Version => LoadedVersion + _raised.Count;

    internal long LoadedVersion { get; set; }

    /// <summary>Gets or sets the version of the last snapshot; 0 for none.</summary>
    internal long SnapshotVersion { get; set; }

    internal IReadOnlyList<object> Raised => _raised;

    /// <summary>
    /// Raises an event. The state changes at once; the event is appended when the command has finished.
    /// </summary>
    /// <exception cref="CommandFinishedException">The command has already finished: the handler did not await some of
    /// its work.</exception>
    protected void Raise(object @event)
    {
        ArgumentNullException.ThrowIfNull(@event);
        if (_closed is { } closed)
            throw closed.Refuse($"{GetType().Name} raised {@event.GetType().Name}");
        Evolve(@event);
        _raised.Add(@event);
        CheckInvariants();
    }

    /// <summary>Rejects the command with <see cref="InvariantViolatedException"/> unless a rule holds.</summary>
    /// <param name="holds">True if the rule holds.</param>
    /// <param name="invariant">The name of the rule in kebab case, such as <c>order-unpaid</c>. Clients may rely on
    /// it.</param>
    /// <param name="message">The message for users.</param>
    protected void Require([DoesNotReturnIf(false)] bool holds, string invariant, string message)
    {
        if (!holds)
            throw new InvariantViolatedException(GetType().Name, invariant, message);
    }

    /// <summary>
    /// Called after every raised event, for rules that must always hold; use <see cref="Require"/> in it. Does nothing
    /// by default.
    /// </summary>
    protected virtual void CheckInvariants()
    {
    }

    /// <summary>
    /// Changes the state by an event: calls the <c>When</c> method for the type of the event, if there is one.
    /// Generated for partial aggregates.
    /// </summary>
    protected abstract void Evolve(object @event);

    /// <summary>
    /// Writes the members of the state, each with its name, into a JSON object that the caller has started. Tools show
    /// and explain the state with it. Generated for partial aggregates; writes nothing by default.
    /// </summary>
    protected virtual void WriteState(Utf8JsonWriter writer)
    {
    }

    /// <summary>Writes the members of the state.</summary>
    internal void WriteStateTo(Utf8JsonWriter writer) => WriteState(writer);

    /// <summary>Opens the aggregate for a command.</summary>
    internal void Open() => _closed = null;

    /// <summary>Closes the aggregate after a command: its raised events have been taken.</summary>
    internal void Close(ClosedCommandGuard guard) => _closed = guard;

    internal void Load(object @event, long version)
    {
        if (@event is EventParts parts)
        {
            foreach (var part in parts.Parts)
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
/// <typeparam name="TId">The type of the id.</typeparam>
public abstract class Aggregate<TId> : Aggregate
    where TId : notnull
{
    /// <summary>Gets the id. It is set before any other member is called.</summary>
    // Set by the definition that creates it, before any other code sees it.
    public TId Id { get; internal set; } = default!;
}

/// <summary>Thrown when a named rule of the domain does not allow a command. Nothing was written.</summary>
public class InvariantViolatedException(string aggregate, string invariant, string message)
    : MillraceException(message)
{
    /// <summary>Gets the type of the aggregate, or of the service that checks the rule.</summary>
    public string Aggregate { get; } = aggregate;

    /// <summary>Gets the name of the rule.</summary>
    public string Invariant { get; } = invariant;
}

/// <summary>Thrown when the aggregate of a command does not exist.</summary>
public sealed class AggregateNotFoundException(string aggregate, StreamId stream)
    : MillraceException($"{aggregate} '{stream.Key}' does not exist.")
{
    /// <summary>Gets the type of the aggregate.</summary>
    public string Aggregate { get; } = aggregate;

    /// <summary>Gets the stream of the aggregate.</summary>
    public StreamId Stream { get; } = stream;
}

/// <summary>Thrown when the aggregate that a command creates exists already.</summary>
public sealed class AggregateExistsException(string aggregate, StreamId stream)
    : MillraceException($"{aggregate} '{stream.Key}' exists already.")
{
    /// <summary>Gets the type of the aggregate.</summary>
    public string Aggregate { get; } = aggregate;

    /// <summary>Gets the stream of the aggregate.</summary>
    public StreamId Stream { get; } = stream;
}
