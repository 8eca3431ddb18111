using System.CommandLine;
using System.Text.Json;
using Millrace.Cli.Output;
using Millrace.Sqlite;
using Millrace.Storage;

namespace Millrace.Cli.Commands;

/// <summary>Shows figures of a store, or the state of a stream.</summary>
internal static class InfoCommand
{
    public static Command Create()
    {
        var stream = new Argument<string?>("stream")
        {
            Description = "The stream; by default the whole store.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new ToolCommand("info", "Shows figures of the store, or the state of one stream.")
        {
            Examples =
            [
                ("info", "Events, streams, size, types"),
                ("info order-42", "The version of a stream, and its removed events"),
            ],
        };
        command.Arguments.Add(stream);
        return command.SetShardsHandler((call, open, cancellationToken) => call.Get(stream) is { } name
            ? OfStream(call, open, new StreamId(name), cancellationToken)
            : OfStore(call, open, cancellationToken));
    }

    private static async Task<ExitCode> OfStore(
        ToolInvocation call, OpenStore open, CancellationToken cancellationToken)
    {
        var info = await open.Storage.Maintenance.GetInfo(cancellationToken);
        if (call.IsJson)
        {
            JsonOutput.Object(call, writer => WriteMembers(writer, open, info));
            return ExitCode.Done;
        }
        var facts = TextTable.OfFacts()
            .Add("store", open.Store.Description)
            .Add("events", TextTable.Number(info.Events))
            .Add("removed intentionally", TextTable.Number(info.RemovedEvents))
            .Add("streams", TextTable.Number(info.Streams));
        if (open.Shards is null) // Each shard has its own log.
        {
            facts.Add("last position", TextTable.Number(info.Head.Position))
                .Add("log epoch", TextTable.Number(info.Head.Epoch));
        }
        facts.Add("size", ByteSizeText.Of(info.SizeBytes));
        if (IsSizeMeaningful(open, info))
            facts.Add("size per event", ByteSizeText.Of(info.SizeBytes / info.Events));
        facts.Add("schema version", TextTable.Number(info.SchemaVersion));
        foreach (var (name, value) in info.Details)
            facts.Add(name, value);
        facts.Write(call);
        if (info.Types.Count == 0)
            return ExitCode.Done;
        var types = new TextTable("type", "#events");
        foreach (var type in info.Types)
            types.Add(type.Type, TextTable.Number(type.Events));
        types.Write(call);
        return ExitCode.Done;
    }

    /// <summary>
    /// Returns true when a size per event is meaningful. The write-ahead log of a file keeps its maximum size, so the
    /// log must be less than a quarter of the size.
    /// </summary>
    private static bool IsSizeMeaningful(OpenStore open, StoreInfo info) =>
        info.Events > 0 && info.SizeBytes > 0
        && (open.SharedStorage is not SqliteStorage
            || new FileInfo(open.File + "-wal") is not { Exists: true, Length: var log }
            || log < info.SizeBytes / 4);

    private static void WriteMembers(Utf8JsonWriter writer, OpenStore open, StoreInfo info)
    {
        writer.WriteString("store"u8, open.File);
        writer.WriteNumber("events"u8, info.Events);
        writer.WriteNumber("removedEvents"u8, info.RemovedEvents);
        writer.WriteNumber("streams"u8, info.Streams);
        if (open.Shards is null) // Each shard has its own log.
        {
            writer.WriteNumber("position"u8, info.Head.Position);
            writer.WriteNumber("logEpoch"u8, info.Head.Epoch);
        }
        writer.WriteNumber("sizeBytes"u8, info.SizeBytes);
        writer.WriteNumber("schemaVersion"u8, info.SchemaVersion);
        writer.WriteStartArray("types"u8);
        foreach (var type in info.Types)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, type.Type);
            writer.WriteNumber("events"u8, type.Events);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteStartObject("details"u8);
        foreach (var (name, value) in info.Details)
            writer.WriteString(name, value);
        writer.WriteEndObject();
    }

    private static async Task<ExitCode> OfStream(
        ToolInvocation call, OpenStore open, StreamId stream, CancellationToken cancellationToken)
    {
        var info = await open.Store.GetStream(stream, cancellationToken);
        if (info is null)
        {
            var hint = await new StreamNames(open).Suggest(stream.Value, cancellationToken);
            throw new CliException(ExitCode.NotFound, $"Stream '{stream}' does not exist.", hint);
        }
        var removals = await open.Store.ListRemovals(stream, cancellationToken);
        ShardId? shard = open.Shards is null ? null : await open.Shards.FindShard(stream, cancellationToken);
        if (call.IsJson)
        {
            JsonOutput.Object(call, writer =>
            {
                StreamsCommand.WriteMembers(writer, info);
                if (shard is { } known)
                    writer.WriteString("shard"u8, known.Value);
                RemovalOutput.WriteArray(writer, removals);
            });
            return ExitCode.Done;
        }
        var facts = TextTable.OfFacts().Add("stream", stream.Value);
        if (shard is { } one)
            facts.Add("shard", one.Value);
        facts
            .Add("state", StreamsCommand.StateOf(info))
            .Add("version", TextTable.Number(info.Version))
            .Add("first version", TextTable.Number(info.FirstVersion))
            .Add("events", TextTable.Number(info.Events))
            .Write(call);
        RemovalOutput.Write(call, removals);
        return ExitCode.Done;
    }
}
