using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.Log;
using Millrace.PostgreSql.Schema;
using Millrace.Shared.Storage;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Maintenance;

/// <summary>Verifies each event and each stream of the log. The connection reads one snapshot of it.</summary>
internal sealed class LogVerification(
    NpgsqlConnection connection, Tables tables, IProgress<MaintenanceProgress>? progress)
{
    private const int ReportEvery = 10_000;

    private readonly string _findLast = $"SELECT coalesce(max(position), 0) FROM {tables.Events}";
    private readonly string _readEvents = $"""
        SELECT position, version, recorded_at, id, checksum, stream, metadata, payload FROM {tables.Events} ORDER BY position
        """;
    private readonly string _readVersions = $"""
        SELECT e.stream, e.version, e.position, b.first_version, b.state,
            coalesce((SELECT max(r.to_version) FROM {tables.Removals} r WHERE r.stream = e.stream AND r.kind <> 0), 0)
        FROM (SELECT stream, version, position, lag(version) OVER (PARTITION BY stream ORDER BY version) AS before,
            lag(position) OVER (PARTITION BY stream ORDER BY version) AS place,
            lead(version) OVER (PARTITION BY stream ORDER BY version) AS after FROM {tables.Events}) e
        LEFT JOIN {tables.StreamBounds} b ON b.stream = e.stream
        WHERE e.before IS NULL OR e.after IS NULL OR e.version <> e.before + 1 OR e.position <= e.place
        ORDER BY e.stream, e.version
        """;
    private readonly string _sumRemoved = $"SELECT coalesce(sum(events), 0)::bigint FROM {tables.Removals}";
    private readonly string _findEmpty = $"""
        SELECT b.stream FROM {tables.StreamBounds} b WHERE NOT EXISTS (SELECT FROM {tables.Events} e WHERE e.stream = b.stream) LIMIT 100
        """;

    /// <summary>Gets the number of positions without an event.</summary>
    public long Missing { get; private set; }

    /// <summary>Gets the number of removed events according to the removal records.</summary>
    public long Removed { get; private set; }

    /// <summary>Gets the last position.</summary>
    public long Last { get; private set; }

    public async ValueTask<long> VerifyEvents(ProblemList problems, CancellationToken cancellationToken)
    {
        Last = await Scalar(_findLast, cancellationToken).ConfigureAwait(false);
        Removed = await Scalar(_sumRemoved, cancellationToken).ConfigureAwait(false);
        var examined = 0L;
        var previousPosition = 0L;
        var latestTime = DateTimeOffset.MinValue;
        var row = await Open(_readEvents, cancellationToken).ConfigureAwait(false);
        await using var _ = row.ConfigureAwait(false);
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var position = row.GetInt64(0);
            var recordedAt = row.GetTime(2);
            Missing += position - previousPosition - 1;
            if (recordedAt < latestTime)
                problems.Add($"The event at position {position} is older than the one before it.");
            VerifyChecksum(row, position, problems);
            previousPosition = position;
            latestTime = recordedAt > latestTime ? recordedAt : latestTime;
            if (++examined % ReportEvery == 0)
                progress?.Report(new MaintenanceProgress(position, Last, "events"));
        }
        progress?.Report(new MaintenanceProgress(Last, Last, "events"));
        if (Removed != Missing)
            problems.Add($"{Missing} events are missing, but {Removed} removals are recorded.");
        return examined;
    }

    /// <summary>
    /// Checks the first and last event of each stream, and each event whose version or position is out of order.
    /// </summary>
    public async ValueTask<long> VerifyStreams(ProblemList problems, CancellationToken cancellationToken)
    {
        var row = await Open(_readVersions, cancellationToken).ConfigureAwait(false);
        await using (row.ConfigureAwait(false))
        {
            var examined = 0L;
            var last = new VersionRow("", 0, 0, null, null, 0);
            while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                var next = new VersionRow(
                    row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.FindInt64(3),
                    row.IsDBNull(4) ? null : row.GetInt16(4), row.GetInt64(5));
                if (next.Stream != last.Stream)
                {
                    VerifyEnd(last, problems);
                    examined++;
                    if (next.Version != next.RemovedTo + 1)
                        problems.Add(
                            $"Stream '{next.Stream}' starts at version {next.Version}, not at {next.RemovedTo + 1}.");
                }
                else if (next.Position <= last.Position)
                {
                    problems.Add(
                        $"Version {next.Version} of stream '{next.Stream}' is before its previous version in the log.");
                }
                last = next;
            }
            VerifyEnd(last, problems);
            await row.CloseAsync().ConfigureAwait(false);
            await VerifyGaps(problems, cancellationToken).ConfigureAwait(false);
            return examined;
        }
    }

    private async ValueTask VerifyGaps(ProblemList problems, CancellationToken cancellationToken)
    {
        var gaps = $"""
            SELECT stream, before + 1, version - 1 FROM (
                SELECT stream, version, lag(version) OVER (PARTITION BY stream ORDER BY version) AS before FROM {tables.Events}) e
            WHERE version > before + 1 LIMIT 100
            """;
        var row = await Open(gaps, cancellationToken).ConfigureAwait(false);
        await using (row.ConfigureAwait(false))
        {
            while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
                problems.Add(
                    $"Versions {row.GetInt64(1)} to {row.GetInt64(2)} of stream '{row.GetString(0)}' are lost.");
        }
        var empty = await Open(_findEmpty, cancellationToken).ConfigureAwait(false);
        await using var _ = empty.ConfigureAwait(false);
        while (await empty.ReadAsync(cancellationToken).ConfigureAwait(false))
            problems.Add($"Stream '{empty.GetString(0)}' has no event: its last event is lost.");
    }

    private static void VerifyChecksum(NpgsqlDataReader row, long position, ProblemList problems)
    {
        var metadata = row.IsDBNull(6) ? [] : row.GetFieldValue<byte[]>(6);
        var sum = EventChecksum.Compute(
            row.GetString(5), row.GetInt64(1), row.GetGuid(3), row.GetFieldValue<byte[]>(7), metadata);
        if (sum != row.GetInt32(4))
            problems.Add($"The event at position {position} was altered: its checksum does not match.");
    }

    /// <summary>Compares the stream's stored bounds with its last event.</summary>
    private static void VerifyEnd(VersionRow last, ProblemList problems)
    {
        if (last.FirstVersion is not { } first)
            return;
        var isPossible =
            last.State == (short)StreamState.Open ? first >= 1 && first <= last.Version : first == last.Version + 1;
        if (!isPossible)
        {
            problems.Add(
                $"Stream '{last.Stream}' ends at version {last.Version}, but its stored first version is {first} "
                    + $"and its state is {(StreamState)(last.State ?? 0)}."
            );
        }
    }

    private async ValueTask<long> Scalar(string sql, CancellationToken cancellationToken)
    {
        var command = connection.Command(sql);
        await using var _ = command.ConfigureAwait(false);
        command.CommandTimeout = 0;
        return await command.Scalar(0L, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<NpgsqlDataReader> Open(string sql, CancellationToken cancellationToken)
    {
        var command = connection.Command(sql);
        await using var _ = command.ConfigureAwait(false);
        command.CommandTimeout = 0; // No timeout, because the duration grows with the store.
        return await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
    }

    private sealed record VersionRow(
        string Stream, long Version, long Position, long? FirstVersion, short? State, long RemovedTo);
}
