using Millrace.Shared.Storage;
using Millrace.Sqlite.Connections;
using Millrace.Sqlite.Documents;
using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Log;
using Millrace.Sqlite.Names;
using Millrace.Sqlite.Schema;
using Millrace.Storage;

namespace Millrace.Sqlite.Maintenance;

/// <summary>Reports on, backs up and verifies an SQLite file.</summary>
internal sealed class SqliteMaintenance(
    SqliteOptions options,
    Writer writer,
    ReaderPool readers,
    NameTable names,
    Collections collections) : IMaintenanceStorage
{
    private const int MaxTypes = 100;
    private const string CountStreams = "SELECT count(*) FROM streams";
    private const string CountRemoved = "SELECT sum(events) FROM removals";
    private const string CountTypes =
        "SELECT type, count(*) AS many FROM events GROUP BY type ORDER BY many DESC, type LIMIT ?1";
    private const string RaiseEpoch = "UPDATE header SET epoch = epoch + 1";
    private const string QuickCheck = "PRAGMA quick_check(100)";
    private const string FindEpoch = "SELECT store_id, epoch FROM header";
    private const string FindHeader = "SELECT store_id, created_at, created_by FROM header";

    public ValueTask<StoreInfo> GetInfo(CancellationToken cancellationToken) =>
        readers.Read(static (connection, self) => self.ReadInfo(connection), this, cancellationToken);

    /// <summary>Returns the id of the store, its epoch and the place of its file.</summary>
    public ValueTask<string?> GetIdentity(CancellationToken cancellationToken) => readers.Read(
        static (connection, path) =>
        {
            var row = connection.Get(FindEpoch);
            if (!row.Step())
                throw connection.Damaged("no header");
            var identity = $"{row.GetGuid(0)}/{row.GetInt64(1)}/{Environment.MachineName}/{path}";
            row.Reset();
            return (string?)identity;
        },
        Path.GetFullPath(options.Path),
        cancellationToken);

    public async ValueTask Backup(
        string destination, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(destination);
        var backup = new StoreBackup(readers, destination, progress);
        await RunOnDedicatedThread(() => backup.Run(cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<VerifyReport> Verify(
        IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken)
    {
        VerifyReport? report = null;
        await RunOnDedicatedThread(() => report = RunVerification(progress, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        return report!; // Set by the completed thread.
    }

    public async Task<IReadOnlyList<string>> CheckPages(CancellationToken cancellationToken)
    {
        var problems = new ProblemList();
        await RunOnDedicatedThread(() => CheckPages(problems, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        return problems.Problems;
    }

    public async ValueTask<LogHead> StartEpoch(CancellationToken cancellationToken) => await writer.WriteOutsideQueue(
        static (connection, _) =>
        {
            connection.Get(RaiseEpoch).Run();
            return SqliteLog.ReadHead(connection);
        },
        0,
        cancellationToken).ConfigureAwait(false);

    public async ValueTask RemoveByPrefix(string prefix, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(prefix);
        await writer.WriteOutsideQueue(
            static (connection, args) =>
            {
                PrefixRemoval.Remove(connection, args.collections, args.prefix);
                return true;
            },
            (collections, prefix),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs long work on a dedicated thread, so that it does not block a pool thread.</summary>
    private static Task RunOnDedicatedThread(Action work, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(
            work,
            cancellationToken,
            TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
            TaskScheduler.Default);

    private void CheckPages(ProblemList problems, CancellationToken cancellationToken)
    {
        using var connection = readers.Open();
        using var registration = connection.InterruptOn(cancellationToken);
        var statement = connection.Get(QuickCheck);
        while (statement.Step())
        {
            if (statement.GetText(0) is not "ok" and var problem)
                problems.Add(problem);
        }
        statement.Reset();
    }

    private VerifyReport RunVerification(IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken)
    {
        using var connection = readers.Open();
        using var registration = connection.InterruptOn(cancellationToken);
        // Reads only the file, and not cached names.
        return new StoreVerification(connection, new NameTable(), new StreamTable(), progress, cancellationToken).Run();
    }

    private StoreInfo ReadInfo(Connection connection) => new()
    {
        Head = SqliteLog.ReadHead(connection),
        Events = LogCounts.All(connection),
        Streams = connection.Get(CountStreams).Scalar(),
        SizeBytes = SizeOf(options.Path) + SizeOf(options.Path + "-wal"),
        SchemaVersion = (int)connection.Get("PRAGMA user_version").Scalar(),
        RemovedEvents = connection.Get(CountRemoved).Scalar(),
        Types = ReadTypes(connection),
        Details = ReadDetails(connection),
    };

    private static long SizeOf(string path) => File.Exists(path) ? new FileInfo(path).Length : 0;

    private List<TypeCount> ReadTypes(Connection connection)
    {
        var types = new List<TypeCount>();
        var statement = connection.Get(CountTypes).Bind(1, MaxTypes);
        while (statement.Step())
            types.Add(new TypeCount(names.Get(connection, statement.GetInt64(0)), statement.GetInt64(1)));
        statement.Reset();
        return types;
    }

    private List<KeyValuePair<string, string>> ReadDetails(Connection connection)
    {
        var header = connection.Get(FindHeader);
        header.Step();
        List<KeyValuePair<string, string>> details =
        [
            new("path", Path.GetFullPath(options.Path)),
            new("store id", header.GetGuid(0).ToString()),
            new("created at", StoredTime.FromMicroseconds(header.GetInt64(1)).ToString("O")),
            new("created by", header.GetText(2)),
            new("sqlite", SqliteLibrary.Version),
            new("synchronous", options.Synchronous.ToString().ToUpperInvariant()),
            new("write-ahead log", $"{SizeOf(options.Path + "-wal")} bytes"),
        ];
        header.Reset();
        if (options.IsReadOnly)
            details.Add(new("opened", "for reading only"));
        if (writer.CheckpointFailure is { } failure)
            details.Add(new("write-ahead log not copied", failure.Message));
        return details;
    }
}
