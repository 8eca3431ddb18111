namespace Millrace;

/// <summary>What the events of a stream are folded into: an aggregate, or the state of a decider.</summary>
/// <param name="Kind">Which of the two.</param>
/// <param name="Name">Its name, for people.</param>
/// <param name="CreateReplay">Makes what folds the stream of a key in memory.</param>
internal sealed record StreamSubject(ExplainedKind Kind, string Name, Func<string, StateReplay> CreateReplay)
{
    /// <summary>That of a stream; null when the model has none for it.</summary>
    public static StreamSubject? Of(ModelCatalog model, StreamId stream)
    {
        if (stream.Key.Length == 0)
            return null;
        if (model.Aggregates.FirstOrDefault(one => one.Category == stream.Category) is { } aggregate)
            return new(ExplainedKind.Aggregate, aggregate.AggregateType.Name, aggregate.CreateReplay);
        return model.Deciders.FirstOrDefault(one => one.Category == stream.Category) is { } decider
            ? new(ExplainedKind.Decider, decider.Name, _ => decider.CreateReplay())
            : null;
    }

    /// <summary>The categories of streams that have one.</summary>
    public static IEnumerable<string> CategoriesOf(ModelCatalog model) =>
        model.Aggregates.Select(one => one.Category).Concat(model.Deciders.Select(one => one.Category)).Distinct();
}
