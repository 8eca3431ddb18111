using System.CommandLine;
using System.Globalization;
using Millrace.Cli.Output;
using Millrace.Storage;

namespace Millrace.Cli.Commands;

/// <summary>Manages consumers.</summary>
internal static class ConsumersCommand
{
    public static Command Create()
    {
        var command = new ToolCommand(
            "consumers", "Shows consumers with their state and lag, and pauses, resumes, restarts and resets them.")
        {
            Examples =
            [
                ("consumers", "Shows the state, checkpoint and lag of each consumer"),
                ("consumers pause daily-sales@1", "Stops the consumer within a few seconds, on any node"),
                ("consumers resume daily-sales@1", "Continues the consumer from its checkpoint"),
                ("consumers reset mail-sender --to 1042", "Handles all events after position 1042 again"),
            ],
        };
        command.Subcommands.Add(List());
        command.Subcommands.Add(SetPaused("pause", "Pauses a consumer on all nodes.", isPaused: true));
        command.Subcommands.Add(SetPaused("resume", "Resumes a paused consumer.", isPaused: false));
        command.Subcommands.Add(Restart());
        command.Subcommands.Add(Reset());
        command.Subcommands.Add(ConsumersWatchCommand.Create());
        return command.SetShardsHandler(Show);
    }

    private static ToolCommand List() =>
        new ToolCommand("list", "Shows all consumers.")
        {
            Examples = [("consumers list --json", "For programs")],
        }.SetShardsHandler(Show);

    private static Argument<string> Name() => new("consumer")
    {
        Description = "The consumer's name. For a projection, the name of its collection, such as daily-sales@1.",
    };

    private static ToolCommand SetPaused(string verb, string description, bool isPaused)
    {
        var name = Name();
        var command = new ToolCommand(verb, description)
        {
            Examples = [($"consumers {verb} daily-sales@1", description)],
        };
        command.Arguments.Add(name);
        return command.SetShardsHandler(
            async (call, open, cancellationToken) =>
            {
                var consumer = call.Get(name);
                await Require(call, open, consumer, cancellationToken);
                if (isPaused)
                    await open.Consumers.Pause(consumer, cancellationToken);
                else
                    await open.Consumers.Resume(consumer, cancellationToken);
                return Answer(
                    call,
                    consumer,
                    isPaused ? "is paused" : "is resumed",
                    writer => writer.WriteBoolean("isPaused"u8, isPaused));
            }
        );
    }

    private static ToolCommand Restart()
    {
        var name = Name();
        var command = new ToolCommand(
            "restart", "Cancels the batch of a consumer, on any node, and starts it again at its checkpoint.")
        {
            Examples = [("consumers restart mail-sender", "Restarts a consumer whose handler hangs")],
        };
        command.Arguments.Add(name);
        return command.SetShardsHandler(
            async (call, open, cancellationToken) =>
            {
                var consumer = call.Get(name);
                await Require(call, open, consumer, cancellationToken);
                await open.Consumers.Restart(consumer, cancellationToken);
                return Answer(
                    call, consumer, "restarts", static writer => writer.WriteBoolean("isRestarted"u8, true));
            }
        );
    }

    private static ToolCommand Reset()
    {
        var name = Name();
        var to = new Option<long>("--to")
        {
            HelpName = "POSITION",
            Description = "The position after which the consumer continues.",
            DefaultValueFactory = _ => 0,
        };
        var command = new ToolCommand("reset",
            "Moves a consumer back, so that it handles all events after a position again.")
        {
            Examples =
            [
                ("consumers reset mail-sender", "Handles all events again, from the start"),
                ("consumers reset mail-sender --to 1042", "Handles all events after position 1042 again"),
            ],
        };
        command.Arguments.Add(name);
        command.Options.Add(to);
        return command.SetShardsHandler(
            async (call, open, cancellationToken) =>
            {
                var (consumer, position) = (call.Get(name), call.Get(to));
                await Require(call, open, consumer, cancellationToken);
                foreach (var (part, own) in await open.PartsWith(consumer, cancellationToken))
                    await RejectUnsafeReset(part, own, position, cancellationToken);
                // It is refused if the collection of a read model was created after the check above.
                await open.Consumers.Reset(consumer, position, cancellationToken);
                return Answer(
                    call,
                    consumer,
                    $"continues after position {position.ToString(CultureInfo.InvariantCulture)}",
                    writer => writer.WriteNumber("checkpoint"u8, position));
            }
        );
    }

