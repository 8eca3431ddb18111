using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.Documents;

namespace Millrace.PostgreSql.Maintenance;

/// <summary>Removes everything stored outside the log under names with a prefix, a few rows at a time.</summary>
internal sealed class PrefixRemoval(Database database, Collections collections, string prefix)
{
    private const int MaxRows = 2_000; // Keeps each transaction short.

    private readonly string _prefix = StoredText.Check(prefix);

    public async ValueTask Remove(CancellationToken cancellationToken)
    {
        var tables = database.Tables;
        foreach (var (table, column) in new[]
            {
                (tables.Claims, "scope"),
                (tables.Handled, "scope"),
                (tables.DeadLetters, "consumer"),
                (tables.ReadModels, "name"),
                (tables.RetiredCollections, "name"),
                (tables.PausedConsumers, "consumer"),
                (tables.Consumers, "consumer"),
            }
        )
        {
            await RemoveRows(table, column, cancellationToken).ConfigureAwait(false);
        }
        var matching = await database
            .Read(
                static (connection, known, cancel) =>
                    new ValueTask<List<Collection>>(known.List(connection, cancel).AsTask()),
                collections,
                cancellationToken)
            .ConfigureAwait(false);
        foreach (
            var collection in matching.Where(one => one.Definition.Name.StartsWith(_prefix, StringComparison.Ordinal)))
            await Drop(collection.Definition.Name, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask RemoveRows(string table, string column, CancellationToken cancellationToken)
    {
        var sql = $"""
            DELETE FROM {table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM {table} WHERE starts_with({column}, $1) LIMIT {MaxRows}))
            """;
        var removed = MaxRows;
        while (removed == MaxRows)
        {
            removed = await database.Write(
                static async (connection, args, cancel) =>
                {
                    var command = connection.Command(args.sql).With(args.prefix);
                    await using var _ = command.ConfigureAwait(false);
                    return await command.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
                },
                (sql, prefix: _prefix), takesLock: false, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask Drop(string name, CancellationToken cancellationToken) => await database.Write(
        static async (connection, args, cancel) =>
        {
            await args.collections.Drop(connection, args.name, cancel).ConfigureAwait(false);
            return true;
        },
        (collections, name), takesLock: true, cancellationToken).ConfigureAwait(false);
}
