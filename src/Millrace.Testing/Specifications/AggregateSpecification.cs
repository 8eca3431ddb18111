using Millrace.Testing.Specifications;

namespace Millrace.Testing;

/// <summary>
/// A specification of an aggregate. Create it with <see cref="Specification.For{TAggregate}(object)"/>.
/// </summary>
public sealed class AggregateSpecification<TAggregate>
    where TAggregate : Aggregate
{
    private readonly Func<RoundTrip, TAggregate> _create;
    private readonly History _history = new(typeof(TAggregate).Assembly);

    internal AggregateSpecification(Func<RoundTrip, TAggregate> create) => _create = create;

    /// <summary>Adds earlier events, oldest first. Further calls add more events.</summary>
    /// <param name="events">Events of any schema version. The specification writes each event and reads it through the
    /// upcasters, as a store does.</param>
    public AggregateSpecification<TAggregate> Given(params object[] events)
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
    public AggregateSpecification<TAggregate> GivenStored(string eventType, int schemaVersion, string json)
    {
        _history.AddStored(eventType, schemaVersion, json);
        return this;
    }

    /// <summary>
    /// Sets the recorded time of the following events. The default is January 1, 2024. Events can be merged only if
    /// they have the same time.
    /// </summary>
    public AggregateSpecification<TAggregate> At(DateTimeOffset time)
    {
        _history.Time = time.ToUniversalTime();
        return this;
    }

    /// <summary>Sets the model that stores the events. The default is the model of the aggregate's assembly.</summary>
    public AggregateSpecification<TAggregate> WithModel<TModel>()
        where TModel : IModel
    {
        _history.RoundTrip.Named = SpecificationModel.Of<TModel>();
        return this;
    }

    /// <summary>Calls the aggregate as a command handler does, and returns the result.</summary>
    /// <exception cref="SpecificationException">A given event cannot be stored or makes the aggregate throw, or a
    /// raised event changes when it is stored and read.</exception>
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
