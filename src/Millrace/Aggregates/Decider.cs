using System.Text.Json;

namespace Millrace;

/// <summary>The definition of a decider; always a <see cref="Decider{TState}"/>.</summary>
public abstract class Decider
{
    private protected Decider(string category)
    {
        ArgumentException.ThrowIfNullOrEmpty(category);
        Category = category;
    }

    /// <summary>Gets the category of the streams.</summary>
    public string Category { get; }

    /// <summary>Gets the display name; by default the name of the state's type.</summary>
    public abstract string Name { get; init; }

    /// <summary>Creates a replay that folds a stream in memory.</summary>
    internal abstract StateReplay CreateReplay();
}

/// <summary>
/// Defines the state of a stream without a base class: an initial state, and a function that applies each event. A
/// decision on a command is a function from the state to events. Immutable.
/// </summary>
/// <remarks>After Jérémie Chassaing, "Functional event sourcing: the decider", 2021.</remarks>
/// <typeparam name="TState">The state: an immutable record, so that it can be shared.</typeparam>
public sealed class Decider<TState> : Decider
    where TState : notnull
{
    private readonly Func<TState> _initial;
    private readonly Func<TState, object, TState> _evolve;

    /// <summary>Creates a decider.</summary>
    /// <param name="category">The category of the streams: <c>account</c> gives <c>account-42</c>.</param>
    /// <param name="initial">Returns the state before the first event.</param>
    /// <param name="evolve">Returns the state after an event. A pure function that returns the state unchanged for
    /// unknown events.</param>
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
    /// Gets the function that writes a state as one JSON value, so that tools can show and explain it. Generated for
    /// classes marked as deciders. Null by default: then the state's <c>ToString</c> is written.
    /// </summary>
    public Action<Utf8JsonWriter, TState>? WriteState { get; init; }

    /// <summary>Gets the state before the first event.</summary>
    public TState Initial => _initial();

    /// <summary>Gets the type that declares the decider's code; null if it is unknown.</summary>
    internal Type? DeclaringType => _evolve.Method.DeclaringType;

    /// <summary>Returns the state after an event.</summary>
    public TState Evolve(TState state, object @event) => _evolve(state, @event);

    /// <summary>Gets the stream of an id.</summary>
    public StreamId StreamOf<TId>(TId id)
        where TId : notnull => StreamId.For(Category, id);

    internal override StateReplay CreateReplay() => new DeciderReplay<TState>(this);
}
