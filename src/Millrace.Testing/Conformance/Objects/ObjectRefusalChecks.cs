using Millrace.Storage.Objects;

namespace Millrace.Testing.Conformance.Objects;

/// <summary>Contains the checks of operations that are refused.</summary>
internal static class ObjectRefusalChecks
{
    private static readonly string[] InvalidNames =
    [
        "", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "../a", "a/.b", ".a", "a.", "a./b", "A", "a b", "ä", "a\\b",
        "a\0", "a:b", "a?b", "a%2fb", new string('a', 201), string.Concat(Enumerable.Repeat("0123456789/", 47)) + "a",
    ];

    private static readonly string[] InvalidPrefixes =
    [
        "/", "/a", "a//", "../", "..", ".", "a/.", "a/../", "A", "a b", "a\\", new string('a', 201),
    ];

    public static IReadOnlyList<(string Name, Func<ObjectStorageProbe, Task> Run)> All { get; } =
    [
        ("An invalid name is refused by every operation", Names),
        ("An invalid prefix is refused", Prefixes),
        ("An object of more than 64 MiB is refused, and the previous one remains", Too_large),
        ("A cancelled operation throws OperationCanceledException and changes nothing", Cancelled),
    ];

    private static async Task Names(ObjectStorageProbe probe)
    {
        foreach (var name in InvalidNames)
        {
            await Expect.Throws<ArgumentException>(
                () => probe.Writer.Put(name, ObjectStorageProbe.Bytes(1), probe.Cancel).AsTask(), $"a put of '{name}'");
            await Expect.Throws<ArgumentException>(
                () => probe.Writer.Get(name, probe.Cancel).AsTask(), $"a get of '{name}'");
            await Expect.Throws<ArgumentException>(
                () => probe.Writer.Delete(name, probe.Cancel).AsTask(), $"a removal of '{name}'");
        }
    }

    private static async Task Prefixes(ObjectStorageProbe probe)
    {
        foreach (var prefix in InvalidPrefixes)
            await Expect.Throws<ArgumentException>(() => probe.ListNames(prefix), $"a list of '{prefix}'");
    }

    private static async Task Too_large(ObjectStorageProbe probe)
    {
        var content = await probe.Put("object");

        await Expect.Throws<ArgumentException>(
            () => probe.Writer
                .Put(probe.Name("object"), new byte[ObjectName.MaxObjectBytes + 1], probe.Cancel)
                .AsTask(),
            "a put of 64 MiB and one byte");

        await probe.ExpectStored("object", content);
    }

    private static async Task Cancelled(ObjectStorageProbe probe)
    {
        var content = await probe.Put("stored");
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        foreach (var name in new[] { "stored", "new" })
        {
            await Expect.Throws<OperationCanceledException>(
                () => probe.Writer.Put(probe.Name(name), ObjectStorageProbe.Bytes(50), cancelled.Token).AsTask(),
                "a cancelled put");
        }
        await Expect.Throws<OperationCanceledException>(
            () => probe.Writer.Get(probe.Name("stored"), cancelled.Token).AsTask(), "a cancelled get");
        await Expect.Throws<OperationCanceledException>(
            () => probe.Writer.Delete(probe.Name("stored"), cancelled.Token).AsTask(), "a cancelled removal");
        await Expect.Throws<OperationCanceledException>(
            async () => await probe.Writer.List(probe.Name(""), cancelled.Token).GetAsyncEnumerator().MoveNextAsync(),
            "a cancelled list");

        await probe.ExpectStored("stored", content);
        await probe.ExpectMissing("new");
    }
}
