using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Tries an alert rule on recorded history.</summary>
internal static class AlertTrialCommand
{
    private static readonly TimeSpan DefaultPeriod = TimeSpan.FromDays(7);

    public static ToolCommand Create()
    {
        var name = AlertsCommand.RuleName();
        var since = new Option<DateTimeOffset?>("--since")
        {
            HelpName = "TIME",
            Description = "The start of the history: a time, or an age, such as 24h or 7d (the default).",
            CustomParser = FilterOptions.ParseTime,
        };
        var threshold = new Option<double?>("--threshold")
        {
            HelpName = "VALUE",
            Description = "Tries another threshold than that of the rule.",
        };
        var command = new ToolCommand("try", "Shows when an alert rule would have fired on recorded history.")
        {
            Examples =
            [
                ("alerts try memory --since 7d", "Nothing is stored or sent"),
                ("alerts try memory --threshold 0.8", "Another threshold"),
            ],
        };
        command.Arguments.Add(name);
        command.Options.Add(since);
        command.Options.Add(threshold);
        return command.SetShardsHandler(async (call, open, cancellationToken) =>
        {
            var rule = (await AlertsCommand.Find(open, call.Get(name), cancellationToken)).Rule;
            if (call.Get(threshold) is { } other)
                rule = rule with { Threshold = other, ResolveAt = null };
            var from = call.Get(since) ?? call.Time.GetUtcNow() - DefaultPeriod;
            AlertTrial trial;
            try
            {
                trial = await AlertsCommand.AlertsOf(open).Try(rule, from, null, cancellationToken);
            }
            catch (Exception exception) when (exception is ArgumentException or AlertRuleException)
            {
                throw new CliException(ExitCode.Usage, exception.Message);
            }
            Write(call, trial);
            return ExitCode.Done;
        });
    }

    private static void Write(ToolInvocation call, AlertTrial trial)
    {
        if (call.IsJson)
        {
            JsonOutput.Object(call, writer => WriteMembers(writer, trial));
            return;
        }
        var table = new TextTable("fired", "resolved", "~subject", "~node", "#value");
        foreach (var alert in trial.Alerts)
            table.Add(
                EventView.TimeOf(alert.FiredAt),
                alert.ResolvedAt is { } resolvedAt ? EventView.TimeOf(resolvedAt) : "still firing",
                alert.Subject ?? "",
                alert.Node ?? "",
                alert.State == AlertState.NoData
                    ? "no data"
                    : alert.Value.ToString("0.###", CultureInfo.InvariantCulture));
        table.Write(call, "The rule would not have fired.");
        call.Line(trial.Points == 0
            ? "The history has no values of this metric. Add UseMonitor to the application."
            : $"{TextTable.Number(trial.Points)} points of up to {DurationText.Of(trial.Resolution)}; shorter peaks "
                + "are not visible.");
    }

    private static void WriteMembers(Utf8JsonWriter writer, AlertTrial trial)
    {
        writer.WriteString("rule"u8, trial.Rule);
        writer.WriteString("from"u8, trial.From);
        writer.WriteString("to"u8, trial.To);
        writer.WriteNumber("points"u8, trial.Points);
        writer.WriteNumber("resolutionSeconds"u8, trial.Resolution.TotalSeconds);
        writer.WriteStartArray("alerts"u8);
        foreach (var alert in trial.Alerts)
        {
            writer.WriteStartObject();
            if (alert.Subject is not null)
                writer.WriteString("subject"u8, alert.Subject);
            if (alert.Node is not null)
                writer.WriteString("node"u8, alert.Node);
            writer.WriteString("state"u8, EnumText.Of(alert.State));
            writer.WriteString("firedAt"u8, alert.FiredAt);
            if (alert.ResolvedAt is { } resolvedAt)
                writer.WriteString("resolvedAt"u8, resolvedAt);
            writer.WriteNumber("value"u8, alert.Value);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }
}
