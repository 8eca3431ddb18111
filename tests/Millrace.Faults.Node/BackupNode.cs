using System.Globalization;
using System.Runtime.CompilerServices;
using Millrace.Backups;
using Millrace.Sqlite;
using Millrace.Storage.Archives;
using Millrace.Storage.Backups;
using Millrace.Storage.Objects;

namespace Millrace.Faults;

/// <summary>
/// A node that restores a store, or joins the parts of its backup, until a test kills the node. It writes a line
/// "STEP number" before each object that it reads or changes.
/// </summary>
public static class BackupNode
{
    /// <summary>The environment variable with the place from which the node restores its store.</summary>
    public const string RestoreVariable = "MILLRACE_FAULTS_RESTORE";

    /// <summary>The environment variable with the place in which the node joins parts.</summary>
    public const string MergeVariable = "MILLRACE_FAULTS_MERGE";

    /// <summary>The environment variable with the step at which the node waits; it can be absent.</summary>
    public const string WaitVariable = "MILLRACE_FAULTS_WAIT";

    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(5);
    private static readonly ManualResetEventSlim Continued = new(); // Never set.

    /// <summary>Writes a table copy and parts, each with events and a claim.</summary>
    public static async Task WriteParts(string file, string place, int parts, int eventsOfPart)
    {
        await using var store = await EventStore.Open(new SqliteStorage(file), EventTypeMap.Empty);
        var storage = (IBackupStorage)ArchivedStorage.InnerOf(store.Stored.Storage);
        var writer = await BackupWriter.Open(
            storage,
            storage.Changes,
            new DirectoryObjectStorage(place),
            null,
            new BackupStart(),
            TimeProvider.System,
            CancellationToken.None);
        await writer.CopyTables(CancellationToken.None);
        for (var i = 1; i <= parts; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{i}");
            var events = Enumerable.Range(0, eventsOfPart).Select(_ => NewEvent.FromBytes("noted", "{}"u8.ToArray()));
            await store.Append(new AppendRequest()
                .To(new StreamId($"part-{name}"), ExpectedVersion.Any, [.. events])
                .With(Claim.Acquire("parts", name, $"part-{name}")));
            await writer.WritePart(long.MaxValue, CancellationToken.None);
        }
    }

    internal static async Task Run(string file)
    {
        await using var storage = new SqliteStorage(file);
        if (Environment.GetEnvironmentVariable(RestoreVariable) is { } source)
        {
            await new StoreRestore(new SteppedStorage(source, isReading: true), storage).Run();
            return;
        }
        var place = Environment.GetEnvironmentVariable(MergeVariable)!; // The test sets one of the two.
        await storage.Open(CancellationToken.None);
        await new StoreBackup(storage, new SteppedStorage(place, isReading: false)).Run();
    }

    /// <summary>Reports each object that is read, or each object of the log that is changed.</summary>
    private sealed class SteppedStorage(string place, bool isReading) : IObjectStorage
    {
        private readonly DirectoryObjectStorage _inner = new(place);
        private readonly string? _last = Environment.GetEnvironmentVariable(WaitVariable);
        private int _steps;

        public string Description => _inner.Description;

        public ValueTask Put(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
        {
            ReportChange(name);
            return _inner.Put(name, content, cancellationToken);
        }

        public ValueTask<ReadOnlyMemory<byte>?> Get(string name, CancellationToken cancellationToken)
        {
            if (isReading)
                Report();
            return _inner.Get(name, cancellationToken);
        }

        public async IAsyncEnumerable<StoredObject> List(
            string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (var stored in _inner.List(prefix, cancellationToken))
                yield return stored;
        }

        public ValueTask Delete(string name, CancellationToken cancellationToken)
        {
            ReportChange(name);
            return _inner.Delete(name, cancellationToken);
        }

        private void ReportChange(string name)
        {
            if (!isReading && name.Contains("/log/", StringComparison.Ordinal))
                Report();
        }

        private void Report()
        {
            var step = string.Create(CultureInfo.InvariantCulture, $"{Interlocked.Increment(ref _steps)}");
            Console.Out.WriteLine($"STEP {step}");
            Console.Out.Flush();
            if (step == _last)
                Continued.Wait(MaxWait); // The test kills the node.
        }
    }
}
