using System.CommandLine;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Runs a recovery action on the node of the application that acts, or shows what it would do.</summary>
internal static class RecoveryRunCommand
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(10);

    public static ToolCommand Create()
    {
        var action = new Argument<string>("action") { Description = "The name of the action." };
        var subject = new Argument<string?>("subject")
        {
            Description = "What the action changes, such as the name of a consumer.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var dryRun = new Option<bool>("--dry-run") { Description = "Shows what the action would do." };
        var wait = new Option<TimeSpan>("--wait")
        {
            HelpName = "DURATION",
            Description = "How long the command waits for the end of the action, up to 00:10:00.",
            DefaultValueFactory = _ => TimeSpan.FromSeconds(30),
        };
        var by = new Option<string>("--by")
        {
            HelpName = "NAME",
            Description = "The name of the user who requests it; by default the current user.",
            DefaultValueFactory = _ => Environment.UserName,
        };
        var command = new ToolCommand(
            "run",
            "Runs a recovery action on the node that acts, and waits for its end. The check of the health follows: "
                + "'recovery history' then shows healed or not-healed.")
        {
            Examples =
            [
                ("recovery run restart-consumer mail-sender", "Restarts a consumer on any node"),
                ("recovery run restart-consumer mail-sender --dry-run", "Changes nothing"),
            ],
        };
        command.Arguments.Add(action);
        command.Arguments.Add(subject);
        command.Options.Add(dryRun);
        command.Options.Add(wait);
        command.Options.Add(by);
        return command.SetStoreHandler(async (call, open, cancellationToken) =>
        {
            if (call.Get(wait) < TimeSpan.Zero || call.Get(wait) > MaxWait)
                throw new CliException(ExitCode.Usage, "--wait must be from 0 to 10 minutes.");
            var recovery = Recovery.Of(open.Store);
            try
            {
                if (call.Get(dryRun))
                    return WritePlan(
                        call, await recovery.Plan(call.Get(action), call.Get(subject), cancellationToken));
                var requested = await recovery.Run(
                    call.Get(action), call.Get(subject), call.Get(by)!, cancellationToken); // It has a default value.
                var ended = await recovery.WaitFor(requested.Id, call.Get(wait), cancellationToken);
                WriteEnd(call, requested, ended);
                return ended is { Kind: "failed" } ? ExitCode.Failed
                    : ended is null && call.Get(wait) > TimeSpan.Zero ? ExitCode.Incomplete
                    : ExitCode.Done;
            }
            catch (Exception exception)
                when (exception is RecoveryActionNotFoundException or ConsumerNotFoundException)
            {
                throw new CliException(
                    ExitCode.NotFound, exception.Message, "List the actions: millrace recovery actions");
            }
            catch (RecoveryBusyException exception)
            {
                throw new CliException(ExitCode.Conflict, exception.Message);
            }
        });
    }

    private static ExitCode WritePlan(ToolInvocation call, RecoveryPlan plan)
    {
        if (call.IsJson)
        {
            JsonOutput.Object(call, writer =>
            {
                writer.WriteString("action"u8, plan.Action);
                JsonOutput.WriteIfSet(writer, "subject", plan.Subject);
                writer.WriteString("outcome"u8, "planned"u8);
                writer.WriteString("description"u8, plan.Description);
                writer.WriteStartArray("facts"u8);
                foreach (var fact in plan.Facts)
                    writer.WriteStringValue(fact);
                writer.WriteEndArray();
            });
            return ExitCode.Done;
        }
        call.Line($"Would run {plan.Action}{(plan.Subject is null ? "" : $" for {plan.Subject}")}: {plan.Description}");
        foreach (var fact in plan.Facts)
            call.Line($"  {fact}");
        return ExitCode.Done;
    }

    private static void WriteEnd(ToolInvocation call, RecoveryCase requested, RecoveryEntry? ended)
    {
        if (call.IsJson)
        {
            JsonOutput.Object(call, writer =>
            {
                writer.WriteString("action"u8, requested.Action);
                JsonOutput.WriteIfSet(writer, "subject", requested.Subject);
                writer.WriteString("case"u8, requested.Id);
                writer.WriteString("outcome"u8, ended?.Kind ?? "requested");
                JsonOutput.WriteIfSet(writer, "node", ended?.Node);
                if (ended?.Duration is { } duration)
                    writer.WriteNumber("durationMs"u8, Math.Round(duration.TotalMilliseconds, 1));
                JsonOutput.WriteIfSet(writer, "text", ended?.Text);
            });
        }
        else if (ended is null)
        {
            call.Line($"{requested.Action} is requested, and has not ended yet. It is dropped if no node with "
                + "UseRecovery runs it within 10 minutes. See: millrace recovery history");
        }
        else
        {
            call.Line($"{requested.Action} {ended.Kind} on {ended.Node ?? "no node"}. {ended.Text}".TrimEnd());
        }
    }
}
