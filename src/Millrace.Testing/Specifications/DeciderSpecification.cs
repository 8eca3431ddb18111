using Millrace.Testing.Specifications;

namespace Millrace.Testing;

/// <summary>
/// A specification of a decider. Create it with <see cref="Specification.For{TState}(Decider{TState})"/>.
/// </summary>
public sealed class DeciderSpecification<TState>
    where TState : notnull
{
    private readonly Decider<TState> _decider;
    private readonly History _history;

    internal DeciderSpecification(Decider<TState> decider) =>
        (_decider, _history) = (decider, new History((decider.DeclaringType ?? typeof(TState)).Assembly));

    /// <summary>Adds earlier events, oldest first. Further calls add more events.</summary>
    /// <param name="events">Events of any schema version. The specification writes each event and reads it through the
    /// upcasters, as a store does.</param>
    public DeciderSpecification<TState> Given(params object[] events)
    {
        _history.Add(events);
        return this;
    }

    /// <summary>
    /// Adds an earlier event in its stored form, for example in a schema version that no longer has a record type.
    /// </summary>
    /// <param name="eventType">The stored name of the event type: <c>order.placed</c>.</param>
    /// <param name="schemaVersion">The schema version of the event, from 1.</param>
    /// <param name="json">The payload of the event.</param>
    public DeciderSpecification<TState> GivenStored(string eventType, int schemaVersion, string json)
    {
        _history.AddStored(eventType, schemaVersion, json);
        return this;
    }

    /// <summary>
    /// Sets the recorded time of the following events. The default is January 1, 2024. Events can be merged only if
    /// they have the same time.
    /// </summary>
    public DeciderSpecification<TState> At(DateTimeOffset time)
    {
        _history.Time = time.ToUniversalTime();
        return this;
    }

    /// <summary>Sets the model that stores the events. The default is the model of the decider's assembly.</summary>
    public DeciderSpecification<TState> WithModel<TModel>()
        where TModel : IModel
    {
        _history.RoundTrip.Named = SpecificationModel.Of<TModel>();
        return this;
    }

    /// <summary>Runs a decision with the state after the earlier events, and returns the result.</summary>
    /// <exception cref="SpecificationException">A given event cannot be stored or makes the decider throw, or a decided
    /// event changes when it is stored and read.</exception>
    public SpecificationResult<TState> When(Func<TState, IEnumerable<object>> decide)
    {
        ArgumentNullException.ThrowIfNull(decide);
        return SpecificationResult<TState>.Of(_history, () =>
        {
            var state = _decider.Initial;
            _history.Fold($"the Evolve of '{_decider.Category}'", (data, _) => state = Evolve(state, data));
            object[] decided = [.. decide(state)];
            return (decided.Aggregate(state, _decider.Evolve), decided);
        });
    }

    /// <summary>Runs a decision that returns one event or null, and returns the result.</summary>
    /// <inheritdoc cref="When(Func{TState, IEnumerable{object}})"/>
    public SpecificationResult<TState> When(Func<TState, object?> decide)
    {
        ArgumentNullException.ThrowIfNull(decide);
        return When(state => decide(state) is { } decided ? [decided] : Array.Empty<object>());
    }

    private TState Evolve(TState state, object data) =>
        data is EventParts merged ? merged.Parts.Aggregate(state, _decider.Evolve) : _decider.Evolve(state, data);
}
