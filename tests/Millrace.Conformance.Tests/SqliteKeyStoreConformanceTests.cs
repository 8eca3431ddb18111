using Millrace.Sqlite;
using Millrace.Testing;

namespace Millrace.Conformance.Tests;

public sealed class SqliteKeyStoreConformanceTests : KeyStoreConformance, IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-").FullName;
    private readonly Dictionary<IKeyStore, string> _paths = [];

    public static TheoryData<string> CheckNames => new(Checks);

    protected override TimeSpan CheckTimeout => TimeSpan.FromMinutes(3); // Long, because tests share the processor.

    [Theory]
    [MemberData(nameof(CheckNames))]
    public Task Passes_the_conformance_check(string check) => Run(check);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    protected override ValueTask<IKeyStore> Create(CancellationToken cancellationToken) =>
        new(Open(Path.Combine(_directory, $"keys-{_paths.Count}.db")));

    protected override ValueTask<IKeyStore> OpenAnother(IKeyStore first, CancellationToken cancellationToken) =>
        new(Open(_paths[first]));

    private SqliteKeyStore Open(string path)
    {
        var keys = new SqliteKeyStore(path);
        _paths.Add(keys, path);
        return keys;
    }
}
