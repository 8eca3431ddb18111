namespace Millrace.Testing;

/// <summary>A specification of an aggregate; begun by <see cref="Specification.For{TAggregate, TId}"/>.</summary>
public sealed class AggregateSpecification<TAggregate>
    where TAggregate : Aggregate
{
    private readonly Func<TAggregate> _create;
    private readonly List<object> _given = [];

    internal AggregateSpecification(Func<TAggregate> create) => _create = create;

    /// <summary>Says what happened before, oldest first. Called again, it adds to it.</summary>
    public AggregateSpecification<TAggregate> Given(params object[] events)
    {
        ArgumentNullException.ThrowIfNull(events);
        _given.AddRange(events);
        return this;
    }

    /// <summary>Calls the aggregate as a command's handler does, and keeps what comes of it.</summary>
    public SpecificationResult When(Action<TAggregate> command)
    {
        ArgumentNullException.ThrowIfNull(command);
        var aggregate = _create();
        for (var i = 0; i < _given.Count; i++)
            aggregate.Load(_given[i], i + 1);
        return SpecificationResult.Of(_given, () =>
        {
            command(aggregate);
            return aggregate.Raised;
        });
    }
}
