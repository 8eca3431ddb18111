using Millrace.Sqlite;
using Millrace.Storage;
using Millrace.Storage.Caching;
using Millrace.Testing;

namespace Millrace.Conformance.Tests;

/// <summary>Tests storages whose log is read from memory. Two nodes share the file, each with its own memory.</summary>
public abstract class CachedStorageConformanceTests : StorageConformance, IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-").FullName;

    public static TheoryData<string> CheckNames => new(ChecksFor(
        StorageFeatures.Reopens | StorageFeatures.IsShared | StorageFeatures.RunsStatements | StorageFeatures.BacksUp)
            .Select(check => check.Name));

    private string StorePath => Path.Combine(_directory, "store.db");

    [Theory]
    [MemberData(nameof(CheckNames))]
    public Task Passes_the_conformance_check(string check) => Run(check);

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        Directory.Delete(_directory, recursive: true);
    }

    internal abstract ILogCopy NewCopy();

    protected override ValueTask<IStorage> Create(CancellationToken cancellationToken) => new(Node());

    protected override ValueTask<IStorage> Reopen(IStorage disposed, CancellationToken cancellationToken) =>
        new(Node());

    protected override ValueTask<IStorage> OpenAnother(IStorage open, CancellationToken cancellationToken) =>
        new(Node());

    protected override string NewBackupDestination(IStorage open) => Path.Combine(_directory, "backup.db");

    protected override ValueTask<IStorage> OpenBackup(string destination, CancellationToken cancellationToken) =>
        new(new SqliteStorage(destination));

    private CachedStorage Node() => new(new SqliteStorage(StorePath), NewCopy());
}
