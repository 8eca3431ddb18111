using System.CommandLine;
using System.Text.Json;
using Millrace.Cli.Configuration;
using Millrace.Cli.Output;
using Millrace.Cli.Servers;

namespace Millrace.Cli.Commands;

/// <summary>Shows the settings of an application with their sources, and checks them.</summary>
internal static class ConfigCommand
{
    public static ToolCommand Create()
    {
        var section = new Argument<string?>("section")
        {
            Description = "Only the settings whose key contains this text, such as Consumers.",
            DefaultValueFactory = static _ => null,
        };
        var folder = new Option<string?>("--folder")
        {
            HelpName = "FOLDER",
            Description = "The folder with the files appsettings*.json; by default the current one.",
        };
        var environment = new Option<string?>("--environment")
        {
            HelpName = "NAME",
            Description = "The environment. Default: $DOTNET_ENVIRONMENT, $ASPNETCORE_ENVIRONMENT, then Production.",
        };
        var changed = new Option<bool>("--changed") { Description = "Only settings that do not have their default." };
        var server = new ServerOptions();
        var command = new ToolCommand(
            "config", "Shows the settings of an application with their sources, and checks them. Secrets are masked.")
        {
            Examples =
            [
                ("config", "The files in this folder, and the environment variables of this machine"),
                ("config Consumers --environment Staging", "The settings of consumers in another environment"),
                ("config --changed --json --folder /srv/shop", "For programs; the exit code is 1 if there are errors"),
                ("config --server https://shop.example", "The values in effect in a running application"),
            ],
        };
        command.Arguments.Add(section);
        command.Options.Add(folder);
        command.Options.Add(environment);
        command.Options.Add(changed);
        server.AddTo(command);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            using var client = server.Find(call);
            if (client is not null && (call.Has(folder) || call.Has(environment)))
                throw new CliException(
                    ExitCode.Usage, "--server is not valid together with --folder or --environment.");
            var answer = client is null
                ? FolderSettings.Read(call.Get(folder), call.Get(environment))
                : SettingsAnswer.Of(await client.Get("/settings", cancellationToken));
            return Show(call, Select(answer, call.Get(section), call.Get(changed)));
        });
    }

    private static SettingsAnswer Select(SettingsAnswer answer, string? section, bool onlyChanged) => answer with
    {
        Settings =
        [
            .. answer.Settings.Where(setting =>
                (section is null || setting.Key.Contains(section, StringComparison.OrdinalIgnoreCase))
                && (!onlyChanged || setting.Source != "default" || setting.PendingReason is not null)),
        ],
    };

    private static ExitCode Show(ToolInvocation call, SettingsAnswer answer)
    {
        if (call.IsJson)
        {
            JsonOutput.Object(call, writer => Write(writer, answer));
        }
        else
        {
            var table = new TextTable("~setting", "~value", "~source", "~note");
            foreach (var setting in answer.Settings)
                table.Add(setting.Key, setting.Value ?? "", setting.Source, NoteOf(setting));
            table.Write(call, "There are no such settings.");
            foreach (var problem in answer.Problems)
                call.Line($"Error: {TextOf(problem)}");
        }
        return answer.Problems.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    private static string NoteOf(EffectiveSetting setting) =>
        setting.PendingReason is { } reason ? $"{setting.PendingValue} {reason}"
        : !setting.IsRead ? "not checked"
        : setting.IsReloadable ? "reloads"
        : "";

    private static string TextOf(ConfigurationProblem problem) =>
        $"{(problem.Key is { } key ? key + ": " : "")}{problem.Message} (Source: {problem.Source}.)";

    private static void Write(Utf8JsonWriter writer, SettingsAnswer answer)
    {
        writer.WriteBoolean("isValid"u8, answer.Problems.Count == 0);
        writer.WriteStartArray("settings"u8);
        foreach (var setting in answer.Settings)
        {
            writer.WriteStartObject();
            writer.WriteString("key"u8, setting.Key);
            JsonOutput.WriteIfSet(writer, "value", setting.Value);
            writer.WriteString("source"u8, setting.Source);
            writer.WriteBoolean("isRead"u8, setting.IsRead);
            writer.WriteBoolean("isReloadable"u8, setting.IsReloadable);
            JsonOutput.WriteIfSet(writer, "pendingValue", setting.PendingValue);
            JsonOutput.WriteIfSet(writer, "pendingReason", setting.PendingReason);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteStartArray("problems"u8);
        foreach (var problem in answer.Problems)
        {
            writer.WriteStartObject();
            JsonOutput.WriteIfSet(writer, "key", problem.Key);
            JsonOutput.WriteIfSet(writer, "value", problem.Value);
            writer.WriteString("source"u8, problem.Source);
            writer.WriteString("message"u8, problem.Message);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }
}
