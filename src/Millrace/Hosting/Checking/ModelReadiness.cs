namespace Millrace.Hosting.Checking;

/// <summary>Answers the questions about the model, without the store.</summary>
internal sealed class ModelReadiness(ModelCatalog model, UnmarkedMembers unmarked) : IReadinessCheck
{
    private const int MaxNames = 10;

    public ValueTask<IReadOnlyList<ReadinessItem>> Check(CancellationToken cancellationToken)
    {
        var described = model.Describe();
        return new(
        [
            Architecture(described),
            Separation(),
            Aggregates(),
            Events(described),
            model.Commands.Count > 0
                ? ReadinessQuestion.Commands.Yes($"{Counted(model.Commands.Count, "command")}.")
                : ReadinessQuestion.Commands.No("The model has no commands."),
            Reads == 0
                ? ReadinessQuestion.Queries.No("The model has neither queries nor read models.")
                : ReadinessQuestion.Queries.Yes(ReadsText),
        ]);
    }

    /// <summary>Returns names in a sentence, the first ten of many.</summary>
    internal static string Names(IReadOnlyCollection<string> names) =>
        string.Join(", ", names.Take(MaxNames))
            + (names.Count > MaxNames ? $" and {names.Count - MaxNames} more" : "");

    internal static string Counted(int count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";

    private int Reads => model.Queries.Count + model.Projections.Count;

    private string ReadsText =>
        $"{Counted(model.Queries.Count, "query").Replace("querys", "queries", StringComparison.Ordinal)} and "
            + $"{Counted(model.Projections.Count, "read model")}.";

    private static ReadinessItem Architecture(ModelDescription described)
    {
        if (described.Events.Count == 0)
            return ReadinessQuestion.Architecture.No("The model has no events.");
        if (!described.IsComplete)
            return ReadinessQuestion.Architecture.Yes(
                $"{Counted(described.Events.Count, "event")}. The readers of a handwritten model are not known.");
        var unread = described.Events
            .Where(static one => one.Readers.Count == 0)
            .Select(static one => one.Name)
            .ToList();
        return unread.Count == 0
            ? ReadinessQuestion.Architecture.Yes($"{Counted(described.Events.Count, "event")}, each with a reader.")
            : ReadinessQuestion.Architecture.No($"Nothing reads {Names(unread)}.");
    }

    private ReadinessItem Separation() => (model.Commands.Count, Reads) switch
    {
        (0, _) => ReadinessQuestion.Separation.No("No command changes the state."),
        (_, 0) => ReadinessQuestion.Separation.No("Nothing reads the state: there are no queries and read models."),
        _ => ReadinessQuestion.Separation.Yes($"{Counted(model.Commands.Count, "command")}; {ReadsText}"),
    };

    private ReadinessItem Aggregates()
    {
        var count = model.Aggregates.Count + model.Deciders.Count;
        return count > 0
            ? ReadinessQuestion.Aggregates.Yes(
                $"{Counted(model.Aggregates.Count, "aggregate")} and {Counted(model.Deciders.Count, "decider")}.")
            : ReadinessQuestion.Aggregates.No("The model has neither aggregates nor deciders.");
    }

    private ReadinessItem Events(ModelDescription described)
    {
        var found = unmarked.List();
        return described.Events.Count == 0 ? ReadinessQuestion.Events.No("The model has no events.")
            : found.Count == 0
                ? ReadinessQuestion.Events.Yes(
                    $"{Counted(described.Events.Count, "event")}; no plain member looks like personal data.")
            : ReadinessQuestion.Events.No(
                "Members that look like personal data or secrets are stored in plain text: "
                    + $"{Names([.. found.Select(static one => $"{one.EventType} {one.Path}")])}.");
    }
}
