using System.Text.Json;
using Millrace.Storage;

namespace Millrace.Cli;

/// <summary>Shows the status of consumers in the store, for users and programs.</summary>
internal sealed class ConsumerStatusTable(OpenStore open, TimeProvider time)
{
    private LeaseTable? _table;

    /// <summary>Returns the partitions of one consumer or of all consumers.</summary>
    public async Task<List<ConsumerRecord>> List(string? name, CancellationToken cancellationToken)
    {
        _table = await open.Storage.Leases.Inspect(time.GetUtcNow(), cancellationToken);
        return [.. _table.Consumers.Where(record => name is null || record.Consumer == name)];
    }

    /// <summary>Returns the partitions of a consumer that must exist.</summary>
    /// <exception cref="CliException">The consumer does not exist.</exception>
    public async Task<List<ConsumerRecord>> Get(string name, CancellationToken cancellationToken)
    {
        var all = await List(null, cancellationToken);
        var found = all.Where(record => record.Consumer == name).ToList();
        if (found.Count > 0)
            return found;
        var names = string.Join(", ", all.Select(record => record.Consumer).Distinct());
        throw new CliException(
            ExitCode.NotFound,
            $"Consumer '{name}' does not exist.",
            names.Length == 0 ? "No consumer has run on this store yet." : $"Available: {names}.");
    }

    /// <summary>Returns true when a node ran the partition at the time of the listing.</summary>
    public bool IsHeld(ConsumerRecord record) => _table is not null && _table.IsHeld(record);

    /// <summary>Returns how long a node had run the partition at the time of the listing.</summary>
    public TimeSpan HeldFor(ConsumerRecord record) =>
        _table is not null && IsHeld(record) && record.HeldSince is { } since ? _table.Now - since : TimeSpan.Zero;

    /// <summary>
    /// Returns the state that the node reports, or <c>Stopped</c> when no node runs the partition. When the checkpoint
    /// has reached the end of the log, returns <c>Live</c> instead of <c>CatchingUp</c>.
    /// </summary>
    public string StateOf(ConsumerRecord record, long head)
    {
        if (record.IsPaused)
            return "Paused";
        if (!IsHeld(record))
            return "Stopped";
        var state = record.State ?? "CatchingUp";
        return state == "CatchingUp" && record.Error is null && record.Checkpoint >= head ? "Live" : state;
    }

    /// <summary>Returns the last position that the partition has handled, or 0 when it has not started yet.</summary>
    public static long PositionOf(ConsumerRecord record) => record.Checkpoint ?? 0;

    /// <summary>Returns the age of the first event after the checkpoint, or zero when no event follows.</summary>
    public async Task<TimeSpan> LagOf(ConsumerRecord record, CancellationToken cancellationToken)
    {
        var page = await open.Storage.Log.ReadLog(
            new LogPageQuery(EventFilter.All, PositionOf(record) + 1, IsBackwards: false, Limit: 1), cancellationToken);
        var lag = page.Events.Count == 0 ? TimeSpan.Zero : time.GetUtcNow() - page.Events[0].Timestamp;
        return lag < TimeSpan.Zero ? TimeSpan.Zero : lag;
    }

    /// <summary>Writes the status as JSON.</summary>
    public void WriteMembers(Utf8JsonWriter writer, ConsumerRecord record, long head, TimeSpan lag)
    {
        writer.WriteString("consumer"u8, record.Consumer);
        writer.WriteNumber("partition"u8, record.Partition);
        writer.WriteNumber("partitions"u8, record.Partitions);
        writer.WriteString("state"u8, JsonNamingPolicy.CamelCase.ConvertName(StateOf(record, head)));
        if (record.StateSince is { } stateSince)
            writer.WriteString("stateSince"u8, stateSince);
        writer.WriteNumber("checkpoint"u8, PositionOf(record));
        writer.WriteNumber("lagEvents"u8, Math.Max(0, head - PositionOf(record)));
        writer.WriteNumber("lagSeconds"u8, Math.Round(lag.TotalSeconds, 3));
        writer.WriteBoolean("isPaused"u8, record.IsPaused);
        writer.WriteNumber("openLetters"u8, record.OpenDeadLetters);
        if (IsHeld(record))
        {
            writer.WriteString("node"u8, record.Holder);
            if (record.HeldSince is { } since)
                writer.WriteString("nodeSince"u8, since);
        }
        if (record.Error is not null)
            writer.WriteString("error"u8, record.Error);
    }

    /// <summary>Formats a duration.</summary>
    public static string Duration(TimeSpan time) => time.TotalSeconds switch
    {
        <= 0 => "–",
        < 1 => $"{time.TotalMilliseconds:0} ms",
        < 120 => $"{time.TotalSeconds:0.0} s",
        < 7200 => $"{time.TotalMinutes:0} min",
        < 172_800 => $"{time.TotalHours:0} h",
        _ => $"{time.TotalDays:0} days",
    };
}
