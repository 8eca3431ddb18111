using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Millrace.Aggregates;

namespace Millrace;

/// <summary>
/// The base class of aggregates. An aggregate is a consistency boundary that handles commands. It decides from its
/// state, which is the result of its events. Derive from <see cref="Aggregate{TId}"/>.
/// </summary>
/// <remarks>
/// This class is not thread-safe. See Eric Evans, "Domain-Driven Design", 2003, and Greg Young's work on event
/// sourcing.
/// </remarks>
public abstract class Aggregate
{
    private readonly List<object> _raised = [];

    // Set while no command uses the aggregate, because an event that is raised then would never be appended. The field
    // is volatile, because the late caller may run on another thread.
    private volatile ClosedCommandGuard? _closed;

    private protected Aggregate()
    {
    }

    /// <summary>
    /// Gets the version of the stream, including the events that were raised after it was loaded; 0 for a new aggregate
    /// without events.
    /// </summary>
    public long Version => LoadedVersion + _raised.Count;

    internal long LoadedVersion { get; set; }

    /// <summary>Gets or sets the version of the last snapshot; 0 if there is no snapshot.</summary>
    internal long SnapshotVersion { get; set; }

    /// <summary>
    /// Gets or sets the round of the store's decrypted values in which the state was read. After keys were destroyed,
    /// the state may contain erased values.
    /// </summary>
    internal long ValuesRound { get; set; }

    internal IReadOnlyList<object> Raised => _raised;

    /// <summary>
    /// Raises an event. The state changes immediately, and the event is appended when the command has finished.
    /// </summary>
    /// <exception cref="CommandFinishedException">The command has already finished, because the handler did not await
    /// some of its work.</exception>
    protected void Raise(object @event)
    {
        ArgumentNullException.ThrowIfNull(@event);
        if (_closed is { } closed)
            throw closed.Refuse($"{GetType().Name} raised {@event.GetType().Name}");
        Evolve(@event);
        _raised.Add(@event);
        CheckInvariants();
    }

    /// <summary>Refuses the command with <see cref="InvariantViolatedException"/> unless a rule is satisfied.</summary>
    /// <param name="holds">True if the rule is satisfied.</param>
    /// <param name="invariant">The name of the rule in kebab case, such as <c>order-unpaid</c>. Clients may rely on
    /// it.</param>
    /// <param name="message">The message for users.</param>
    protected void Require([DoesNotReturnIf(false)] bool holds, string invariant, string message)
    {
        if (!holds)
            throw new InvariantViolatedException(GetType().Name, invariant, message);
    }

    /// <summary>
    /// Checks the rules that must always be satisfied. Millrace calls this method after every raised event. Call
    /// <see cref="Require"/> in an override. The default implementation does nothing.
    /// </summary>
    protected virtual void CheckInvariants()
    {
    }

    /// <summary>
    /// Applies an event to the state. The method calls the <c>When</c> method for the type of the event, if there is
    /// such a method. The generator implements this method for partial aggregates.
    /// </summary>
    protected abstract void Evolve(object @event);

    /// <summary>
    /// Writes the members of the state, each with its name, into a JSON object that the caller has started. Tools use
    /// this method to show and explain the state. The generator implements this method for partial aggregates. The
    /// default implementation writes nothing.
    /// </summary>
    protected virtual void WriteState(Utf8JsonWriter writer)
    {
    }

    /// <summary>Writes the members of the state.</summary>
    internal void WriteStateTo(Utf8JsonWriter writer) => WriteState(writer);

    /// <summary>Opens the aggregate for a command.</summary>
    internal void Open() => _closed = null;

    /// <summary>Closes the aggregate after a command. After that, events can no longer be raised.</summary>
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
    /// <summary>Gets the id. Millrace sets the id before it calls any other member.</summary>
    // The definition sets the id when it creates the aggregate, before any other code can access it.
    public TId Id { get; internal set; } = default!;
}

/// <summary>Thrown when a named rule of the domain does not allow a command. The command wrote nothing.</summary>
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

/// <summary>Thrown when the aggregate that a command creates already exists.</summary>
public sealed class AggregateExistsException(string aggregate, StreamId stream)
    : MillraceException($"{aggregate} '{stream.Key}' exists already.")
{
    /// <summary>Gets the type of the aggregate.</summary>
    public string Aggregate { get; } = aggregate;

    /// <summary>Gets the stream of the aggregate.</summary>
    public StreamId Stream { get; } = stream;
}
