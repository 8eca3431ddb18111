using System.CommandLine;
using Millrace.Cli.Builds;
using Millrace.Cli.Models;
using Millrace.Cli.Output;
using Millrace.Shared.Settings;

namespace Millrace.Cli.Commands;

/// <summary>Shows all details of one part of a model.</summary>
internal static class ModelShowCommand
{
    private static readonly Argument<string> Name = new("name")
    {
        Description =
            "An event, aggregate, command, query, read model, consumer or process: its stored name (order.paid) or "
                + "class (OrderPaid).",
    };

    public static Command Create()
    {
        var build = BuildOption.Create();
        var command = new ToolCommand(
            "show", "Shows one event, aggregate, command, query, read model, consumer or process of a build.")
        {
            Examples =
            [
                (
                    "model show order.paid --build out/Shop.dll",
                    "Its members in each version, its writers and readers"),
                ("model show Order --build out", "An aggregate: state, methods, rules"),
            ],
        };
        command.Arguments.Add(Name);
        command.Options.Add(build);
        return command.SetHandler((call, _) =>
        {
            var model = BuildOption.Load(call, build).Catalog.Describe();
            var requestedName = call.Get(Name);
            var parts = ModelParts.Of(model);
            var found = parts.Where(part => part.IsCalled(requestedName)).ToList();
            if (found.Count == 0)
                throw NotFound(requestedName, parts);
            if (call.IsJson)
                JsonOutput.Array(call, found, static (writer, part) => part.WriteJson(writer));
            else
                found.ForEach(part => part.WriteText(call));
            return Task.FromResult(ExitCode.Done);
        });
    }

    private static CliException NotFound(string requestedName, List<ModelPart> parts)
    {
        var similar = NameSuggestions.To(requestedName, parts.SelectMany(part => part.Names));
        return new(
            ExitCode.NotFound,
            $"The model has no part named '{requestedName}'.",
            similar is null
                ? "Run 'millrace model list', 'millrace model list commands' and so on to list the parts."
                : $"Did you mean '{similar}'?");
    }
}
