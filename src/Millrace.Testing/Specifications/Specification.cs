using System.Reflection;
using System.Text.Json;

namespace Millrace.Testing;

/// <summary>
/// Begins a specification: given events, when a command comes, then events follow; of an aggregate, a decider, a
/// projection, or a whole application.
/// </summary>
/// <remarks>
/// <code>
/// Specification.For&lt;Order&gt;(order)
///     .Given(new OrderPlaced(order, total, day))
///     .When(aggregate => aggregate.Pay("card"))
///     .Then(new OrderPaid(order, "card"));
/// </code>
/// No store is involved, but its serializer is: every event is written and read back, old ones through their upcasters,
/// and events are compared as they are stored. The model is that of the assembly, or the one named by <c>WithModel</c>.
/// </remarks>
public static class Specification
{
    private static readonly string[] SampleIds = ["\"sample\"", "\"00000000-0000-7000-8000-000000000001\"", "1"];

    /// <summary>Specifies an aggregate whose id is of no interest: it has one that the kit makes.</summary>
    /// <exception cref="SpecificationException">(When the command comes.) No id can be made.</exception>
    public static AggregateSpecification<TAggregate> For<TAggregate>()
        where TAggregate : Aggregate =>
        new(Create<TAggregate>);

    /// <summary>Specifies an aggregate.</summary>
    /// <param name="id">Its id, of the aggregate's type of ids.</param>
    /// <exception cref="SpecificationException">(When the command comes.) The id is of another type.</exception>
    public static AggregateSpecification<TAggregate> For<TAggregate>(object id)
        where TAggregate : Aggregate
    {
        ArgumentNullException.ThrowIfNull(id);
        return new AggregateSpecification<TAggregate>(trip => Create<TAggregate>(trip, id));
    }

    /// <summary>Specifies an aggregate, which need not be in the model.</summary>
    /// <param name="id">Its id.</param>
    public static AggregateSpecification<TAggregate> For<TAggregate, TId>(TId id)
        where TAggregate : Aggregate<TId>, new()
        where TId : notnull =>
        new(_ => new TAggregate { Id = id });

    /// <summary>Specifies a decider.</summary>
    public static DeciderSpecification<TState> For<TState>(Decider<TState> decider)
        where TState : notnull
    {
        ArgumentNullException.ThrowIfNull(decider);
        return new DeciderSpecification<TState>(decider);
    }

    /// <summary>Specifies a projection: given events, when others come, then documents.</summary>
    public static ProjectionSpecification<TKey, TDocument> For<TKey, TDocument>(Projection<TKey, TDocument> projection)
        where TKey : notnull
        where TDocument : class
    {
        ArgumentNullException.ThrowIfNull(projection);
        return new ProjectionSpecification<TKey, TDocument>(projection);
    }

    /// <summary>Specifies a process, by what it sends and where it stands.</summary>
    /// <typeparam name="TProcess">The process; its name and version are those of its
    /// <see cref="ProcessAttribute"/>.</typeparam>
    /// <typeparam name="TId">What tells its instances apart.</typeparam>
    /// <param name="id">The instance that is looked at.</param>
    public static ProcessSpecification<TId> ForProcess<TProcess, TId>(TId id)
        where TProcess : Process<TId>, new()
        where TId : IParsable<TId> =>
        new(DefinitionOf<TProcess, TId>(), id, SpecificationModel.In(typeof(TProcess).Assembly));

    /// <summary>Specifies a whole application, with its handlers, consumers and read models, on a clock of its
    /// own.</summary>
    /// <typeparam name="TModel">The model that it runs; <see cref="HostSpecification.With"/> adds others.</typeparam>
    public static HostSpecification ForHost<TModel>()
        where TModel : IModel =>
        new(new HostSetup { Configure = static millrace => millrace.AddModel<TModel>() });

    /// <summary>Specifies a projection of a model, with documents and events as they are stored.</summary>
    /// <typeparam name="TModel">The model.</typeparam>
    /// <param name="collection">The projection with its version: <c>daily-sales@1</c>.</param>
    /// <exception cref="ArgumentException">The model has no such projection.</exception>
    public static ProjectionSpecification ForProjection<TModel>(string collection)
        where TModel : IModel
    {
        ArgumentException.ThrowIfNullOrEmpty(collection);
        return new ProjectionSpecification(SpecificationModel.Of<TModel>().Catalog, collection);
    }

    /// <summary>Specifies a consumer with a handler, with events as they are stored; its effects are those that the
    /// handler has.</summary>
    /// <typeparam name="TModel">The model that events are read by.</typeparam>
    /// <param name="consumer">The consumer.</param>
    public static ConsumerSpecification ForConsumer<TModel>(ConsumerDefinition consumer)
        where TModel : IModel
    {
        ArgumentNullException.ThrowIfNull(consumer);
        return new ConsumerSpecification(SpecificationModel.Of<TModel>(), consumer);
    }

    /// <summary>A process by its attribute.</summary>
    internal static ProcessDefinition<TId> DefinitionOf<TProcess, TId>()
        where TProcess : Process<TId>, new()
        where TId : IParsable<TId>
    {
        var named = typeof(TProcess).GetCustomAttribute<ProcessAttribute>();
        var name = named?.Name ?? ProcessNames.Dashed(typeof(TProcess).Name);
        return new ProcessDefinition<TId>(name, named?.Version ?? 1, new TProcess());
    }

    /// <summary>An aggregate without events, with an id that the kit makes.</summary>
    internal static TAggregate Create<TAggregate>(RoundTrip trip)
        where TAggregate : Aggregate
    {
        var definition = DefinitionOf<TAggregate>(trip.Model);
        return (TAggregate)definition.CreateWith(SampleId(trip.Model, definition.IdType));
    }

    /// <summary>An aggregate without events.</summary>
    internal static TAggregate Create<TAggregate>(RoundTrip trip, object id)
        where TAggregate : Aggregate
    {
        var definition = DefinitionOf<TAggregate>(trip.Model);
        return definition.IdType.IsInstanceOfType(id)
            ? (TAggregate)definition.CreateWith(id)
            : throw new SpecificationException(
                $"The id of {typeof(TAggregate).Name} is {definition.IdType.Name}, but {id.GetType().Name} was given.");
    }

    internal static AggregateDefinition DefinitionOf<TAggregate>(SpecificationModel model) =>
        model.Catalog.Aggregates.FirstOrDefault(one => one.AggregateType == typeof(TAggregate))
        ?? throw new SpecificationException(
            $"{typeof(TAggregate).Name} is not in the model. Mark it with [Stream], name its model by "
                + $"WithModel<TModel>(), or begin with "
            + $"Specification.For<{typeof(TAggregate).Name}, TId>(id).");

    private static object SampleId(SpecificationModel model, Type type)
    {
        if (!model.Catalog.Json.TryGetTypeInfo(type, out var json))
            throw NoSample(type);
        foreach (var sample in SampleIds)
        {
            try
            {
                if (JsonSerializer.Deserialize(sample, json) is { } id)
                    return id;
            }
            catch (Exception exception) when (exception is JsonException or MillraceException or FormatException)
            {
                // It is of another kind: the next sample may do.
            }
        }
        throw NoSample(type);
    }

    private static SpecificationException NoSample(Type type) =>
        new($"The kit knows no {type.Name} to give: name the id, as in Specification.For<TAggregate>(id).");
}
