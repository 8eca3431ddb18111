using System.Text.Json;
using Millrace.Aggregates;
using Millrace.Store;

namespace Millrace;

/// <summary>The base class of <see cref="Decider{TState}"/>.</summary>
public abstract class Decider
{
    private protected Decider(string category)
    {
        ArgumentException.ThrowIfNullOrEmpty(category);
        Category = category;
    }

    /// <summary>Gets the category of the streams.</summary>
    public string Category { get; }

    /// <summary>Gets the display name. The default is the name of the state's type.</summary>
    public abstract string Name { get; init; }

    /// <summary>Creates a replay that folds a stream in memory.</summary>
    internal abstract StateReplay CreateReplay();
}

/// <summary>
/// Defines the state of a stream with functions instead of a base class. A decider has an initial state and a function
/// that applies each event. The decision on a command is a function that returns events for a state. Immutable.
/// </summary>
/// <remarks>See Jérémie Chassaing, "Functional event sourcing: the decider", 2021.</remarks>
/// <typeparam name="TState">The type of the state, which must be an immutable record, because states are
/// shared.</typeparam>
public sealed class Decider<TState> : Decider
    where TState : notnull
{
    private readonly Func<TState> _initial;
    private readonly Func<TState, object, TState> _evolve;

    /// <summary>Creates a decider.</summary>
    /// <param name="category">The category of the streams. For example, with the category <c>account</c>, a stream has
    /// the name <c>account-42</c>.</param>
    /// <param name="initial">Returns the state before the first event.</param>
    /// <param name="evolve">A pure function that returns the state after an event. For unknown events, it returns the
    /// unchanged state.</param>
    public Decider(string category, Func<TState> initial, Func<TState, object, TState> evolve)
        : base(category)
    {
        ArgumentNullException.ThrowIfNull(initial);
        ArgumentNullException.ThrowIfNull(evolve);
        _initial = initial;
        _evolve = evolve;
    }

    /// <inheritdoc/>
    public override string Name { get; init; } = typeof(TState).Name;

    /// <summary>
    /// Gets the function that writes a state as one JSON value, so that tools can show and explain the state. The
    /// generator sets it for classes that are marked as deciders. With null, the default, the result of the state's
    /// <c>ToString</c> is written.
    /// </summary>
    public Action<Utf8JsonWriter, TState>? WriteState { get; init; }

    /// <summary>Gets the state before the first event.</summary>
    public TState Initial => _initial();

    /// <summary>Gets the type that declares the decider's functions; null if it is unknown.</summary>
    internal Type? DeclaringType => _evolve.Method.DeclaringType;

    /// <summary>Returns the state after an event.</summary>
    public TState Evolve(TState state, object @event) => _evolve(state, @event);

    /// <summary>Gets the stream of an id.</summary>
    public StreamId StreamOf<TId>(TId id)
        where TId : notnull => StreamId.For(Category, id);

    internal override StateReplay CreateReplay() => new DeciderReplay<TState>(this);
}
