using System.CommandLine;
using Millrace.Cli.Builds;
using Millrace.Cli.Models;
using Millrace.Cli.Models.Boundaries;
using Millrace.Cli.Output;
using Millrace.Shared.Settings;

namespace Millrace.Cli.Commands;

/// <summary>Reports the boundaries of a build's model, and the dependencies across them.</summary>
internal static class ModelBoundariesCommand
{
    private static readonly Argument<string?> Name = new("name")
    {
        Description = "The aggregate or context; all by default.",
        DefaultValueFactory = _ => null,
    };

    private static readonly Option<string?> Out = new("--out", "-o")
    {
        HelpName = "FILE",
        Description = "Writes the report to a file as Markdown.",
    };

    private static readonly Option<bool> Check = new("--check")
    {
        Description = "With --out: only compares. The exit code is 1 when the file is not up to date.",
    };

    public static Command Create()
    {
        var build = BuildOption.Create();
        var command = new ToolCommand(
            "boundaries",
            "Reports the responsibility of each aggregate and context of a build, and strong dependencies between "
                + "them.")
        {
            Examples =
            [
                ("model boundaries --build out/Shop.dll", "Contexts, aggregates, strong dependencies"),
                ("model boundaries Order -b out", "One aggregate: invariants, consistency, dependents"),
                (
                    "model boundaries -b out --out docs/boundaries.md --check",
                    "For CI: checks whether dependencies changed"),
            ],
        };
        command.Arguments.Add(Name);
        command.Options.Add(build);
        command.Options.Add(Out);
        command.Options.Add(Check);
        return command.SetHandler(
            async (call, cancellationToken) =>
            {
                var report = SelectContext(
                    BoundaryAnalysis.Of(BuildOption.Load(call, build).Catalog.Describe()), call.Get(Name));
                if (call.Get(Out) is { } file)
                    return await CheckedInFile.Write(
                        call, file, BoundaryMarkdown.Of(report), !call.Get(Check), cancellationToken);
                if (call.Get(Check))
                    throw new CliException(
                        ExitCode.Usage,
                        "--check requires a file to compare with.",
                        "Specify the file with --out FILE.");
                if (call.IsJson)
                    JsonOutput.Object(call, writer => BoundaryJson.Write(writer, report));
                else
                    BoundaryText.Write(call, report, withDetails: call.Get(Name) is not null);
                return ExitCode.Done;
            }
        );
    }

    private static BoundaryReport SelectContext(BoundaryReport report, string? name)
    {
        if (name is null)
            return report;
        var aggregates = report
            .Aggregates.Where(found =>
                IsSameName(found.Aggregate.Name, name) || IsSameName(found.Aggregate.Context, name))
            .ToList();
        var contexts = report.Contexts.Where(found => IsSameName(found.Name, name)).ToList();
        if (aggregates.Count == 0 && contexts.Count == 0)
        {
            var names = report
                .Aggregates.Select(found => found.Aggregate.Name)
                .Concat(report.Contexts.Select(found => found.Name))
                .ToList();
            throw new CliException(
                ExitCode.NotFound,
                $"The model has no aggregate and no context '{name}'.",
                NameSuggestions.To(name, names) is { } similar
                    ? $"Did you mean '{similar}'?"
                    : $"Available: {ModelText.List(names)}.");
        }
        var parts = aggregates
            .Select(found => found.Aggregate.Name)
            .Concat(contexts.Select(found => found.Name))
            .ToList();
        return new(contexts, aggregates, [.. report.Findings.Where(found => found.Parts.Any(parts.Contains))]);
    }

    private static bool IsSameName(string one, string other) =>
        string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