    private static async Task RejectUnsafeReset(
        OpenStore open, string consumer, long position, CancellationToken cancellationToken)
    {
        var head = await open.Storage.Log.GetHead(cancellationToken);
        if (position < 0 || position > head.Position)
            throw new CliException(
                ExitCode.Usage, $"--to must be from 0 to {TextTable.Number(head.Position)}, the end of the log.");
        var collections = await open.Storage.Documents.List(cancellationToken);
        if (collections.Any(collection => collection.Definition.Name == consumer))
        {
            throw new CliException(
                ExitCode.Failed,
                $"'{consumer}' is a projection. Its documents would count events twice after a reset.",
                $"Rebuild it: millrace projections rebuild {consumer}");
        }
    }

    /// <summary>Throws if a consumer does not exist in the store, or in a shard.</summary>
    private static async Task Require(
        ToolInvocation call, OpenStore open, string consumer, CancellationToken cancellationToken)
    {
        foreach (var (part, own) in await open.PartsWith(consumer, cancellationToken))
            await new ConsumerStatusTable(part, call.Time).Get(own, cancellationToken);
    }

    private static async Task<ExitCode> Show(ToolInvocation call, OpenStore open, CancellationToken cancellationToken)
    {
        var shown = new List<ShownConsumer>();
        foreach (var (shard, part) in open.Parts)
        {
            var consumers = new ConsumerStatusTable(part, call.Time);
            var records = await consumers.List(null, cancellationToken);
            var head = await part.Storage.Log.GetHead(cancellationToken);
            foreach (var record in records)
                shown.Add(new(shard, consumers, record, head, await consumers.LagOf(record, cancellationToken)));
        }
        if (call.IsJson)
        {
            JsonOutput.Array(call, shown, static (writer, one) =>
            {
                if (one.Shard is { } shard)
                    writer.WriteString("shard"u8, shard.Value);
                one.Consumers.WriteMembers(writer, one.Record, one.Head.Position, one.Lag);
            });
            return ExitCode.Done;
        }
        if (shown.Count == 0)
        {
            call.Line("No consumer has run on this store yet.");
            return ExitCode.Done;
        }
        var rows = TextTable.Of(
            open,
            ["consumer", "#part", "state", "#checkpoint", "#lag", "#behind", "#letters", "~node", "#for", "~error"]);
        foreach (var one in shown)
            rows.AddIn(one.Shard?.Value, Cells(one.Consumers, one.Record, one.Head, one.Lag));
        rows.Write(call);
        return ExitCode.Done;
    }

    private sealed record ShownConsumer(
        ShardId? Shard, ConsumerStatusTable Consumers, ConsumerRecord Record, LogHead Head, TimeSpan Lag);

    private static string[] Cells(ConsumerStatusTable consumers, ConsumerRecord record, LogHead head, TimeSpan lag) =>
        [
            record.Consumer,
            record.Partitions > 1
                ? $"{TextTable.Number(record.Partition)} of {TextTable.Number(record.Partitions)}"
                : TextTable.Number(record.Partition),
            consumers.StateOf(record, head.Position),
            TextTable.Number(ConsumerStatusTable.PositionOf(record)),
            TextTable.Number(Math.Max(0, head.Position - ConsumerStatusTable.PositionOf(record))),
            ConsumerStatusTable.Duration(lag),
            TextTable.Number(record.OpenDeadLetters),
            consumers.IsHeld(record) ? record.Holder ?? "" : "",
            consumers.IsHeld(record) ? ConsumerStatusTable.Duration(consumers.HeldFor(record)) : "",
            record.Error ?? "",
        ];

    private static ExitCode Answer(
        ToolInvocation call, string consumer, string text, Action<System.Text.Json.Utf8JsonWriter> member)
    {
        if (call.IsJson)
        {
            JsonOutput.Object(call, writer =>
            {
                writer.WriteString("consumer"u8, consumer);
                member(writer);
            });
        }
        else
        {
            call.Line($"{consumer} {text}.");
        }
        return ExitCode.Done;
    }
}
