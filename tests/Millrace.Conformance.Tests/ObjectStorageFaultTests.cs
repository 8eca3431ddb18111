using Millrace.Conformance.Tests.Faults;
using Millrace.Storage.Objects;
using Millrace.Testing;

namespace Millrace.Conformance.Tests;

/// <summary>Tests that the conformance suite for object storage finds each planted fault.</summary>
public sealed class ObjectStorageFaultTests : IDisposable
{
    private const string Concurrent = "Of concurrent puts of one name, readers see whole contents, and one remains";
    private const string Removed = "A removed object is missing, and can be removed and stored again";
    private const string Order = "Objects are listed with their sizes in ordinal order of their names";
    private const string Prefixes = "A prefix selects the names that start with it, also within a segment";
    private const string TooLarge = "An object of more than 64 MiB is refused, and the previous one remains";
    private const string Cancelled = "A cancelled operation throws OperationCanceledException and changes nothing";

    private static readonly Dictionary<string, (Func<IObjectStorage, FaultyObjectStorage> Create, string FoundBy)>
        Faults = new()
        {
            ["cuts large objects"] = (
                s => new(s) { Putting = (n, c, x) => Task(s.Put(n, c[..Math.Min(c.Length, 4_000_000)], x)) },
                "An empty object and an object of 8 MiB are stored exactly"),
            ["does not store empty objects"] = (
                s => new(s) { Putting = (n, c, x) => c.IsEmpty ? Done : Task(s.Put(n, c, x)) },
                "An empty object and an object of 8 MiB are stored exactly"),
            ["keeps the end of a longer object"] = (
                s => new(s)
                {
                    Putting = async (n, c, x) => await s.Put(
                        n, await s.Get(n, x) is { } old && old.Length > c.Length ? Join(c, old[c.Length..]) : c, x),
                },
                "A longer, a shorter and an empty content replace the previous one"),
            ["reads a missing object as empty"] = (
                s => new(s) { Getting = async (n, x) => await s.Get(n, x) ?? ReadOnlyMemory<byte>.Empty },
                "An object that was never stored is missing, also if other names start with its name"),
            ["writes in place"] = (
                s => new(s)
                {
                    Putting = async (n, c, x) =>
                    {
                        await s.Put(n, c[..(c.Length / 2)], x);
                        await s.Put(n, c, x);
                    },
                },
                Concurrent),
            ["removes nothing"] = (s => new(s) { Deleting = (_, _) => Done }, Removed),
            ["refuses to remove a missing object"] = (
                s => new(s)
                {
                    Deleting = async (n, x) =>
                    {
                        Assert.NotNull(await s.Get(n, x));
                        await s.Delete(n, x);
                    },
                },
                Removed),
            ["removes whole directories"] = (
                s => new(s)
                {
                    Deleting = async (n, x) =>
                    {
                        await foreach (var found in s.List(n, x))
                            await s.Delete(found.Name, x);
                    },
                },
                "Removing an object removes no other whose name starts with its name"),
            ["lists by segments"] = (
                s => new(s)
                {
                    Listing = (p, x) => s
                        .List(p, x)
                        .OrderBy(found => found.Name.Replace('/', ' '), StringComparer.Ordinal),
                },
                Order),
            ["lists without sizes"] = (
                s => new(s) { Listing = (p, x) => s.List(p, x).Select(found => found with { Size = 0 }) }, Order),
            ["lists the first thousand objects"] = (
                s => new(s) { Listing = (p, x) => s.List(p, x).Take(1_000) },
                "More than a thousand objects are listed once and in order"),
            ["takes a prefix for a directory"] = (
                s => new(s)
                {
                    Listing = (p, x) => s.List(p, x)
                        .Where(found => p.Length == found.Name.Length || p[^1] == '/' || found.Name[p.Length] == '/'),
                },
                Prefixes),
            ["stores a part of an object that is too large"] = (
                s => new(s) { Putting = (n, c, x) => Task(s.Put(n, c[..Math.Min(c.Length, 1_000)], x)) }, TooLarge),
            ["ignores the cancellation of a put"] = (
                s => new(s) { Putting = (n, c, _) => Task(s.Put(n, c, default)) }, Cancelled),
            ["ignores the cancellation of a list"] =
            (s => new(s) { Listing = (p, _) => s.List(p, default) }, Cancelled),
            ["trims names"] = (
                s => new(s) { Getting = (n, x) => Task(s.Get(n.Trim('/'), x)) },
                "An invalid name is refused by every operation"),
            ["trims prefixes"] = (
                s => new(s) { Listing = (p, x) => s.List(p.TrimStart('/'), x) }, "An invalid prefix is refused"),
        };

    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-objects-").FullName;

    public static TheoryData<string> FaultNames => new(Faults.Keys);

    private static Task Done => System.Threading.Tasks.Task.CompletedTask;

    [Theory]
    [MemberData(nameof(FaultNames))]
    public async Task The_suite_finds_the_fault(string fault)
    {
        var (create, foundBy) = Faults[fault];
        var suite = new Suite(create(new DirectoryObjectStorage(_directory)));

        var failure = await Assert.ThrowsAsync<ConformanceException>(() => suite.Run(foundBy));

        Assert.StartsWith(foundBy, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_check_is_refused() => await Assert.ThrowsAsync<ArgumentException>(
        () => new Suite(new DirectoryObjectStorage(_directory)).Run("Nothing is lost"));

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static Task Task(ValueTask task) => task.AsTask();

    private static Task<T> Task<T>(ValueTask<T> task) => task.AsTask();

    private static ReadOnlyMemory<byte> Join(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second) =>
        (byte[])[.. first.Span, .. second.Span];

    private sealed class Suite(IObjectStorage storage) : ObjectStorageConformance
    {
        protected override ValueTask<IObjectStorage> Create(CancellationToken cancellationToken) => new(storage);
    }
}
