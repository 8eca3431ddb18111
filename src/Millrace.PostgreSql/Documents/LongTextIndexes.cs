using System.Globalization;
using System.Text.RegularExpressions;
using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.Schema;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Documents;

/// <summary>
/// Replaces text indexes of an earlier version. There, one index holds all texts of a field, and refuses long texts.
/// After a refusal, the node that wrote the text replaces the index with two indexes in the background. Until then,
/// the writer gets an error that asks it to retry.
/// </summary>
internal sealed partial class LongTextIndexes(Database database, Collections collections) : IAsyncDisposable
{
    private const string OldNamePattern = "^(doc_[0-9]+)_f([0-9]+)$";
    // A program limit of PostgreSQL, such as the size of an index row. The error does not always name the limit.
    private const string ProgramLimitExceeded = "54000";

    private readonly string _findOld = $"""
        SELECT i.indrelid::regclass::text, c.relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE i.indrelid IN (SELECT to_regclass(t) FROM unnest($1) t) AND i.indpred IS NULL AND i.indcollation[0] <> 0
            AND c.relname ~ '{OldNamePattern}'
        """;

    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _lock = new();
    private Task _replacement = Task.CompletedTask;
    private StorageException? _failure; // From the last run.
    private bool _isClosed;

    /// <summary>Returns true for the kind of failure that occurs when an index refuses a long text.</summary>
    public static bool MayHaveRefused(StorageException failure) =>
        failure.InnerException is PostgresException { SqlState: ProgramLimitExceeded };

    /// <summary>
    /// Starts the replacement if one of the collections has an index of an earlier version. Returns the error for the
    /// writer: that the index is being replaced, or why it cannot be replaced. Returns null if no collection has such
    /// an index, or no longer has one.
    /// </summary>
    public async ValueTask<StorageException?> Replace(
        StorageException refused, IReadOnlyList<CommitRequest> batch, CancellationToken cancellationToken)
    {
        var tables = batch
            .SelectMany(request => request.Documents)
            .Select(change => collections.FindKnown(change.Collection)?.Table)
            .OfType<string>()
            .Distinct()
            .ToArray();
        var old = await database
            .Read(
                static (connection, args, cancel) => args.self.FindOld(connection, args.tables, cancel),
                (self: this, tables),
                cancellationToken)
            .ConfigureAwait(false);
        if (old.Count == 0)
            return null;
        lock (_lock)
        {
            if (_replacement.IsCompleted && _failure is { IsTransient: false } reason)
            {
                _failure = null; // The cause may be fixed by then: the next call tries again.
                return reason;
            }
            if (_replacement.IsCompleted && !_isClosed)
                _replacement = Task.Run(() => ReplaceAll(old), CancellationToken.None);
        }
        return new StorageException(
            $"{database.Description}: {old[0].Index}, an index of an earlier version, cannot hold a text of this "
                + "length. The index is being replaced in the background. Try again.",
            StorageProblem.Busy,
            refused);
    }

    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_isClosed)
                return;
            _isClosed = true;
        }
        await _closing.CancelAsync().ConfigureAwait(false);
        await _replacement.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _closing.Dispose();
    }

    private async Task ReplaceAll(List<(string Table, string Index)> old)
    {
        _failure = null;
        try
        {
            foreach (var index in old)
            {
                await database.Read(
                    static (connection, args, cancel) => args.self.Replace(connection, args.index, cancel),
                    (self: this, index),
                    _closing.Token).ConfigureAwait(false);
            }
        }
        catch (StorageException failure)
        {
            _failure = failure; // The next caller gets the error, or starts again.
        }
    }

    private async ValueTask<List<(string Table, string Index)>> FindOld(
        NpgsqlConnection connection, string[] tables, CancellationToken cancellationToken)
    {
        var old = new List<(string, string)>();
        var find = connection.Command(_findOld).With(tables);
        await using var _ = find.ConfigureAwait(false);
        var row = await find.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
            old.Add((row.GetString(0), row.GetString(1)));
        return old;
    }

    /// <summary>
    /// Creates the two new indexes, then drops the old one, so that queries have an index at every moment.
    /// </summary>
    private async ValueTask<int> Replace(
        NpgsqlConnection connection, (string Table, string Index) old, CancellationToken cancellationToken)
    {
        var name = OldName().Match(old.Index);
        var indexes = LongTexts.Indexes(
            name.Groups[1].Value, int.Parse(name.Groups[2].Value, CultureInfo.InvariantCulture));
        var schema = database.Tables.DocumentSchema;
        foreach (var index in indexes)
        {
            await Execute(connection, PostgreSqlSchema.Removal(schema, old.Table, index.Name), cancellationToken)
                .ConfigureAwait(false);
            await Execute(
                    connection,
                    $"CREATE INDEX CONCURRENTLY IF NOT EXISTS {index.Name} ON {old.Table} {index.Definition}",
                    cancellationToken)
                .ConfigureAwait(false);
        }
        if (await AreValid(connection, indexes, cancellationToken).ConfigureAwait(false))
            await Execute(connection, $"DROP INDEX CONCURRENTLY IF EXISTS {schema}.{old.Index}", cancellationToken)
                .ConfigureAwait(false);
        return indexes.Count;
    }

    /// <summary>Returns true when all indexes are complete; another node may still be building one.</summary>
    private async ValueTask<bool> AreValid(
        NpgsqlConnection connection, IReadOnlyList<LogIndex> indexes, CancellationToken cancellationToken)
    {
        var names = indexes.Select(index => $"{database.Tables.DocumentSchema}.{index.Name}").ToArray();
        var command = connection
            .Command(
                "SELECT count(*) = cardinality($1) FROM pg_index WHERE indisvalid AND indexrelid IN (SELECT "
                    + "to_regclass(n) FROM unnest($1) n)"
            )
            .With(names);
        await using var _ = command.ConfigureAwait(false);
        return await command.Scalar(false, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask Execute(
        NpgsqlConnection connection, string statement, CancellationToken cancellationToken)
    {
        var command = connection.LongCommand(statement);
        await using var _ = command.ConfigureAwait(false);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    [GeneratedRegex(OldNamePattern)]
    private static partial Regex OldName();
}
