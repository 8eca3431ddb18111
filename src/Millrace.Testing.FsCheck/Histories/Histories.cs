using System.Runtime.CompilerServices;

namespace Millrace.Testing;

/// <summary>Begins property tests of an aggregate, a decider or a process: what can happen, and what holds after each
/// of it.</summary>
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

    /// <summary>Begins with an aggregate whose id is of no interest.</summary>
    public static AggregateHistories<TAggregate> Of<TAggregate>()
        where TAggregate : Aggregate => new(null);

    /// <summary>Begins with an aggregate with an id.</summary>
    /// <param name="id">Its id, of the aggregate's type of ids.</param>
    public static AggregateHistories<TAggregate> Of<TAggregate>(object id)
        where TAggregate : Aggregate
    {
        ArgumentNullException.ThrowIfNull(id);
        return new AggregateHistories<TAggregate>(id);
    }

    /// <summary>
    /// Begins with a process: <c>Histories.OfProcess&lt;Fulfilment, string&gt;("7").Event&lt;OrderPlaced&gt;(placed =>
    /// placed with { Order = "7" }).MayRefuse&lt;TakePayment&gt;()</c>.
    /// </summary>
    /// <typeparam name="TProcess">The process; its name and version are those of its
    /// <see cref="ProcessAttribute"/>.</typeparam>
    /// <typeparam name="TId">What tells its instances apart.</typeparam>
    /// <param name="id">The instance that everything happens to.</param>
    public static ProcessHistories<TId> OfProcess<TProcess, TId>(TId id)
        where TProcess : Process<TId>, new()
        where TId : IParsable<TId> =>
        new(Specification.DefinitionOf<TProcess, TId>(), id, SpecificationModel.In(typeof(TProcess).Assembly));

    /// <summary>Begins with a decider:
    /// <c>Histories.Of(Carts.Decider).Command&lt;AddItem&gt;(Carts.Decide)</c>.</summary>
    /// <param name="decider">The decider.</param>
    /// <param name="code">How it is written; filled in by the compiler, for the test that a failure shows.</param>
    public static DeciderHistories<TState> Of<TState>(
        Decider<TState> decider, [CallerArgumentExpression(nameof(decider))] string? code = null)
        where TState : notnull
    {
        ArgumentNullException.ThrowIfNull(decider);
        return new DeciderHistories<TState>(decider, code);
    }
}
