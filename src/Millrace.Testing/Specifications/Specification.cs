namespace Millrace.Testing;

/// <summary>
/// Begins a specification of what an aggregate or a decider decides: given events, when a command comes, then events follow.
/// </summary>
/// <remarks>
/// <code>
/// Specification.For&lt;Order, OrderId&gt;(order)
///     .Given(new OrderPlaced(order, total, day))
///     .When(aggregate => aggregate.Pay("card"))
///     .Then(new OrderPaid(order, "card"));
/// </code>
/// No store and no time are involved. Events are compared by their equality, which records have by value.
/// </remarks>
public static class Specification
{
    /// <summary>Specifies an aggregate.</summary>
    /// <param name="id">Its id.</param>
    public static AggregateSpecification<TAggregate> For<TAggregate, TId>(TId id)
        where TAggregate : Aggregate<TId>, new()
        where TId : notnull =>
        new(() => new TAggregate { Id = id });

    /// <summary>Specifies a decider.</summary>
    public static DeciderSpecification<TState> For<TState>(Decider<TState> decider)
        where TState : notnull
    {
        ArgumentNullException.ThrowIfNull(decider);
        return new DeciderSpecification<TState>(decider);
    }
}
