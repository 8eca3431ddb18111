using System.Text.Json;

namespace Millrace;

/// <summary>A decider as the runtime needs to know it; always a <see cref="Decider{TState}"/>.</summary>
public abstract class Decider
{
    private protected Decider(string category)
    {
        ArgumentException.ThrowIfNullOrEmpty(category);
        Category = category;
    }

    /// <summary>The category of its streams.</summary>
    public string Category { get; }

    /// <summary>Its name for people: by default that of the state's type.</summary>
    public abstract string Name { get; init; }

    /// <summary>Makes what folds a stream in memory.</summary>
    internal abstract StateReplay CreateReplay();
}

/// <summary>
/// What a stream's state is made of, without a base class: a beginning, and how each event changes it. What to do about
/// a command is a function from the state to events. Immutable.
/// </summary>
/// <remarks>After Jérémie Chassaing, "Functional event sourcing: the decider", 2021.</remarks>
/// <typeparam name="TState">The state: an immutable record, so that it can be shared.</typeparam>
public sealed class Decider<TState> : Decider
    where TState : notnull
{
    private readonly Func<TState> _initial;
    private readonly Func<TState, object, TState> _evolve;

    /// <summary>Makes a decider.</summary>
    /// <param name="category">The category of its streams: <c>account</c> makes <c>account-42</c>.</param>
    /// <param name="initial">The state before any event.</param>
    /// <param name="evolve">The state after an event; pure. Given an event it does not know, it returns the state as it
    /// was.</param>
    public Decider(string category, Func<TState> initial, Func<TState, object, TState> evolve)
        : base(category)
    {
        ArgumentNullException.ThrowIfNull(initial);
        ArgumentNullException.ThrowIfNull(evolve);
        (_initial, _evolve) = (initial, evolve);
    }

    /// <inheritdoc/>
    public override string Name { get; init; } = typeof(TState).Name;

    /// <summary>
    /// Writes a state as one JSON value: for people, by whom it is looked at and explained. Generated for classes
    /// marked as deciders; null by default: then a state is told by its text.
    /// </summary>
    public Action<Utf8JsonWriter, TState>? WriteState { get; init; }

    /// <summary>The state before any event.</summary>
    public TState Initial => _initial();

    /// <summary>Where it is written; null when nothing tells.</summary>
    internal Type? Home => _evolve.Method.DeclaringType;

    /// <summary>The state after an event.</summary>
    public TState Evolve(TState state, object @event) => _evolve(state, @event);

    /// <summary>The stream of an id.</summary>
    public StreamId StreamOf<TId>(TId id)
        where TId : notnull => StreamId.For(Category, id);

    internal override StateReplay CreateReplay() => new DeciderReplay<TState>(this);
}
