using System.Reflection;
using System.Text.Json;
using Millrace.ProcessManagers;
using Millrace.Testing.Hosts;
using Millrace.Testing.Specifications;

namespace Millrace.Testing;

/// <summary>
/// Creates specifications of an aggregate, a decider, a projection, a process or a whole application. Given events,
/// when a command is executed, then events follow.
/// </summary>
/// <remarks>
/// <code>
/// Specification.For&lt;Order&gt;(order)
///     .Given(new OrderPlaced(order, total, day))
///     .When(aggregate => aggregate.Pay("card"))
///     .Then(new OrderPaid(order, "card"));
/// </code>
/// Only host and process specifications use a store. All specifications write each event and read it back, through
/// upcasters if necessary, and compare events in their stored form. By default, a specification uses the model of the
/// assembly. Call <c>WithModel</c> to set another model.
/// </remarks>
public static class Specification
{
    private static readonly string[] SampleIds = ["\"sample\"", "\"00000000-0000-7000-8000-000000000001\"", "1"];

    /// <summary>Specifies an aggregate with a generated id.</summary>
    /// <exception cref="SpecificationException">No id can be generated. Thrown when the command is
    /// executed.</exception>
    public static AggregateSpecification<TAggregate> For<TAggregate>()
        where TAggregate : Aggregate =>
        new(Create<TAggregate>);

    /// <summary>Specifies an aggregate.</summary>
    /// <param name="id">The id, of the aggregate's id type.</param>
    /// <exception cref="SpecificationException">The id has another type. Thrown when the command is
    /// executed.</exception>
    public static AggregateSpecification<TAggregate> For<TAggregate>(object id)
        where TAggregate : Aggregate
    {
        ArgumentNullException.ThrowIfNull(id);
        return new AggregateSpecification<TAggregate>(roundTrip => Create<TAggregate>(roundTrip, id));
    }

    /// <summary>Specifies an aggregate that can be missing from the model.</summary>
    /// <param name="id">The id of the aggregate.</param>
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

    /// <summary>Specifies a projection. Given events, when other events arrive, then documents follow.</summary>
    public static ProjectionSpecification<TKey, TDocument> For<TKey, TDocument>(Projection<TKey, TDocument> projection)
        where TKey : notnull
        where TDocument : class
    {
        ArgumentNullException.ThrowIfNull(projection);
        return new ProjectionSpecification<TKey, TDocument>(projection);
    }

    /// <summary>Specifies a process, by its state and the commands that it sends.</summary>
    /// <typeparam name="TProcess">The process. Its <see cref="ProcessAttribute"/> sets the name and the
    /// version.</typeparam>
    /// <typeparam name="TId">The id that distinguishes instances.</typeparam>
    /// <param name="id">The instance to check.</param>
    public static ProcessSpecification<TId> ForProcess<TProcess, TId>(TId id)
        where TProcess : Process<TId>, new()
        where TId : IParsable<TId> =>
        new(DefinitionOf<TProcess, TId>(), id, SpecificationModel.In(typeof(TProcess).Assembly));

    /// <summary>
    /// Specifies a whole application with its handlers, consumers and read models, on a manual clock.
    /// </summary>
    /// <typeparam name="TModel">The model of the application. Call <see cref="HostSpecification.With"/> to add other
    /// models.</typeparam>
    public static HostSpecification ForHost<TModel>()
        where TModel : IModel =>
        new(new HostSetup { Configure = static millrace => millrace.AddModel<TModel>() });

    /// <summary>Specifies a projection of a model, with documents and events in their stored form.</summary>
    /// <typeparam name="TModel">The model.</typeparam>
    /// <param name="collection">The projection with its version: <c>daily-sales@1</c>.</param>
    /// <exception cref="ArgumentException">The model has no such projection.</exception>
    public static ProjectionSpecification ForProjection<TModel>(string collection)
        where TModel : IModel
    {
        ArgumentException.ThrowIfNullOrEmpty(collection);
        return new ProjectionSpecification(SpecificationModel.Of<TModel>().Catalog, collection);
    }

    /// <summary>
    /// Specifies a consumer and its handler, with events in their stored form. The handler has its real effects.
    /// </summary>
    /// <typeparam name="TModel">The model that reads the events.</typeparam>
    /// <param name="consumer">The consumer.</param>
    public static ConsumerSpecification ForConsumer<TModel>(ConsumerDefinition consumer)
        where TModel : IModel
    {
        ArgumentNullException.ThrowIfNull(consumer);
        return new ConsumerSpecification(SpecificationModel.Of<TModel>(), consumer);
    }

    /// <summary>Returns the definition of a process from its attribute.</summary>
    internal static ProcessDefinition<TId> DefinitionOf<TProcess, TId>()
        where TProcess : Process<TId>, new()
        where TId : IParsable<TId>
    {
        var attribute = typeof(TProcess).GetCustomAttribute<ProcessAttribute>();
        var name = attribute?.Name ?? ProcessNames.Dashed(typeof(TProcess).Name);
        return new ProcessDefinition<TId>(name, attribute?.Version ?? 1, new TProcess());
    }

    /// <summary>Creates an aggregate without events, with a generated id.</summary>
    internal static TAggregate Create<TAggregate>(RoundTrip roundTrip)
        where TAggregate : Aggregate
    {
        var definition = DefinitionOf<TAggregate>(roundTrip.Model);
        return (TAggregate)definition.CreateWith(SampleId(roundTrip.Model, definition.IdType));
    }

    /// <summary>Creates an aggregate without events.</summary>
    internal static TAggregate Create<TAggregate>(RoundTrip roundTrip, object id)
        where TAggregate : Aggregate
    {
        var definition = DefinitionOf<TAggregate>(roundTrip.Model);
        return definition.IdType.IsInstanceOfType(id)
            ? (TAggregate)definition.CreateWith(id)
            : throw new SpecificationException(
                $"The id of {typeof(TAggregate).Name} is {definition.IdType.Name}, but {id.GetType().Name} was given.");
    }

    internal static AggregateDefinition DefinitionOf<TAggregate>(SpecificationModel model) =>
        model.Catalog.Aggregates.FirstOrDefault(one => one.AggregateType == typeof(TAggregate))
        ?? throw new SpecificationException(
            $"{typeof(TAggregate).Name} is not in the model. Mark it with [Stream], name its model by "
                + "WithModel<TModel>(), or start with "
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
                // The id has another type: try the next sample.
            }
        }
        throw NoSample(type);
    }

    private static SpecificationException NoSample(Type type) =>
        new($"No {type.Name} can be generated: pass the id, as in Specification.For<TAggregate>(id).");
}
