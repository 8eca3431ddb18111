using System.Globalization;
using Millrace.Shared.PostgreSql;
using Npgsql;

namespace Millrace.Orleans.Membership;

/// <summary>
/// The table of Orleans in which nodes find each other, in PostgreSQL. Each change expects a version of the table, so
/// of several concurrent changes one succeeds.
/// </summary>
internal sealed class PostgreSqlMembershipTable : IMembershipTable, IAsyncDisposable, IDisposable
{
    private const char SuspectSeparator = '|';
    private const char TimeSeparator = '=';
    private readonly NpgsqlDataSource _database;
    private readonly string _cluster;

    public PostgreSqlMembershipTable(string address, string cluster)
    {
        _database = NpgsqlDataSource.Create(DatabaseAddress.ToConnectionString(address));
        _cluster = cluster;
    }

    public async Task InitializeMembershipTable(bool tryInitTableVersion)
    {
        var connection = await _database.OpenConnectionAsync().ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var exists = new NpgsqlCommand(MembershipSchema.Exists, connection);
        await using (exists.ConfigureAwait(false))
        {
            if (await exists.ExecuteScalarAsync().ConfigureAwait(false) is not true)
                await CreateTables(connection).ConfigureAwait(false);
        }
        if (tryInitTableVersion)
            await Execute(MembershipSchema.AddCluster, _cluster).ConfigureAwait(false);
    }

    public Task DeleteMembershipTableEntries(string clusterId) => Execute(MembershipSchema.RemoveCluster, clusterId);

    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) =>
        Execute(MembershipSchema.RemoveDefunct, _cluster, beforeDate.UtcDateTime, (int)SiloStatus.Active);

    public Task<MembershipTableData> ReadRow(SiloAddress key) =>
        Read(MembershipSchema.ReadOne, _cluster, key.ToParsableString());

    public Task<MembershipTableData> ReadAll() => Read(MembershipSchema.ReadAll, _cluster);

    public async Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) =>
        await Execute(MembershipSchema.Insert, [.. ValuesOf(entry, tableVersion)]).ConfigureAwait(false) > 0;

    public async Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) =>
        await Execute(MembershipSchema.Update, [.. ValuesOf(entry, tableVersion), Number(etag)])
            .ConfigureAwait(false) > 0;

    public Task UpdateIAmAlive(MembershipEntry entry) => Execute(
        MembershipSchema.SetAlive, _cluster, entry.SiloAddress.ToParsableString(), Utc(entry.IAmAliveTime));

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    public void Dispose() => _database.Dispose();

    private static async Task CreateTables(NpgsqlConnection connection)
    {
        var transaction = await connection.BeginTransactionAsync().ConfigureAwait(false);
        await using var _ = transaction.ConfigureAwait(false);
        var create = new NpgsqlCommand(MembershipSchema.Create, connection, transaction);
        await using (create.ConfigureAwait(false))
            await create.ExecuteNonQueryAsync().ConfigureAwait(false);
        await transaction.CommitAsync().ConfigureAwait(false);
    }

    private async Task<int> Execute(string sql, params object?[] values)
    {
        var command = _database.CreateCommand(sql);
        await using var _ = command.ConfigureAwait(false);
        AddValues(command, values);
        return await command.ExecuteNonQueryAsync().ConfigureAwait(false);
    }

    private async Task<MembershipTableData> Read(string sql, params object?[] values)
    {
        var command = _database.CreateCommand(sql);
        await using var _ = command.ConfigureAwait(false);
        AddValues(command, values);
        var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        var version = new TableVersion(0, "0");
        var nodes = new List<Tuple<MembershipEntry, string>>();
        while (await reader.ReadAsync().ConfigureAwait(false))
        {
            var number = reader.GetInt32(0);
            version = new TableVersion(number, number.ToString(CultureInfo.InvariantCulture));
            if (!reader.IsDBNull(1))
                nodes.Add(Tuple.Create(EntryOf(reader), reader.GetInt64(2).ToString(CultureInfo.InvariantCulture)));
        }
        return new MembershipTableData(nodes, version);
    }

    private static MembershipEntry EntryOf(NpgsqlDataReader reader) => new()
    {
        SiloAddress = SiloAddress.FromParsableString(reader.GetString(1)),
        Status = (SiloStatus)reader.GetInt32(3),
        SuspectTimes = ReadSuspects(reader.GetString(4)),
        ProxyPort = reader.GetInt32(5),
        HostName = reader.GetString(6),
        SiloName = reader.GetString(7),
        RoleName = reader.IsDBNull(8) ? null : reader.GetString(8),
        UpdateZone = reader.GetInt32(9),
        FaultZone = reader.GetInt32(10),
        StartTime = reader.GetDateTime(11),
        IAmAliveTime = reader.GetDateTime(12),
    };

    /// <summary>Returns the values of the statements that insert or update a node, after their order.</summary>
    private IEnumerable<object?> ValuesOf(MembershipEntry entry, TableVersion next) =>
    [
        _cluster,
        (int)Number(next.VersionEtag),
        entry.SiloAddress.ToParsableString(),
        (int)entry.Status,
        WriteSuspects(entry),
        entry.ProxyPort,
        entry.HostName,
        entry.SiloName,
        entry.RoleName,
        entry.UpdateZone,
        entry.FaultZone,
        Utc(entry.StartTime),
        Utc(entry.IAmAliveTime),
    ];

    private static void AddValues(NpgsqlCommand command, object?[] values)
    {
        foreach (var value in values)
        {
            command.Parameters.Add(value is null
                ? new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text }
                : new NpgsqlParameter { Value = value });
        }
    }

    private static string WriteSuspects(MembershipEntry entry) => string.Join(
        SuspectSeparator,
        (entry.SuspectTimes ?? []).Select(static suspect => string.Create(
            CultureInfo.InvariantCulture,
            $"{suspect.Item1.ToParsableString()}{TimeSeparator}{Utc(suspect.Item2).Ticks}")));

    private static List<Tuple<SiloAddress, DateTime>> ReadSuspects(string written) =>
    [
        .. written.Split(SuspectSeparator, StringSplitOptions.RemoveEmptyEntries).Select(static suspect =>
        {
            var end = suspect.LastIndexOf(TimeSeparator);
            return Tuple.Create(
                SiloAddress.FromParsableString(suspect[..end]),
                new DateTime(Number(suspect[(end + 1)..]), DateTimeKind.Utc));
        }),
    ];

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static DateTime Utc(DateTime time) => DateTime.SpecifyKind(time, DateTimeKind.Utc);
}
