using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Shows alert rules and alerts, acknowledges and silences alerts, and tries rules on history.</summary>
internal static class AlertsCommand
{
    public static Command Create()
    {
        var command = new ToolCommand("alerts", "Shows alert rules and the alerts that fire.")
        {
            Examples =
            [
                ("alerts", "All rules with their alerts"),
                ("alerts show memory", "A rule, its alerts and their ids"),
                ("alerts ack memory-3", "Stops repeated notices and escalations of an alert"),
            ],
        };
        command.Subcommands.Add(List());
        command.Subcommands.Add(Show());
        command.Subcommands.Add(AlertDecisions.Acknowledge());
        command.Subcommands.Add(AlertDecisions.Silence());
        command.Subcommands.Add(AlertTrialCommand.Create());
        return command.SetShardsHandler(ListRules);
    }

    /// <summary>Returns the alerts of a store. With shards, one application evaluates them in the home shard.</summary>
    public static Alerts AlertsOf(OpenStore open) => Alerts.Of(open.HomeStore);

    public static Argument<string> RuleName() => new("rule") { Description = "The name of the rule." };

    /// <exception cref="CliException">There is no such rule.</exception>
    public static async Task<AlertRuleInfo> Find(OpenStore open, string name, CancellationToken cancellationToken) =>
        await AlertsOf(open).FindRule(name, cancellationToken)
        ?? throw new CliException(
            ExitCode.NotFound, $"There is no alert rule '{name}'.", "List the rules: millrace alerts");

    private static ToolCommand List() =>
        new ToolCommand("list", "Lists all alert rules with their alerts.")
        {
            Examples = [("alerts list --json", "For programs")],
        }.SetShardsHandler(ListRules);

    private static ToolCommand Show()
    {
        var name = RuleName();
        var command = new ToolCommand("show", "Shows an alert rule and its alerts.")
        {
            Examples = [("alerts show memory --json", "For programs")],
        };
        command.Arguments.Add(name);
        return command.SetShardsHandler(async (call, open, cancellationToken) =>
        {
            var rule = await Find(open, call.Get(name), cancellationToken);
            if (call.IsJson)
                JsonOutput.Object(call, writer => WriteMembers(writer, rule));
            else
                WriteText(call, rule);
            return ExitCode.Done;
        });
    }

    private static async Task<ExitCode> ListRules(
        ToolInvocation call, OpenStore open, CancellationToken cancellationToken)
    {
        var rules = await AlertsOf(open).ListRules(cancellationToken);
        if (call.IsJson)
        {
            JsonOutput.Array(call, rules, WriteMembers);
            return ExitCode.Done;
        }
        var table = new TextTable("rule", "~condition", "~for", "severity", "~source", "~state");
        foreach (var rule in rules)
            table.Add(
                rule.Rule.Name,
                ConditionOf(rule.Rule),
                DurationOf(rule.Rule.For),
                EnumText.Of(rule.Rule.Severity),
                EnumText.Of(rule.Source),
                StateOf(rule));
        table.Write(call, "No application has recorded alert rules here. Add UseAlerts to it.");
        return ExitCode.Done;
    }

    private static void WriteText(ToolInvocation call, AlertRuleInfo info)
    {
        var rule = info.Rule;
        var duration = rule.For == TimeSpan.Zero ? "at once" : $"for {DurationOf(rule.For)}";
        call.Line($"{rule.Name}: {ConditionOf(rule)}, {duration} "
            + $"({EnumText.Of(rule.Severity)}, {EnumText.Of(info.Source)}{(rule.IsEnabled ? "" : ", disabled")})");
        if (rule.Description.Length > 0)
            call.Line(rule.Description);
        var table = new TextTable("alert", "state", "~subject", "~node", "#value", "since", "~acknowledged by");
        foreach (var alert in info.Alerts)
            table.Add(
                alert.Id ?? "",
                EnumText.Of(alert.State),
                alert.Subject ?? "",
                alert.Node ?? "",
                alert.Value.ToString("0.###", CultureInfo.InvariantCulture),
                EventView.TimeOf(alert.Since),
                alert.AcknowledgedBy ?? "");
        table.Write(call, "The rule has no alerts.");
    }

    /// <summary>Returns whether a rule is disabled, and otherwise the states of its alerts.</summary>
    private static string StateOf(AlertRuleInfo rule)
    {
        var states = rule.Alerts
            .CountBy(static alert => alert.State)
            .OrderByDescending(static state => state.Key)
            .Select(static state => $"{TextTable.Number(state.Value)} {EnumText.Of(state.Key)}")
            .ToList();
        if (!rule.Rule.IsEnabled)
            states.Insert(0, "disabled");
        return states.Count == 0 ? "normal" : string.Join(", ", states);
    }

    private static string DurationOf(TimeSpan duration) => duration == TimeSpan.Zero ? "0 s"
        : duration.Ticks % TimeSpan.TicksPerMinute != 0 ? DurationText.Of(duration)
        : string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMinutes:0} min");

    private static string ConditionOf(AlertRule rule) => string.Create(
        CultureInfo.InvariantCulture, $"{rule.Metric} {EnumText.Of(rule.Condition)} {rule.Threshold:0.###}");

    private static void WriteMembers(Utf8JsonWriter writer, AlertRuleInfo info)
    {
        var rule = info.Rule;
        writer.WriteString("name"u8, rule.Name);
        writer.WriteString("description"u8, rule.Description);
        writer.WriteString("metric"u8, rule.Metric);
        writer.WriteString("condition"u8, EnumText.Of(rule.Condition));
        writer.WriteNumber("threshold"u8, rule.Threshold);
        writer.WriteNumber("forSeconds"u8, rule.For.TotalSeconds);
        writer.WriteString("severity"u8, EnumText.Of(rule.Severity));
        writer.WriteString("source"u8, EnumText.Of(info.Source));
        writer.WriteBoolean("isEnabled"u8, rule.IsEnabled);
        writer.WriteStartArray("alerts"u8);
        foreach (var alert in info.Alerts)
        {
            writer.WriteStartObject();
            Write(writer, alert);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    /// <summary>Writes the members of an alert.</summary>
    public static void Write(Utf8JsonWriter writer, Alert alert)
    {
        if (alert.Id is not null)
            writer.WriteString("id"u8, alert.Id);
        writer.WriteString("state"u8, EnumText.Of(alert.State));
        if (alert.Subject is not null)
            writer.WriteString("subject"u8, alert.Subject);
        if (alert.Node is not null)
            writer.WriteString("node"u8, alert.Node);
        writer.WriteNumber("value"u8, alert.Value);
        writer.WriteString("since"u8, alert.Since);
        if (alert.FiredAt is { } firedAt)
            writer.WriteString("firedAt"u8, firedAt);
        if (alert.AcknowledgedBy is not null)
            writer.WriteString("acknowledgedBy"u8, alert.AcknowledgedBy);
    }
}
