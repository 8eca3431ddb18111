using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Shows faults and their recoveries, and runs recovery actions.</summary>
internal static class RecoveryCommand
{
    public static Command Create()
    {
        var command = new ToolCommand("recovery", "Shows faults and their recoveries, and runs recovery actions.")
        {
            Examples =
            [
                ("recovery", "The faults that exist, with the state of their recovery"),
                ("recovery history", "What was diagnosed and done, newest first"),
                ("recovery run restart-consumer mail-sender --dry-run", "What the action would do"),
            ],
        };
        command.Subcommands.Add(List());
        command.Subcommands.Add(History());
        command.Subcommands.Add(Actions());
        command.Subcommands.Add(RecoveryRunCommand.Create());
        return command.SetStoreHandler(ListCases);
    }

    private static ToolCommand List() =>
        new ToolCommand("list", "Lists the faults with their recoveries.")
        {
            Examples = [("recovery list --json", "For programs")],
        }.SetStoreHandler(ListCases);

    private static ToolCommand History()
    {
        var limit = new Option<int>("--limit")
        {
            HelpName = "N",
            Description = "The maximum number of steps, from 1 to 1,000.",
            DefaultValueFactory = _ => 50,
        };
        var command = new ToolCommand("history", "Shows the steps of recoveries, newest first.")
        {
            Examples = [("recovery history --limit 10", "The last ten steps")],
        };
        command.Options.Add(limit);
        return command.SetStoreHandler(async (call, open, cancellationToken) =>
        {
            if (call.Get(limit) is < 1 or > Recovery.MaxEntries)
                throw new CliException(ExitCode.Usage, "--limit must be from 1 to 1,000.");
            var steps = await Recovery.Of(open.Store).History(call.Get(limit), cancellationToken);
            if (call.IsJson)
                JsonOutput.Array(call, steps, WriteStep);
            else
                WriteSteps(call, steps);
            return ExitCode.Done;
        });
    }

    private static ToolCommand Actions() =>
        new ToolCommand("actions", "Lists the recovery actions and rules of the application.")
        {
            Examples = [("recovery actions", "The names for 'recovery run', and the rules that use them")],
        }.SetStoreHandler(async (call, open, cancellationToken) =>
        {
            var info = await Recovery.Of(open.Store).FindInfo(cancellationToken)
                ?? new RecoveryInfo([], [], IsDryRun: false);
            if (call.IsJson)
                JsonOutput.Object(call, writer => WriteInfo(writer, info));
            else
                WriteText(call, info);
            return ExitCode.Done;
        });

    private static async Task<ExitCode> ListCases(
        ToolInvocation call, OpenStore open, CancellationToken cancellationToken)
    {
        var cases = await Recovery.Of(open.Store).List(cancellationToken);
        if (call.IsJson)
        {
            JsonOutput.Array(call, cases, WriteCase);
            return ExitCode.Done;
        }
        var table = new TextTable("fault", "~subject", "state", "since", "~action", "#attempts", "~node", "~reason");
        foreach (var one in cases)
            table.Add(
                one.Diagnosis?.Symptom ?? "(by hand)",
                one.Subject ?? "",
                EnumText.Of(one.State),
                EventView.TimeOf(one.Since),
                one.Action ?? "",
                TextTable.Number(one.Attempts),
                one.Node ?? one.Diagnosis?.Node ?? "",
                one.Reason ?? "");
        table.Write(
            call,
            await Recovery.Of(open.Store).FindInfo(cancellationToken) is null
                ? "No application with UseRecovery has run with this store."
                : "No fault is known.");
        return ExitCode.Done;
    }

    private static void WriteSteps(ToolInvocation call, IReadOnlyList<RecoveryEntry> steps)
    {
        var table = new TextTable("time", "step", "~fault or action", "~subject", "#attempt", "#ms", "~node", "~text");
        foreach (var step in steps)
            table.Add(
                EventView.TimeOf(step.Time),
                step.Kind,
                step.Action ?? step.Diagnosis?.Symptom ?? step.Rule ?? "",
                step.Subject ?? "",
                step.Attempt?.ToString(CultureInfo.InvariantCulture) ?? "",
                step.Duration is { } duration ? TextTable.Number((long)duration.TotalMilliseconds) : "",
                step.Node ?? "",
                step.Text ?? step.Diagnosis?.Description ?? step.By ?? "");
        table.Write(call, "Nothing was diagnosed or done.");
    }

