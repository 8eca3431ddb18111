namespace Millrace.Cli.Models.Diagrams;

/// <summary>Reduces a model to one context and its connections to other contexts.</summary>
internal static class ContextView
{
    public static ModelDescription Of(ModelDescription model, string context)
    {
        var name =
            model.Contexts.FirstOrDefault(found => string.Equals(found, context, StringComparison.OrdinalIgnoreCase))
            ?? throw new CliException(
                ExitCode.NotFound,
                $"The model has no context '{context}'.",
                $"Available: {string.Join(", ", model.Contexts)}.");
        var commands = model.Commands.Where(found => found.Context == name).ToList();
        var readModels = model.ReadModels.Where(found => found.Context == name).ToList();
        var consumers = model.Consumers.Where(found => found.Context == name).ToList();
        var processes = model.Processes.Where(found => found.Context == name).ToList();
        var usedEvents = commands.SelectMany(found => found.Events).Concat(readModels.SelectMany(found => found.Events))
            .Concat(consumers.SelectMany(found => found.Events)).Concat(processes.SelectMany(found => found.Events))
            .ToHashSet(StringComparer.Ordinal);
        var events = model.Events.Where(found => found.Context == name || usedEvents.Contains(found.Name)).ToList();
        return model with
        {
            Commands = commands,
            Events = events,
            ReadModels = readModels,
            Queries = [.. model.Queries.Where(found => found.Context == name)],
            Consumers = consumers,
            Processes = processes,
        };
    }
}
