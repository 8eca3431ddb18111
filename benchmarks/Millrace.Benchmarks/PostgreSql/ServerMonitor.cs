using System.Diagnostics;
using System.Globalization;
using Millrace.Benchmarks.Storages;
using Npgsql;

namespace Millrace.Benchmarks.PostgreSql;

/// <summary>
/// Samples the wait events and the processor time of the server's processes every few milliseconds. Also reads the
/// counters of the server.
/// </summary>
internal sealed class ServerMonitor : IServerMonitor
{
    private const int Waits = 5;
    private const int TicksPerSecond = 100; // Linux reports process times in hundredths of a second.
    private const string SampleQuery = """
        SELECT pid, CASE WHEN backend_type <> 'client backend' THEN NULL
            WHEN state = 'idle' THEN 'idle' WHEN wait_event IS NULL THEN 'running' ELSE wait_event_type || ' ' || wait_event END
        FROM pg_stat_activity WHERE pid <> pg_backend_pid()
        """;
    private const string Counts = """
        SELECT (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()), wal_bytes::bigint, wal_records
        FROM pg_stat_wal
        """;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly BenchDatabase _database;
    private readonly Dictionary<string, int> _seen = new(StringComparer.Ordinal);
    private readonly Dictionary<int, (long First, long Last)> _processors = [];
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly Counters _before;
    private readonly bool _hasStatements;
    private readonly Task _watching;
    private int _samples;
    private volatile bool _isEnding;

    private ServerMonitor(BenchDatabase database, Counters before, bool hasStatements)
    {
        (_database, _before, _hasStatements) = (database, before, hasStatements);
        _watching = Task.Run(Watch);
    }

    public static async Task<ServerMonitor> Begin(BenchDatabase database)
    {
        var hasStatements = await database.Ask(
            "SELECT current_setting('shared_preload_libraries') LIKE '%pg_stat_statements%' "
            + "AND to_regclass('pg_stat_statements') IS NOT NULL") == "True";
        if (hasStatements)
            await database.Ask("SELECT pg_stat_statements_reset()");
        return new ServerMonitor(database, await Count(database), hasStatements);
    }

    public async Task<string> Describe(long batches)
    {
        _isEnding = true;
        await _watching;
        var elapsed = Stopwatch.GetElapsedTime(_started);
        var counts = await Count(_database) - _before;
        var fast = _database.FastCommits();
        var samples = Math.Max(1, _samples);
        var waits = _seen.OrderByDescending(pair => pair.Value).Take(Waits).Select(pair => string.Create(
            CultureInfo.InvariantCulture, $"{pair.Key} {(double)pair.Value / samples:0.0}"));
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"Server: average number of connections by state: {string.Join(", ", waits)}; {counts.Commits:N0} "
                + $"transactions, {counts.WalBytes / 1024.0 / 1024:0.0} MiB and {counts.WalRecords:N0} records of WAL "
                + $"in {elapsed.TotalSeconds:0.0} s"
        );
        text += ", including prepared data";
        if (_processors.Count > 0)
        {
            var used = _processors.Values.Sum(process => process.Last - process.First) / (double)TicksPerSecond;
            text += string.Create(CultureInfo.InvariantCulture, $"; {used:0.0} s of processor");
        }
        text += ".";
        if (batches > 0)
        {
            text += string.Create(
                CultureInfo.InvariantCulture,
                $" Of {batches:N0} commits of this process, {fast:N0} used one statement and {batches - fast:N0} more "
                    + $"statements: {(fast + (2.0 * (batches - fast))) / batches:0.00} round trips per commit.");
        }
        return _hasStatements ? $"{text} {await Statements()}" : text;
    }

    private static async Task<Counters> Count(BenchDatabase database)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(Counts, connection);
        await using var row = await command.ExecuteReaderAsync();
        await row.ReadAsync();
        return new Counters(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2));
    }

    private async Task Watch()
    {
        await using var connection = new NpgsqlConnection(_database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(SampleQuery, connection);
        await command.PrepareAsync();
        while (!_isEnding)
        {
            _samples++;
            await using (var row = await command.ExecuteReaderAsync())
            {
                while (await row.ReadAsync())
                    Note(row.GetInt32(0), row.IsDBNull(1) ? null : row.GetString(1));
            }
            await Task.Delay(Pause);
        }
    }

    private void Note(int process, string? state)
    {
        if (state is not null)
            _seen[state] = _seen.GetValueOrDefault(state) + 1;
        if (!_database.IsPrivate || ProcessorTicks(process) is not { } ticks)
            return;
        _processors[process] = (_processors.TryGetValue(process, out var known) ? known.First : ticks, ticks);
    }

    private static long? ProcessorTicks(int process)
    {
        try
        {
            // The format is "pid (name) state ppid …". The user and system times are the 12th and 13th fields after the
            // name.
            var text = File.ReadAllText($"/proc/{process}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return long.Parse(fields[11], CultureInfo.InvariantCulture)
                + long.Parse(fields[12], CultureInfo.InvariantCulture);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private async Task<string> Statements()
    {
        var slowest = await _database.Ask("""
            SELECT string_agg(
                format('%s ms in %s calls: %s', round(total_exec_time), calls, left(regexp_replace(query, '\s+', ' ', 'g'), 60)),
                '; ' ORDER BY total_exec_time DESC)
            FROM (SELECT * FROM pg_stat_statements ORDER BY total_exec_time DESC LIMIT 3) s
            """);
        return $"Statements: {slowest}.";
    }

    private readonly record struct Counters(long Commits, long WalBytes, long WalRecords)
    {
        public static Counters operator -(Counters after, Counters before) =>
            new(after.Commits - before.Commits, after.WalBytes - before.WalBytes, after.WalRecords - before.WalRecords);
    }
}
