namespace Millrace.Testing;

/// <summary>A specification of a decider; begun by <see cref="Specification.For{TState}(Decider{TState})"/>.</summary>
public sealed class DeciderSpecification<TState>
    where TState : notnull
{
    private readonly Decider<TState> _decider;
    private readonly History _history;

    internal DeciderSpecification(Decider<TState> decider) =>
        (_decider, _history) = (decider, new History((decider.DeclaringType ?? typeof(TState)).Assembly));

    /// <summary>Says what happened before, oldest first. Called again, it adds to it.</summary>
    /// <param name="events">Events in any version of theirs: each is written and read through the upcasters, as the
    /// store does.</param>
    public DeciderSpecification<TState> Given(params object[] events)
    {
        _history.Add(events);
        return this;
    }

    /// <summary>Says what happened before as it stands in the store, in a shape that may have no record any
    /// more.</summary>
    /// <param name="eventType">The stored name of its type: <c>order.placed</c>.</param>
    /// <param name="schemaVersion">Which shape of the type it is, from 1.</param>
    /// <param name="json">Its payload.</param>
    public DeciderSpecification<TState> GivenStored(string eventType, int schemaVersion, string json)
    {
        _history.AddStored(eventType, schemaVersion, json);
        return this;
    }

    /// <summary>
    /// Has the events that follow be recorded at a time; the first day of 2024 by default. Events that are read as one
    /// are so only where their time is one.
    /// </summary>
    public DeciderSpecification<TState> At(DateTimeOffset time)
    {
        _history.Time = time.ToUniversalTime();
        return this;
    }

    /// <summary>Says which model the events are stored by; by default that of the decider's assembly.</summary>
    public DeciderSpecification<TState> WithModel<TModel>()
        where TModel : IModel
    {
        _history.RoundTrip.Named = SpecificationModel.Of<TModel>();
        return this;
    }

    /// <summary>Decides by the state that the given events make, and keeps what comes of it.</summary>
    /// <exception cref="SpecificationException">A given event cannot be stored, or makes the decider throw; or a
    /// decided one does not come back from the store.</exception>
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

    /// <summary>Decides on one event, or none.</summary>
    /// <inheritdoc cref="When(Func{TState, IEnumerable{object}})"/>
    public SpecificationResult<TState> When(Func<TState, object?> decide)
    {
        ArgumentNullException.ThrowIfNull(decide);
        return When(state => decide(state) is { } decided ? [decided] : Array.Empty<object>());
    }

    private TState Evolve(TState state, object data) =>
        data is EventParts several ? several.Parts.Aggregate(state, _decider.Evolve) : _decider.Evolve(state, data);
}
