namespace Millrace.Cli.Models.Diagrams;

/// <summary>A step of an event model: a command with its results.</summary>
/// <param name="Command">The command.</param>
/// <param name="Events">The events by aggregate.</param>
/// <param name="ReadModels">The read models that show the events.</param>
/// <param name="Consumers">The consumers that react to the events.</param>
internal sealed record Slice(
    CommandDescription Command,
    IReadOnlyList<(string Lane, IReadOnlyList<string> Events)> Events,
    IReadOnlyList<string> ReadModels,
    IReadOnlyList<string> Consumers);

/// <summary>Sorts the commands of a context in the order in which they probably happen.</summary>
internal static class Slices
{
    /// <summary>
    /// Sorts the commands by aggregate. Commands that create the aggregate are first. The other commands have the order
    /// of the called methods in the source.
    /// </summary>
    public static IReadOnlyList<Slice> Of(ModelDescription model, string context) =>
    [
        .. model.Commands.Where(command => command.Context == context)
            .OrderBy(command => TargetOf(command)?.Aggregate ?? "~", StringComparer.Ordinal)
            .ThenBy(command => TargetOf(command)?.Must == TargetRequirement.BeNew ? 0 : 1)
            .ThenBy(command => OrderOf(model, TargetOf(command)))
            .ThenBy(command => command.Name, StringComparer.Ordinal)
            .Select(command => SliceOf(model, command)),
    ];

    private static CommandTarget? TargetOf(CommandDescription command) =>
        command.Targets.FirstOrDefault(target => target.IsChanged);

    private static int OrderOf(ModelDescription model, CommandTarget? target)
    {
        var aggregate = model.Aggregates.FirstOrDefault(found => found.Name == target?.Aggregate);
        var indexes = aggregate
            ?.Methods.Select((method, index) => (method.Name, index))
            .Where(found => target!.Methods.Contains(found.Name))
            .Select(found => found.index)
            .ToList(); // An aggregate is found only when there is a target.
        return indexes is { Count: > 0 } ? indexes.Min() : int.MaxValue;
    }

    private static Slice SliceOf(ModelDescription model, CommandDescription command)
    {
        var lanes = command
            .Targets.Where(target => target.IsChanged)
            .Select(target => (target.Aggregate, target.Events))
            .ToList();
        if (command.Appends.Count > 0)
            lanes.Add(("other events", command.Appends));
        var events = command.Events.ToHashSet(StringComparer.Ordinal);
        return new(
            command,
            lanes,
            [.. model.ReadModels.Where(shown => shown.Events.Any(events.Contains)).Select(shown => shown.Name)],
            [
                .. model
                    .Consumers.Where(consumer => consumer.Events.Any(events.Contains))
                    .Select(consumer => consumer.Name),
            ]
        );
    }
}
