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
        _findings = [.. new Dependencies(model, _contextOf, _links).Find().OrderBy(finding => !finding.IsStrong)];
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
            _links.UsesOf(name),
            [.. _model.Contexts.Where(other => _links.UsesOf(other).Any(use => use.Context == name))]);
    }

    private AggregateBoundary BoundaryOf(AggregateDescription aggregate) =>
        new(
            aggregate,
            [.. CommandsThatChange(aggregate).Select(command => command.Name)],
            [.. ConsistencyRules(aggregate)],
            [
                .. _model
                    .ReadModels.Where(model => model.Events.Intersect(aggregate.Writes).Any())
                    .Select(model => model.Name),
            ],
            [
                .. _model
                    .Consumers.Where(consumer => consumer.Events.Intersect(aggregate.Writes).Any())
                    .Select(consumer => consumer.Name),
            ],
            [
                .. _model
                    .Aggregates.Where(other => ReferencesOf(other).Contains(aggregate.Name))
                    .Select(other => other.Name),
            ],
            [.. ReferencesOf(aggregate)],
            [.. _findings.Where(finding => finding.Parts.Contains(aggregate.Name))]);

    private IEnumerable<CommandDescription> CommandsThatChange(AggregateDescription aggregate) =>
        _model.Commands.Where(command =>
            command.Targets.Any(target => target.Aggregate == aggregate.Name && target.IsChanged));

    private static IEnumerable<string> ReferencesOf(AggregateDescription aggregate) =>
        aggregate.State.SelectMany(state => state.RefersTo).Distinct().Order(StringComparer.Ordinal);

    private IEnumerable<string> ConsistencyRules(AggregateDescription aggregate)
    {
        yield return $"Events are appended to stream {aggregate.Category}-… only at the loaded version. Of two "
            + "concurrent commands, the second is handled again with the new state.";
        var changingCommands = CommandsThatChange(aggregate).ToList();
        var creatingCommands = changingCommands
            .Where(command => TargetOf(command, aggregate).Must == TargetRequirement.BeNew)
            .Select(command => command.Name).ToList();
        if (creatingCommands.Count > 0)
            yield return $"It must not exist before these commands: {string.Join(", ", creatingCommands)}.";
        foreach (var command in changingCommands.Where(command => command.Claims.Count > 0))
            yield return $"The transaction of {command.Name} ensures unique values: "
                + $"{string.Join(", ", command.Claims)}.";
        foreach (var command in changingCommands.Where(command => command.IsConditional))
            yield return $"{command.Name} succeeds only if no matching event was appended in the meantime: "
                + $"{string.Join("; ", command.Conditions)}.";
        foreach (var command in changingCommands)
        {
            var others = command
                .Targets.Where(target => target.IsChanged && target.Aggregate != aggregate.Name)
                .ToList();
            if (others.Count > 0)
                yield return $"The transaction of {command.Name} also changes: "
                    + $"{string.Join(", ", others.Select(target => target.Aggregate))}.";
        }
        var inlineModels = _model.ReadModels.Where(model => model.Lifecycle == ProjectionLifecycle.Inline
            && model.Events.Intersect(aggregate.Writes).Any()).Select(model => model.Name).ToList();
        if (inlineModels.Count > 0)
            yield return $"Read models written in the same transaction: {string.Join(", ", inlineModels)}.";
    }

    private static CommandTarget TargetOf(CommandDescription command, AggregateDescription aggregate) =>
        command.Targets.First(target => target.Aggregate == aggregate.Name);
}
