using Millrace.Sqlite;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Conformance.Tests;

public sealed class SqliteConformanceTests : StorageConformance, IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-").FullName;

    public static TheoryData<string> CheckNames => new(ChecksFor(
        StorageFeatures.Reopens | StorageFeatures.IsShared | StorageFeatures.RunsStatements | StorageFeatures.BacksUp
            | StorageFeatures.Moves | StorageFeatures.ReplacesContents)
            .Select(check => check.Name));

    private string StorePath => Path.Combine(_directory, "store.db");

    [Theory]
    [MemberData(nameof(CheckNames))]
    public Task Passes_the_conformance_check(string check) => Run(check);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    protected override ValueTask<IStorage> Create(CancellationToken cancellationToken) =>
        new(new SqliteStorage(StorePath));

    protected override ValueTask<IStorage> Reopen(IStorage disposed, CancellationToken cancellationToken) =>
        new(new SqliteStorage(StorePath));

    protected override ValueTask<IStorage> OpenAnother(IStorage open, CancellationToken cancellationToken) =>
        new(new SqliteStorage(StorePath));

    protected override string NewBackupDestination(IStorage open) => Path.Combine(_directory, "backup.db");

    protected override ValueTask<IStorage> OpenBackup(string destination, CancellationToken cancellationToken) =>
        new(new SqliteStorage(destination));
}
