using System.CommandLine;
using Millrace.Cli.Builds;
using Millrace.Cli.Models;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Lists the parts of a model, one kind at a time.</summary>
internal static class ModelListCommand
{
    private static readonly string[] Kinds =
    [
        "events",
        "aggregates",
        "commands",
        "queries",
        "read-models",
        "consumers",
        "processes",
    ];

    private static readonly Argument<string> Kind = new("kind")
    {
        Description = $"The kind to list: {string.Join(", ", Kinds)}.",
        DefaultValueFactory = _ => Kinds[0],
    };

    private static readonly Option<string?> Context = new("--context", "-c")
    {
        HelpName = "NAME",
        Description = "Only those of one context.",
    };

    public static Command Create()
    {
        var build = BuildOption.Create();
        Kind.AcceptOnlyFromAmong(Kinds);
        var command = new ToolCommand(
            "list", "Lists the events of a build with their writers and readers, or another kind, such as commands.")
        {
            Examples =
            [
                ("model list --build out/Shop.dll", "The event catalog"),
                ("model list commands --context Orders -b out", "The commands of a context with their events"),
                ("model list --build out --json", "For programs, with all members"),
            ],
        };
        command.Arguments.Add(Kind);
        return SetListHandler(command, build, call => call.Get(Kind));
    }

    /// <summary>Lets the command group list the events when the user specifies no subcommand.</summary>
    public static ToolCommand ListEvents(ToolCommand group) =>
        SetListHandler(group, BuildOption.Create(), static _ => Kinds[0]);

    private static ToolCommand SetListHandler(
        ToolCommand command, Option<string?> build, Func<ToolInvocation, string> kindOf)
    {
        command.Options.Add(build);
        command.Options.Add(Context);
        return command.SetHandler((call, _) =>
        {
            var (kind, model) = (kindOf(call), Describe(call, build));
            if (call.IsJson)
                WriteJson(call, kind, model);
            else
                RowsOf(kind, model).Write(call, empty: $"This build has no {kind.Replace('-', ' ')}.");
            return Task.FromResult(ExitCode.Done);
        });
    }

    private static ModelDescription Describe(ToolInvocation call, Option<string?> build)
    {
        var model = BuildOption.Load(call, build).Catalog.Describe();
        if (call.Get(Context) is not { } name)
            return model;
        var context =
            model.Contexts.FirstOrDefault(found => string.Equals(found, name, StringComparison.OrdinalIgnoreCase))
            ?? throw new CliException(
                ExitCode.NotFound,
                $"The model has no context '{name}'.",
                $"Available: {string.Join(", ", model.Contexts)}.");
        return model with
        {
            Events = [.. model.Events.Where(found => found.Context == context)],
            Aggregates = [.. model.Aggregates.Where(found => found.Context == context)],
            Commands = [.. model.Commands.Where(found => found.Context == context)],
            Queries = [.. model.Queries.Where(found => found.Context == context)],
            ReadModels = [.. model.ReadModels.Where(found => found.Context == context)],
            Consumers = [.. model.Consumers.Where(found => found.Context == context)],
            Processes = [.. model.Processes.Where(found => found.Context == context)],
        };
    }

    private static void WriteJson(ToolInvocation call, string kind, ModelDescription model)
    {
        switch (kind)
        {
            case "aggregates": JsonOutput.Array(call, model.Aggregates, ModelJsonWriter.Write); break;
            case "commands": JsonOutput.Array(call, model.Commands, ModelJsonWriter.Write); break;
            case "queries": JsonOutput.Array(call, model.Queries, ModelJsonWriter.Write); break;
            case "read-models": JsonOutput.Array(call, model.ReadModels, ModelJsonWriter.Write); break;
            case "consumers": JsonOutput.Array(call, model.Consumers, ModelJsonWriter.Write); break;
            case "processes": JsonOutput.Array(call, model.Processes, ModelJsonWriter.Write); break;
            default: JsonOutput.Array(call, model.Events, ModelJsonWriter.Write); break;
        }
    }

