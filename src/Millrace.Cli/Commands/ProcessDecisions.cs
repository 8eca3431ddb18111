using System.CommandLine;
using System.Text.Json;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Records decisions about instances of processes. The node that runs the process carries them out.</summary>
internal static class ProcessDecisions
{
    public static Argument<string> Name() => new("process") { Description = "The name of the process." };

    public static Argument<string> Id() => new("instance") { Description = "The id of the instance." };

    public static ToolCommand Resume()
    {
        var from = new Option<string?>("--from")
        {
            HelpName = "STEP",
            Description = "The step to start from again, with all later steps; by default the failed step.",
        };
        var command = new ToolCommand("resume", "Resumes a held instance.")
        {
            Examples =
            [
                ("processes resume fulfilment order-42 --reason \"the bank is back\"", "The failed step is repeated"),
                ("processes resume fulfilment order-42 --from pay", "This step and all later steps are repeated"),
            ],
        };
        command.Options.Add(from);
        return Decision(command, "will resume", (call, all, name, id, note, cancel) => call.Get(from) is { } step
            ? all.ResumeFrom(name, id, step, note.By(call), note.Reason(call), cancel)
            : all.Resume(name, id, note.By(call), note.Reason(call), cancel));
    }

    public static ToolCommand Cancel()
    {
        var command = new ToolCommand("cancel",
            "Cancels an instance: completed steps are compensated in reverse order.")
        {
            Examples =
            [
                (
                    "processes cancel fulfilment order-42 --reason \"the customer called\"",
                    "Not after the point of no return"),
            ],
        };
        return Decision(command, "will be canceled", (call, all, name, id, note, cancel) =>
            all.Cancel(name, id, note.By(call), note.Reason(call), cancel));
    }

    public static ToolCommand Move()
    {
        var step = new Option<string>("--to")
        {
            HelpName = "STEP",
            Description = "The step to continue with.",
            Required = true,
        };
        var command = new ToolCommand(
            "move", "Moves an instance to a step. Incomplete steps before it are skipped.")
        {
            Examples =
            [
                (
                    "processes move fulfilment order-42 --to ship --reason \"paid by hand\"",
                    "The user and the reason are recorded"),
            ],
        };
        command.Options.Add(step);
        return Decision(command, "will be moved", (call, all, name, id, note, cancel) =>
            all.Move(name, id, call.Get(step)!, note.By(call), note.Reason(call), cancel)); // The option is required.
    }

    public static void Write(Utf8JsonWriter writer, ProcessInfo instance)
    {
        writer.WriteString("process"u8, instance.Process);
        writer.WriteString("id"u8, instance.Id);
        writer.WriteString("state"u8, instance.State.ToString());
        writer.WriteNumber("version"u8, instance.Version);
        writer.WriteStartArray("steps"u8);
        foreach (var step in instance.Steps)
            writer.WriteStringValue(step);
        writer.WriteEndArray();
        if (instance.Due is { } due)
            writer.WriteString("due"u8, due);
        writer.WriteString("startedAt"u8, instance.StartedAt);
        writer.WriteString("changedAt"u8, instance.ChangedAt);
        if (instance.Reason is not null)
            writer.WriteString("reason"u8, instance.Reason);
    }

    private static ToolCommand Decision(
        ToolCommand command, string outcome,
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
                catch (ProcessNotFoundException exception)
                {
                    throw new CliException(ExitCode.NotFound, exception.Message);
                }
                if (call.IsJson)
                    JsonOutput.Object(call, writer => Write(writer, info));
                else
                    call.Line($"{info.Id} {outcome}.");
                return ExitCode.Done;
            }
        );
    }
}
