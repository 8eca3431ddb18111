using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.Documents;
using Millrace.PostgreSql.Schema;
using Millrace.Shared.Storage;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Maintenance;

/// <summary>Verifies every guarantee of a store on one snapshot.</summary>
internal sealed class StoreVerification(
    NpgsqlConnection connection, Tables tables, Collections collections, IProgress<MaintenanceProgress>? progress)
{
    private const long VersionsInBatch = 1 << 20;

    private readonly List<VerifyCheck> _checks = [];
    private readonly string _checkpointsBeyondEnd = $"""
        SELECT consumer || ', partition ' || partition || ', is at ' || checkpoint, checkpoint FROM {tables.Consumers}
        WHERE checkpoint > $1 LIMIT 100
        """;
    private readonly string _handledIdsBeyondEnd =
        $"SELECT 'Handled id ' || id || ' is at ' || position, position FROM {tables.Handled} WHERE position > $1 "
            + "LIMIT 100";
    private readonly string _deadLettersBeyondEnd = $"""
        SELECT 'Dead letter ' || d.id || ' of ' || d.consumer || ' is at ' || d.position || ', beyond its consumer''s checkpoint '
            || coalesce(c.checkpoint, 0), d.position
        FROM {tables.DeadLetters} d LEFT JOIN {tables.Consumers} c ON c.consumer = d.consumer AND c.partition = d.partition
        WHERE d.position > $1 OR (d.state <= 3 AND d.position > coalesce(c.checkpoint, 0)) LIMIT 100
        """;

    public async ValueTask<VerifyReport> Run(CancellationToken cancellationToken)
    {
        var log = new LogVerification(connection, tables, progress);
        await Check(
            "Every event is in the log, unaltered, in the order of time; what is missing was removed by record.",
            problems => log.VerifyEvents(problems, cancellationToken)).ConfigureAwait(false);
        await Check(
            "Versions in every stream have no gaps and follow the order of the log.",
            problems => log.VerifyStreams(problems, cancellationToken)).ConfigureAwait(false);
        await Check(
                "No checkpoint is beyond the end of the log.",
                problems =>
                    VerifyNotBeyondEnd(problems, _checkpointsBeyondEnd, tables.Consumers, log.Last, cancellationToken))
            .ConfigureAwait(false);
        await Check(
                "No handled id is beyond the end of the log.",
                problems =>
                    VerifyNotBeyondEnd(problems, _handledIdsBeyondEnd, tables.Handled, log.Last, cancellationToken))
            .ConfigureAwait(false);
        await Check(
                "No open dead letter is beyond the checkpoint of its consumer.",
                problems =>
                    VerifyNotBeyondEnd(problems, _deadLettersBeyondEnd, tables.DeadLetters, log.Last, cancellationToken)
            )
            .ConfigureAwait(false);
        await Check(
            "No document reflects a position beyond the end of the log, or has a version that was never given.",
            problems => VerifyDocuments(problems, log.Last, cancellationToken)).ConfigureAwait(false);
        return new VerifyReport(_checks, log.Removed, Math.Max(0, log.Missing - log.Removed));
    }

    private async ValueTask Check(string promise, Func<ProblemList, ValueTask<long>> examine)
    {
        var problems = new ProblemList();
        var examined = await examine(problems).ConfigureAwait(false);
        _checks.Add(new VerifyCheck(promise, examined, problems.Problems));
    }

    private async ValueTask<long> VerifyNotBeyondEnd(
        ProblemList problems, string find, string table, long last, CancellationToken cancellationToken)
    {
        var command = connection.LongCommand(find).With(last);
        await using (command.ConfigureAwait(false))
        {
            var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using var _ = row.ConfigureAwait(false);
            while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
                problems.Add(
                    row.GetInt64(1) > last ? $"{row.GetString(0)}, but the log ends at {last}." : $"{row.GetString(0)}."
                );
        }
        return await Scalar($"SELECT count(*) FROM {table}", cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<long> VerifyDocuments(ProblemList problems, long last, CancellationToken cancellationToken)
    {
        var find = $"SELECT CASE WHEN is_called THEN last_value + 1 ELSE 0 END FROM {tables.DocumentVersions}";
        var lastVersion = await Scalar(find, cancellationToken).ConfigureAwait(false);
        var examined = 0L;
        foreach (var collection in await collections.List(connection, cancellationToken).ConfigureAwait(false))
        {
            examined += await Scalar($"SELECT count(*) FROM {collection.Table}", cancellationToken)
                .ConfigureAwait(false);
            var findLate =
                $"SELECT key, position, version FROM {collection.Table} WHERE position > $1 OR version > $2 LIMIT 100";
            var command = connection.LongCommand(findLate).With(last).With(lastVersion * VersionsInBatch);
            await using var _ = command.ConfigureAwait(false);
            var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using var __ = row.ConfigureAwait(false);
            while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                problems.Add(
                    $"Document '{row.GetString(0)}' of '{collection.Definition.Name}' is at {row.GetInt64(1)} with "
                        + "version "
                    + $"{row.GetInt64(2)}, but the log ends at {last}.");
            }
        }
        return examined;
    }

    private async ValueTask<long> Scalar(string sql, CancellationToken cancellationToken)
    {
        var command = connection.LongCommand(sql);
        await using var _ = command.ConfigureAwait(false);
        return await command.Scalar(0L, cancellationToken).ConfigureAwait(false);
    }
}
