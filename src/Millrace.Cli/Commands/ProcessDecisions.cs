using System.CommandLine;
using System.Text.Json;

namespace Millrace.Cli.Commands;

/// <summary>Decides about instances of processes; the node that runs the process does what was decided.</summary>
internal static class ProcessDecisions
{
    public static Argument<string> Name() => new("process") { Description = "The name of the process." };

    public static Argument<string> Id() => new("instance") { Description = "The id of the instance." };

    public static ToolCommand Resume()
    {
        var from = new Option<string?>("--from")
        {
            HelpName = "STEP",
            Description = "Do this step and all behind it again; by default what failed.",
        };
        var command = new ToolCommand("resume", "Has an instance go on that is held.")
        {
            Examples =
            [
                ("processes resume fulfilment order-42 --reason \"the bank is back\"", "What failed is done again"),
                ("processes resume fulfilment order-42 --from pay", "This step and all behind it are done again"),
            ],
        };
        command.Options.Add(from);
        return Decision(command, "goes on", (call, all, name, id, note, cancel) => call.Get(from) is { } step
            ? all.ResumeFrom(name, id, step, note.By(call), note.Reason(call), cancel)
            : all.Resume(name, id, note.By(call), note.Reason(call), cancel));
    }

    public static ToolCommand Cancel()
    {
        var command = new ToolCommand("cancel", "Has an instance undone: what was done is compensated in reverse.")
        {
            Examples =
            [
                (
                    "processes cancel fulfilment order-42 --reason \"the customer called\"",
                    "Not behind the point of no return"),
            ],
        };
        return Decision(command, "is cancelled", (call, all, name, id, note, cancel) =>
            all.Cancel(name, id, note.By(call), note.Reason(call), cancel));
    }

    public static ToolCommand Move()
    {
        var step = new Option<string>("--to")
        {
            HelpName = "STEP",
            Description = "The step to go on with.",
            Required = true,
        };
        var command = new ToolCommand(
            "move", "Takes an instance to a step; what was not done before it is passed over.")
        {
            Examples =
            [
                ("processes move fulfilment order-42 --to ship --reason \"paid by hand\"", "Recorded with who and why"),
            ],
        };
        command.Options.Add(step);
        return Decision(command, "is moved", (call, all, name, id, note, cancel) =>
            all.Move(name, id, call.Get(step)!, note.By(call), note.Reason(call), cancel)); // It is required.
    }

    public static void Write(Utf8JsonWriter writer, ProcessInfo one)
    {
        writer.WriteString("process"u8, one.Process);
        writer.WriteString("id"u8, one.Id);
        writer.WriteString("state"u8, one.State.ToString());
        writer.WriteNumber("version"u8, one.Version);
        writer.WriteStartArray("steps"u8);
        foreach (var step in one.Steps)
            writer.WriteStringValue(step);
        writer.WriteEndArray();
        if (one.Due is { } due)
            writer.WriteString("due"u8, due);
        writer.WriteString("startedAt"u8, one.StartedAt);
        writer.WriteString("changedAt"u8, one.ChangedAt);
        if (one.Reason is not null)
            writer.WriteString("reason"u8, one.Reason);
    }

    private static ToolCommand Decision(
        ToolCommand command, string done,
        Func<ToolInvocation, Processes, string, string, DecisionOptions, CancellationToken, Task<ProcessInfo>> decide)
    {
        var (name, id, note) = (Name(), Id(), new DecisionOptions());
        command.Arguments.Add(name);
        command.Arguments.Add(id);
        note.AddTo(command);
        return command.SetStoreHandler(
            async (call, open, cancellationToken) =>
            {
                ProcessInfo info;
                try
                {
                    info = await decide(
                        call, Processes.Of(open.Store), call.Get(name), call.Get(id), note, cancellationToken);
                }
                catch (ProcessNotFoundException missing)
                {
                    throw new CliException(ExitCode.NotFound, missing.Message);
                }
                if (call.IsJson)
                    JsonOutput.Object(call, writer => Write(writer, info));
                else
                    call.Line($"{info.Id} {done}.");
                return ExitCode.Done;
            }
        );
    }
}
