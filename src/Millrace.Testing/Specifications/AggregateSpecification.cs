namespace Millrace.Testing;

/// <summary>A specification of an aggregate; begun by <see cref="Specification.For{TAggregate}(object)"/>.</summary>
public sealed class AggregateSpecification<TAggregate>
    where TAggregate : Aggregate
{
    private readonly Func<RoundTrip, TAggregate> _create;
    private readonly History _history = new(typeof(TAggregate).Assembly);

    internal AggregateSpecification(Func<RoundTrip, TAggregate> create) => _create = create;

    /// <summary>Says what happened before, oldest first. Called again, it adds to it.</summary>
    /// <param name="events">Events in any version of theirs: each is written and read through the upcasters, as the
    /// store does.</param>
    public AggregateSpecification<TAggregate> Given(params object[] events)
    {
        _history.Add(events);
        return this;
    }

    /// <summary>Says what happened before as it stands in the store, in a shape that may have no record any
    /// more.</summary>
    /// <param name="eventType">The stored name of its type: <c>order.placed</c>.</param>
    /// <param name="schemaVersion">Which shape of the type it is, from 1.</param>
    /// <param name="json">Its payload.</param>
    public AggregateSpecification<TAggregate> GivenStored(string eventType, int schemaVersion, string json)
    {
        _history.AddStored(eventType, schemaVersion, json);
        return this;
    }

    /// <summary>
    /// Has the events that follow be recorded at a time; the first day of 2024 by default. Events that are read as one
    /// are so only where their time is one.
    /// </summary>
    public AggregateSpecification<TAggregate> At(DateTimeOffset time)
    {
        _history.Time = time.ToUniversalTime();
        return this;
    }

    /// <summary>Says which model the events are stored by; by default that of the aggregate's assembly.</summary>
    public AggregateSpecification<TAggregate> WithModel<TModel>()
        where TModel : IModel
    {
        _history.RoundTrip.Named = SpecificationModel.Of<TModel>();
        return this;
    }

    /// <summary>Calls the aggregate as a command's handler does, and keeps what comes of it.</summary>
    /// <exception cref="SpecificationException">A given event cannot be stored, or makes the aggregate throw; or one
    /// raised does not come back from the store.</exception>
    public SpecificationResult<TAggregate> When(Action<TAggregate> command)
    {
        ArgumentNullException.ThrowIfNull(command);
        var aggregate = _create(_history.RoundTrip);
        return SpecificationResult<TAggregate>.Of(
            _history,
            () =>
            {
                _history.Fold(
                    $"the When of {typeof(TAggregate).Name}",
                    (data, recorded) => aggregate.Load(data, recorded.Version));
                command(aggregate);
                return (aggregate, aggregate.Raised);
            }
        );
    }
}