    private static void WriteText(ToolInvocation call, RecoveryInfo info)
    {
        var actions = new TextTable("action", "description");
        foreach (var action in info.Actions)
            actions.Add(action.Name, action.Description);
        actions.Write(call, "No application has recorded recovery actions here. Add UseRecovery to it.");
        if (info.Rules.Count == 0)
            return;
        call.Line("");
        var rules = new TextTable("rule", "~actions", "#attempts", "description");
        foreach (var rule in info.Rules)
            rules.Add(
                rule.Name,
                !rule.IsEnabled ? "(disabled)" : rule.Actions.Count > 0 ? string.Join(", ", rule.Actions) : "a person",
                rule.Actions.Count > 0 ? TextTable.Number(rule.MaxAttempts) : "",
                rule.Description);
        rules.Write(call);
        if (info.IsDryRun)
            call.Line("The manager is in a dry run: rules start no action.");
    }

    private static void WriteCase(Utf8JsonWriter writer, RecoveryCase one)
    {
        writer.WriteString("id"u8, one.Id);
        writer.WriteString("state"u8, EnumText.Of(one.State));
        JsonOutput.WriteIfSet(writer, "rule", one.Rule);
        if (one.Diagnosis is { } diagnosis)
            WriteDiagnosis(writer, diagnosis);
        JsonOutput.WriteIfSet(writer, "subject", one.Subject);
        writer.WriteString("since"u8, one.Since);
        JsonOutput.WriteIfSet(writer, "action", one.Action);
        writer.WriteNumber("attempts"u8, one.Attempts);
        JsonOutput.WriteIfSet(writer, "node", one.Node);
        if (one.NotBefore is { } notBefore)
            writer.WriteString("notBefore"u8, notBefore);
        JsonOutput.WriteIfSet(writer, "reason", one.Reason);
        JsonOutput.WriteIfSet(writer, "by", one.By);
    }

    private static void WriteStep(Utf8JsonWriter writer, RecoveryEntry step)
    {
        writer.WriteString("time"u8, step.Time);
        writer.WriteString("kind"u8, step.Kind);
        writer.WriteString("case"u8, step.Case);
        JsonOutput.WriteIfSet(writer, "rule", step.Rule);
        if (step.Diagnosis is { } diagnosis)
            WriteDiagnosis(writer, diagnosis);
        JsonOutput.WriteIfSet(writer, "subject", step.Subject);
        JsonOutput.WriteIfSet(writer, "action", step.Action);
        if (step.Attempt is { } attempt)
            writer.WriteNumber("attempt"u8, attempt);
        JsonOutput.WriteIfSet(writer, "node", step.Node);
        if (step.Duration is { } duration)
            writer.WriteNumber("durationMs"u8, Math.Round(duration.TotalMilliseconds, 1));
        JsonOutput.WriteIfSet(writer, "text", step.Text);
        JsonOutput.WriteIfSet(writer, "by", step.By);
    }

    private static void WriteDiagnosis(Utf8JsonWriter writer, RecoveryDiagnosis diagnosis)
    {
        writer.WriteString("cause"u8, EnumText.Of(diagnosis.Cause));
        writer.WriteString("symptom"u8, diagnosis.Symptom);
        writer.WriteString("description"u8, diagnosis.Description);
        JsonOutput.WriteIfSet(writer, "advice", diagnosis.Advice);
    }

    private static void WriteInfo(Utf8JsonWriter writer, RecoveryInfo info)
    {
        writer.WriteBoolean("isDryRun"u8, info.IsDryRun);
        writer.WriteStartArray("actions"u8);
        foreach (var action in info.Actions)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, action.Name);
            writer.WriteString("description"u8, action.Description);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteStartArray("rules"u8);
        foreach (var rule in info.Rules)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, rule.Name);
            writer.WriteString("description"u8, rule.Description);
            writer.WriteStartArray("actions"u8);
            foreach (var action in rule.Actions)
                writer.WriteStringValue(action);
            writer.WriteEndArray();
            writer.WriteNumber("maxAttempts"u8, rule.MaxAttempts);
            writer.WriteBoolean("isEnabled"u8, rule.IsEnabled);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }
}
