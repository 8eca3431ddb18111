namespace Millrace.Cli.Models.Boundaries;

/// <summary>Determines the boundaries of a model: by domain, by consistency and by dependencies.</summary>
internal sealed class BoundaryAnalysis
{
    private readonly ModelDescription _model;
    private readonly Dictionary<string, string> _contextOf;
    private readonly ContextLinks _links;
    private readonly List<Dependency> _findings;

    private BoundaryAnalysis(ModelDescription model)
    {
        _model = model;
        _contextOf = model.Aggregates.ToDictionary(
            aggregate => aggregate.Name, aggregate => aggregate.Context, StringComparer.Ordinal);
        _links = new(model, _contextOf);
        _findings = [.. new Dependencies(model, _contextOf, _links).Find().OrderBy(found => !found.IsStrong)];
    }

    public static BoundaryReport Of(ModelDescription model)
    {
        var analysis = new BoundaryAnalysis(model);
        return new(
            [.. model.Contexts.Select(analysis.ContextOf)],
            [.. model.Aggregates.Select(analysis.BoundaryOf)],
            analysis._findings);
    }

    private ContextBoundary ContextOf(string name)
    {
        var aggregates = _model.Aggregates.Where(aggregate => aggregate.Context == name).ToList();
        return new(
            name,
            [.. aggregates.Select(aggregate => aggregate.Summary).OfType<string>()],
            [.. aggregates.Select(aggregate => aggregate.Name)],
            [.. _model.Commands.Where(command => command.Context == name).Select(command => command.Name)],
            [.. _model.Events.Where(found => found.Context == name).Select(found => found.Name)],
            [.. _model.Queries.Where(query => query.Context == name).Select(query => query.Name)],
            [.. _model.ReadModels.Where(model => model.Context == name).Select(model => model.Name)],
            _links.From(name),
            [.. _model.Contexts.Where(other => _links.From(other).Any(use => use.Context == name))]);
    }

    private AggregateBoundary BoundaryOf(AggregateDescription aggregate) =>
        new(
            aggregate,
            [.. Changing(aggregate).Select(command => command.Name)],
            [.. Consistency(aggregate)],
            [
                .. _model
                    .ReadModels.Where(model => model.Events.Intersect(aggregate.Writes).Any())
                    .Select(model => model.Name),
            ],
            [.. _model.Consumers.Where(one => one.Events.Intersect(aggregate.Writes).Any()).Select(one => one.Name)],
            [.. _model.Aggregates.Where(other => RefersTo(other).Contains(aggregate.Name)).Select(other => other.Name)],
            [.. RefersTo(aggregate)],
            [.. _findings.Where(found => found.Parts.Contains(aggregate.Name))]);

    private IEnumerable<CommandDescription> Changing(AggregateDescription aggregate) => _model.Commands.Where(command =>
        command.Targets.Any(target => target.Aggregate == aggregate.Name && target.IsChanged));

    private static IEnumerable<string> RefersTo(AggregateDescription aggregate) =>
        aggregate.State.SelectMany(state => state.RefersTo).Distinct().Order(StringComparer.Ordinal);

    private IEnumerable<string> Consistency(AggregateDescription aggregate)
    {
        yield return $"Events are appended to stream {aggregate.Category}-… only at the loaded version. Of two "
            + "concurrent commands, the second is handled again with the new state.";
        var changing = Changing(aggregate).ToList();
        var begun = changing.Where(command => TargetOf(command, aggregate).Must == TargetRequirement.BeNew)
            .Select(command => command.Name).ToList();
        if (begun.Count > 0)
            yield return $"It must not exist before these commands: {string.Join(", ", begun)}.";
        foreach (var command in changing.Where(command => command.Claims.Count > 0))
            yield return $"The transaction of {command.Name} ensures unique values: "
                + $"{string.Join(", ", command.Claims)}.";
        foreach (var command in changing.Where(command => command.IsConditional))
            yield return $"{command.Name} succeeds only if no matching event was appended in the meantime: "
                + $"{string.Join("; ", command.Conditions)}.";
        foreach (var command in changing)
        {
            var others = command
                .Targets.Where(target => target.IsChanged && target.Aggregate != aggregate.Name)
                .ToList();
            if (others.Count > 0)
                yield return $"The transaction of {command.Name} also changes: "
                    + $"{string.Join(", ", others.Select(target => target.Aggregate))}.";
        }
        var inline = _model.ReadModels.Where(model => model.Lifecycle == ProjectionLifecycle.Inline
            && model.Events.Intersect(aggregate.Writes).Any()).Select(model => model.Name).ToList();
        if (inline.Count > 0)
            yield return $"Read models written in the same transaction: {string.Join(", ", inline)}.";
    }

    private static CommandTarget TargetOf(CommandDescription command, AggregateDescription aggregate) =>
        command.Targets.First(target => target.Aggregate == aggregate.Name);
}
