using System.CommandLine;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Acknowledges and silences alerts.</summary>
internal static class AlertDecisions
{
    public static ToolCommand Acknowledge()
    {
        var id = new Argument<string>("alert") { Description = "The id of the alert, such as memory-3." };
        var note = new DecisionOptions();
        var command = new ToolCommand("ack", "Acknowledges an alert, so that it is neither repeated nor escalated.")
        {
            Examples = [("alerts ack memory-3", "A notice that the alert is resolved is still sent")],
        };
        command.Arguments.Add(id);
        note.AddTo(command);
        return command.SetShardsHandler(async (call, open, cancellationToken) =>
        {
            Alert alert;
            try
            {
                alert = await AlertsCommand.AlertsOf(open)
                    .Acknowledge(call.Get(id), note.By(call), cancellationToken);
            }
            catch (AlertNotFoundException exception)
            {
                throw new CliException(ExitCode.NotFound, exception.Message);
            }
            if (call.IsJson)
                JsonOutput.Object(call, writer => AlertsCommand.Write(writer, alert));
            else
                call.Line($"{alert.Id} is acknowledged by {alert.AcknowledgedBy}.");
            return ExitCode.Done;
        });
    }

    public static ToolCommand Silence()
    {
        var rule = AlertsCommand.RuleName();
        var duration = new Option<TimeSpan>("--for")
        {
            HelpName = "DURATION",
            Description = "How long notices are suppressed, such as 02:00:00; at most 366 days.",
            DefaultValueFactory = _ => TimeSpan.FromHours(1),
        };
        var node = new Option<string?>("--node") { HelpName = "NAME", Description = "Only the alerts of this node." };
        var note = new DecisionOptions();
        var command = new ToolCommand(
            "silence", "Suppresses the notices of a rule for a time. Alerts that still fire are sent after it.")
        {
            Examples = [("alerts silence memory --for 02:00:00 --reason \"load test\"", "Two hours from now")],
        };
        command.Arguments.Add(rule);
        command.Options.Add(duration);
        command.Options.Add(node);
        note.AddTo(command);
        return command.SetShardsHandler(async (call, open, cancellationToken) =>
        {
            if (call.Get(duration) <= TimeSpan.Zero || call.Get(duration) > AlertSilence.MaxDuration)
                throw new CliException(ExitCode.Usage, "--for must be more than 0 and at most 366 days.");
            var reason = note.RequiredReason(call, "load test");
            var found = await AlertsCommand.Find(open, call.Get(rule), cancellationToken);
            var silence = new AlertSilence
            {
                Rule = found.Rule.Name,
                Node = call.Get(node),
                Reason = reason,
                By = note.By(call),
            };
            var added = await AlertsCommand.AlertsOf(open)
                .Silence(silence, call.Get(duration), cancellationToken);
            if (call.IsJson)
                JsonOutput.Object(call, writer =>
                {
                    writer.WriteString("silenced"u8, found.Rule.Name);
                    writer.WriteString("id"u8, added.Id);
                    writer.WriteString("to"u8, added.To);
                });
            else
                call.Line($"Notices of {found.Rule.Name} are suppressed until {EventView.TimeOf(added.To)}.");
            return ExitCode.Done;
        });
    }
}
