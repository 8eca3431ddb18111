using System.CommandLine;
using System.Text.Json;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Recommends a way to store events.</summary>
internal static class StorageCommand
{
    private static readonly string[] Levels = ["low", "medium", "high"];

    public static Command Create()
    {
        var command = new ToolCommand("storage", "Recommends a way to store events, by requirements.")
        {
            Examples =
            [
                (
                    "storage choose --performance high --consistency high --cost low",
                    "The strategy, its configuration and the reasons"),
            ],
        };
        command.Subcommands.Add(Choose());
        return command;
    }

    private static ToolCommand Choose()
    {
        var performance = Level("--performance", "The required throughput and speed of reads.");
        var consistency = Level("--consistency", "The required guarantees after a failure of a machine.");
        var cost = Level("--cost", "The acceptable cost of servers and their operation.");
        var command = new ToolCommand("choose", "Recommends a way to store events.")
        {
            Examples =
            [
                (
                    "storage choose --performance medium --consistency high --cost low --json",
                    "The recommendation as JSON"),
            ],
        };
        command.Options.Add(performance);
        command.Options.Add(consistency);
        command.Options.Add(cost);
        return command.SetHandler((call, _) =>
        {
            var choice = StorageChoice.For(new StorageRequirements(
                LevelOf(call.Get(performance)), LevelOf(call.Get(consistency)), LevelOf(call.Get(cost))));
            if (call.IsJson)
                JsonOutput.Object(call, writer => Write(writer, choice));
            else
                Show(call, choice);
            return Task.FromResult(ExitCode.Done);
        });
    }

    private static Option<string> Level(string name, string description)
    {
        var option = new Option<string>(name) { Description = description, Required = true };
        option.AcceptOnlyFromAmong(Levels);
        return option;
    }

    private static RequirementLevel LevelOf(string? text) => Enum.Parse<RequirementLevel>(text!, ignoreCase: true);

    private static void Show(ToolInvocation call, StorageChoice choice)
    {
        call.Line(choice.Strategy.ToString());
        call.Line($"  millrace.{choice.Configuration}");
        foreach (var reason in choice.Reasons)
            call.Line($"- {reason}");
    }

    private static void Write(Utf8JsonWriter writer, StorageChoice choice)
    {
        writer.WriteString("strategy"u8, JsonNamingPolicy.CamelCase.ConvertName(choice.Strategy.ToString()));
        writer.WriteString("configuration"u8, choice.Configuration);
        writer.WriteStartArray("reasons"u8);
        foreach (var reason in choice.Reasons)
            writer.WriteStringValue(reason);
        writer.WriteEndArray();
    }
}
