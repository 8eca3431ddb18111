namespace Store1Space.Tests;

/// <summary>Tests every promise of a storage.</summary>
public sealed class ConformanceTests : StorageConformance, IDisposable
{
    /// <summary>The optional features of the storage, each with additional checks.</summary>
    private const StorageFeatures Features = StorageFeatures.Reopens | StorageFeatures.BacksUp;

    private readonly string _folder = Directory.CreateTempSubdirectory("Store1Name-").FullName;
    private int _files;

    public static TheoryData<string> CheckNames => new(ChecksFor(Features).Select(check => check.Name));

    [Theory]
    [MemberData(nameof(CheckNames))]
    public Task Passes_the_conformance_check(string check) => Run(check);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    protected override ValueTask<IStorage> Create(CancellationToken cancellationToken) =>
        new(new DatabaseStorage(NewFile()));

    protected override ValueTask<IStorage> Reopen(IStorage disposed, CancellationToken cancellationToken) =>
        new(new DatabaseStorage(disposed.Description["journal ".Length..]));

    protected override string NewBackupDestination(IStorage open) => NewFile();

    protected override ValueTask<IStorage> OpenBackup(string destination, CancellationToken cancellationToken) =>
        new(new DatabaseStorage(destination));

    private string NewFile() => Path.Combine(_folder, $"{++_files}.journal");
}
