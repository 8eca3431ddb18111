namespace Millrace.Testing;

/// <summary>A specification of a decider; begun by <see cref="Specification.For{TState}(Decider{TState})"/>.</summary>
public sealed class DeciderSpecification<TState>
    where TState : notnull
{
    private readonly Decider<TState> _decider;
    private readonly List<object> _given = [];

    internal DeciderSpecification(Decider<TState> decider) => _decider = decider;

    /// <summary>Says what happened before, oldest first. Called again, it adds to it.</summary>
    public DeciderSpecification<TState> Given(params object[] events)
    {
        ArgumentNullException.ThrowIfNull(events);
        _given.AddRange(events);
        return this;
    }

    /// <summary>Decides by the state that the given events make, and keeps what comes of it.</summary>
    public SpecificationResult When(Func<TState, IEnumerable<object>> decide)
    {
        ArgumentNullException.ThrowIfNull(decide);
        var state = _given.Aggregate(_decider.Initial, _decider.Evolve);
        return SpecificationResult.Of(_given, () => [.. decide(state)]);
    }
}
