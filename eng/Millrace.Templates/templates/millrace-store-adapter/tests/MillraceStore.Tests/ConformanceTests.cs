namespace Store1Space.Tests;

/// <summary>Every promise that a storage makes, a test each.</summary>
public sealed class ConformanceTests : StorageConformance, IDisposable
{
    /// <summary>What the storage offers beyond what every one must; more checks come with each.</summary>
    private const StorageFeatures Features = StorageFeatures.Reopens | StorageFeatures.BacksUp;

    private readonly string _folder = Directory.CreateTempSubdirectory("Store1Name-").FullName;
    private int _files;

    public static TheoryData<string> Promises => new(ChecksFor(Features).Select(check => check.Name));

    [Theory]
    [MemberData(nameof(Promises))]
    public Task Keeps_its_promise(string check) => Run(check);

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
