using Millrace.Store;

namespace Millrace.Explaining;

/// <summary>The owner of a stream's state: an aggregate or a decider.</summary>
/// <param name="Kind">The kind of owner.</param>
/// <param name="Name">The name for messages.</param>
/// <param name="CreateReplay">Creates the replay of a key's stream in memory.</param>
internal sealed record StreamSubject(ExplainedKind Kind, string Name, Func<string, StateReplay> CreateReplay)
{
    /// <summary>Returns the owner of a stream, or null if the model has none.</summary>
    public static StreamSubject? Of(ModelCatalog model, StreamId stream)
    {
        if (stream.Key.Length == 0)
            return null;
        if (model.Aggregates.FirstOrDefault(known => known.Category == stream.Category) is { } aggregate)
            return new(ExplainedKind.Aggregate, aggregate.AggregateType.Name, aggregate.CreateReplay);
        return model.Deciders.FirstOrDefault(known => known.Category == stream.Category) is { } decider
            ? new(ExplainedKind.Decider, decider.Name, _ => decider.CreateReplay())
            : null;
    }

    /// <summary>Returns the categories of streams that have an owner.</summary>
    public static IEnumerable<string> CategoriesOf(ModelCatalog model) =>
        model.Aggregates.Select(aggregate => aggregate.Category)
            .Concat(model.Deciders.Select(decider => decider.Category))
            .Distinct();
}
