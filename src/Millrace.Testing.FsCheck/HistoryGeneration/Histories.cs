using System.Runtime.CompilerServices;
using Millrace.Testing.Specifications;

namespace Millrace.Testing;

/// <summary>
/// Creates property tests of an aggregate, a decider or a process: generated histories, and rules that hold after each
/// step.
/// </summary>
/// <remarks>
/// <code>
/// Histories.Of&lt;Cart&gt;()
///     .Command&lt;AddItem&gt;((cart, add) => cart.Add(add.Product, add.Quantity))
///     .Command("check out", cart => cart.CheckOut())
///     .Always("total-is-sum-of-lines", cart => cart.Total == cart.Lines.Sum(line => line.Price))
///     .Check();
/// </code>
/// </remarks>
public static class Histories
{
    internal const int DefaultMaxLength = 30;

    /// <summary>Creates property tests of an aggregate with a generated id.</summary>
    public static AggregateHistories<TAggregate> Of<TAggregate>()
        where TAggregate : Aggregate => new(null);

    /// <summary>Creates property tests of an aggregate with an id.</summary>
    /// <param name="id">The id, of the aggregate's id type.</param>
    public static AggregateHistories<TAggregate> Of<TAggregate>(object id)
        where TAggregate : Aggregate
    {
        ArgumentNullException.ThrowIfNull(id);
        return new AggregateHistories<TAggregate>(id);
    }

    /// <summary>
    /// Creates property tests of a process: <c>Histories.OfProcess&lt;Fulfilment,
    /// string&gt;("7").Event&lt;OrderPlaced&gt;(placed => placed with { Order = "7"
    /// }).MayRefuse&lt;TakePayment&gt;()</c>.
    /// </summary>
    /// <typeparam name="TProcess">The process. Its <see cref="ProcessAttribute"/> sets its name and
    /// version.</typeparam>
    /// <typeparam name="TId">The id that distinguishes instances.</typeparam>
    /// <param name="id">The id of the instance under test.</param>
    public static ProcessHistories<TId> OfProcess<TProcess, TId>(TId id)
        where TProcess : Process<TId>, new()
        where TId : IParsable<TId> =>
        new(Specification.DefinitionOf<TProcess, TId>(), id, SpecificationModel.In(typeof(TProcess).Assembly));

    /// <summary>
    /// Creates property tests of a decider: <c>Histories.Of(Carts.Decider).Command&lt;AddItem&gt;(Carts.Decide)</c>.
    /// </summary>
    /// <param name="decider">The decider.</param>
    /// <param name="code">The code of the decider. The compiler sets it; failures show it as a test.</param>
    public static DeciderHistories<TState> Of<TState>(
        Decider<TState> decider, [CallerArgumentExpression(nameof(decider))] string? code = null)
        where TState : notnull
    {
        ArgumentNullException.ThrowIfNull(decider);
        return new DeciderHistories<TState>(decider, code);
    }
}
