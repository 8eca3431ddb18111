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

    /// <summary>Specifies a projection of a model, with documents and events as they are stored.</summary>
    /// <typeparam name="TModel">The model.</typeparam>
    /// <param name="collection">The projection with its version: <c>daily-sales@1</c>.</param>
    /// <exception cref="ArgumentException">The model has no such projection.</exception>
    public static ProjectionSpecification ForProjection<TModel>(string collection)
        where TModel : IModel
    {
        ArgumentException.ThrowIfNullOrEmpty(collection);
        var model = new ModelBuilder();
        TModel.Register(model);
        return new ProjectionSpecification(model.BuildCatalog(), collection);
    }
}
