using System.CommandLine;
using System.Text.Json;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Manages timers: commands that are sent at a given time.</summary>
internal static class TimersCommand
{
    public static Command Create()
    {
        var command = new ToolCommand(
            "timers", "Shows commands that are sent at a given time, and edits, runs and cancels them.")
        {
            Examples =
            [
                ("timers", "Pending timers: held ones first, then by due time"),
                (
                    "timers cancel order-42-unpaid --reason \"paid by hand\"",
                    "Its command is not sent; the decision is recorded"),
            ],
        };
        command.Subcommands.Add(List());
        command.Subcommands.Add(TimerShow.Create());
        command.Subcommands.Add(Cancel());
        command.Subcommands.Add(Edit());
        command.Subcommands.Add(Run());
        return command.SetStoreHandler(
            (call, open, cancellationToken) => Show(call, open, new TimerQuery { Limit = 100 }, cancellationToken));
    }

    private static ToolCommand List()
    {
        var name = new Option<string?>("--command", "-c")
        {
            HelpName = "NAME",
            Description = "Only timers that send this command.",
        };
        var held = new Option<bool>("--held") { Description = "Only held timers, whose command failed too often." };
        var limit = new Option<int>("--limit", "-n")
        {
            HelpName = "N",
            Description = "The maximum number of timers.",
            DefaultValueFactory = _ => 100,
        };
        var command = new ToolCommand("list", "Lists timers: held ones first, then by due time.")
        {
            Examples = [("timers list --held", "Those that need a decision")],
        };
        command.Options.Add(name);
        command.Options.Add(held);
        command.Options.Add(limit);
        return command.SetStoreHandler((call, open, cancellationToken) =>
        {
            if (call.Get(limit) is < 1 or > 1_000)
                throw new CliException(ExitCode.Usage, "--limit must be from 1 to 1,000.");
            var query = new TimerQuery { Command = call.Get(name), IsHeld = call.Get(held), Limit = call.Get(limit) };
            return Show(call, open, query, cancellationToken);
        });
    }

    private static ToolCommand Cancel()
    {
        var (key, note) = (Key(), new DecisionOptions());
        var command = new ToolCommand("cancel", "Cancels a timer. Its command is not sent.")
        {
            Examples = [("timers cancel order-42-unpaid", "By the key of the timer")],
        };
        command.Arguments.Add(key);
        note.AddTo(command);
        return command.SetStoreHandler(async (call, open, cancellationToken) =>
        {
            if (!await Timers.Of(open.Store).Cancel(call.Get(key), note.By(call), note.Reason(call), cancellationToken))
                throw new CliException(ExitCode.NotFound, $"Timer '{call.Get(key)}' no longer exists.");
            if (call.IsJson)
                JsonOutput.Object(call, writer => writer.WriteString("key"u8, call.Get(key)));
            else
                call.Line($"{call.Get(key)} was canceled.");
            return ExitCode.Done;
        });
    }

    private static ToolCommand Edit()
    {
        var (key, note, toSend) = (
            Key(), new DecisionOptions(), new CommandToSend("The name of the command to send instead."));
        var due = new Option<DateTimeOffset?>("--due")
        {
            HelpName = "TIME",
            Description = "The time when its command is sent.",
        };
        var command = new ToolCommand("edit", "Changes the command or the due time of a timer.")
        {
            Examples =
            [
                (
                    "timers edit order-42-unpaid --due 2031-12-05T10:00:00Z",
                    "Changes the due time; the old one is recorded"),
                (
                    "timers edit order-42-unpaid --body '{\"order\":\"42\",\"payment\":\"cash\"}' --command pay-order "
                        + "--build out",
                    "Another command, validated by the build"),
            ],
        };
        command.Arguments.Add(key);
        command.Options.Add(due);
        toSend.AddTo(command);
        note.AddTo(command);
        return command.SetStoreHandler(
            (call, open, cancellationToken) =>
            {
                if (call.Get(due) is null && !toSend.IsSpecified(call))
                    throw new CliException(ExitCode.Usage,
                        "Nothing to change was specified. Use --due, --command or --body.");
                if (!toSend.IsSpecified(call))
                {
                    return WriteResult(
                        call,
                        Timers
                            .Of(open.Store)
                            .Move(
                                call.Get(key),
                                call.Get(due)!.Value,
                                note.By(call),
                                note.Reason(call),
                                cancellationToken)); // The option has a value, because no command is specified.
                }
                var edit = new TimerEdit
                {
                    Due = call.Get(due),
                    Command = toSend.Name(call),
                    Body = toSend.Body(call),
                    By = note.By(call),
                    Reason = note.Reason(call),
                };
                return WriteResult(
                    call, toSend.Catalog(call).TimersOf(open.Store).Edit(call.Get(key), edit, cancellationToken));
            }
        );
    }

    private static ToolCommand Run()
    {
        var (key, note) = (Key(), new DecisionOptions());
        var command = new ToolCommand("run", "Sends the command of a timer now, in the application.")
        {
            Examples = [("timers run order-42-unpaid", "Also for a held timer")],
        };
        command.Arguments.Add(key);
        note.AddTo(command);
        return command.SetStoreHandler((call, open, cancellationToken) => WriteResult(
            call, Timers.Of(open.Store).Run(call.Get(key), note.By(call), note.Reason(call), cancellationToken)));
    }

    public static Argument<string> Key() => new("key") { Description = "The timer's handle or key." };

    private static async Task<ExitCode> WriteResult(ToolInvocation call, Task<TimerInfo> change)
    {
        TimerInfo timer;
        try
        {
            timer = await change;
        }
        catch (TimerNotFoundException exception)
        {
            throw new CliException(ExitCode.NotFound, exception.Message);
        }
        if (call.IsJson)
            JsonOutput.Object(call, writer => Write(writer, timer));
        else
            call.Line(
                timer.Due is { } due
                    ? $"{timer.Key} is due at {EventView.TimeOf(due)}."
                    : $"{timer.Key} is still held. Run it with 'timers run'.");
        return ExitCode.Done;
    }

    private static async Task<ExitCode> Show(
        ToolInvocation call, OpenStore open, TimerQuery query, CancellationToken cancellationToken)
    {
        var page = await Timers.Of(open.Store).List(query, cancellationToken);
        if (call.IsJson)
        {
            JsonOutput.Array(call, page.Timers, Write);
            return ExitCode.Done;
        }
        if (page.Timers.Count == 0)
        {
            call.Line("No timers match.");
            return ExitCode.Done;
        }
        var rows = new TextTable("key", "command", "due", "#failures", "by", "~body", "~error");
        foreach (var timer in page.Timers)
        {
            rows.Add(
                timer.Key,
                timer.Command,
                timer.Due is { } due ? EventView.TimeOf(due) : "held",
                TextTable.Number(timer.Failures),
                timer.By ?? "",
                timer.Body.GetRawText(),
                timer.Error ?? "");
        }
        rows.Write(call);
        return ExitCode.Done;
    }

    public static void Write(Utf8JsonWriter writer, TimerInfo timer)
    {
        writer.WriteString("key"u8, timer.Key);
        writer.WriteString("command"u8, timer.Command);
        writer.WritePropertyName("body"u8);
        timer.Body.WriteTo(writer);
        if (timer.Due is { } due)
            writer.WriteString("due"u8, due);
        writer.WriteString("setAt"u8, timer.SetAt);
        if (timer.By is not null)
            writer.WriteString("by"u8, timer.By);
        writer.WriteNumber("failures"u8, timer.Failures);
        if (timer.Error is not null)
            writer.WriteString("error"u8, timer.Error);
    }
}