    private static TextTable RowsOf(string kind, ModelDescription model) =>
        kind switch
        {
            "aggregates" => Aggregates(model),
            "commands" => Commands(model),
            "queries" => Filled(
                new TextTable("query", "context", "reads", "answers"),
                model.Queries,
                found => [found.Name, found.Context, ModelText.List(found.ReadModels), ModelText.Of(found.ResultType)]),
            "read-models" => Filled(
                new TextTable("read model", "context", "#version", "written", "events", "queries"),
                model.ReadModels,
                found =>
                    [
                        found.Name,
                        found.Context,
                        TextTable.Number(found.Version),
                        ModelText.Of(found.Lifecycle),
                        ModelText.List(found.Events),
                        ModelText.List(found.Queries),
                    ]
            ),
            "consumers" => Filled(
                new TextTable("consumer", "context", "events", "sends"),
                model.Consumers,
                found =>
                    [
                        found.Name,
                        found.Context,
                        found.ReceivesAllEvents ? "all" : ModelText.List(found.Events),
                        ModelText.List(found.Sends),
                    ]
            ),
            "processes" => Filled(
                new TextTable("process", "context", "#version", "started by", "parts"),
                model.Processes,
                found =>
                    [
                        found.Name,
                        found.Context,
                        TextTable.Number(found.Version),
                        ModelText.List(found.StartedBy),
                        ModelText.List(found.Parts.Select(part => part.Name)),
                    ]
            ),
            _ => Filled(
                new TextTable("event", "context", "versions", "written by (commands)", "read by"),
                model.Events,
                found =>
                    [
                        found.Name,
                        found.Context,
                        ModelText.Versions(found),
                        ModelText.Writers(found),
                        ModelText.Readers(found),
                    ]
            ),
        };

    private static TextTable Aggregates(ModelDescription model) => Filled(
        new TextTable("aggregate", "context", "streams", "writes", "rules"),
        model.Aggregates,
        found =>
        [
            found.Name,
            found.Context,
            found.Category + "-…",
            ModelText.List(found.Writes),
            ModelText.List(found.Rules.Select(rule => rule.Name)),
        ]);

    private static TextTable Commands(ModelDescription model) => Filled(
        new TextTable("command", "context", "changes", "events"),
        model.Commands,
        found =>
        [
            found.Name,
            found.Context,
            ModelText.List(found.Targets.Where(target => target.IsChanged).Select(target => target.Aggregate)),
            ModelText.List(found.Events),
        ]);

    private static TextTable ReadModels(ModelDescription model) => Filled(
        new TextTable("read model", "context", "#version", "written", "events", "queries"),
        model.ReadModels,
        found =>
        [
            found.Name,
            found.Context,
            TextTable.Number(found.Version),
            ModelText.Of(found.Lifecycle),
            ModelText.List(found.Events),
            ModelText.List(found.Queries),
        ]);

    private static TextTable Consumers(ModelDescription model) => Filled(
        new TextTable("consumer", "context", "events", "sends"),
        model.Consumers,
        found =>
        [
            found.Name,
            found.Context,
            found.ReceivesAllEvents ? "all" : ModelText.List(found.Events),
            ModelText.List(found.Sends),
        ]);

    private static TextTable Processes(ModelDescription model) => Filled(
        new TextTable("process", "context", "#version", "begun by", "parts"),
        model.Processes,
        found =>
        [
            found.Name,
            found.Context,
            TextTable.Number(found.Version),
            ModelText.List(found.StartedBy),
            ModelText.List(found.Parts.Select(part => part.Name)),
        ]);

    private static TextTable Events(ModelDescription model) => Filled(
        new TextTable("event", "context", "versions", "written by (commands)", "read by"),
        model.Events,
        found =>
        [
            found.Name,
            found.Context,
            ModelText.Versions(found),
            ModelText.Writers(found),
            ModelText.Readers(found),
        ]);

    private static TextTable Filled<T>(TextTable rows, IEnumerable<T> items, Func<T, string[]> cells)
    {
        foreach (var item in items)
            rows.Add(cells(item));
        return rows;
    }
}
