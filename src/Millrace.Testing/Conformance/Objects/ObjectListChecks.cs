using System.Globalization;

namespace Millrace.Testing.Conformance.Objects;

/// <summary>Contains the checks of lists.</summary>
internal static class ObjectListChecks
{
    // More than a page of object servers.
    private const int ManyObjects = 1_010;

    private static readonly string[] Names =
    [
        "a-1", "a.1", "a/1", "a/10", "a/2", "a/b/1", "a/b-1", "a/b.1", "a/b_1", "a0", "a_1", "aa", "ab/1", "b",
    ];

    public static IReadOnlyList<(string Name, Func<ObjectStorageProbe, Task> Run)> All { get; } =
    [
        ("Objects are listed with their sizes in ordinal order of their names", Order),
        ("A prefix selects the names that start with it, also within a segment", Prefixes),
        ("The empty prefix selects all objects", Empty_prefix),
        ("More than a thousand objects are listed once and in order", Many),
        ("A list contains every object that exists from its start to its end", Changes_meanwhile),
        ("The enumeration of a list can stop early, and be repeated", Stopped),
    ];

    private static async Task Order(ObjectStorageProbe probe)
    {
        await probe.PutAll(Names.Reverse());
        await probe.Put("c", 12_345);

        var listed = await probe.List();

        Expect.Same(Names.Append("c").Order(StringComparer.Ordinal), listed.Select(found => found.Name), "the names");
        Expect.Same(
            Names.Select(_ => 1L).Append(12_345), listed.Select(found => found.Size), "the sizes of the objects");
    }

    private static async Task Prefixes(ObjectStorageProbe probe)
    {
        await probe.PutAll(Names);

        foreach (var prefix in new[] { "a", "a/", "a/1", "a/b", "a/b/", "a-", "ab", "a.", "b", "b/", "c", "c/d" })
        {
            var expected = Names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal);
            Expect.Same(
                expected,
                (await probe.List(prefix)).Select(found => found.Name),
                $"the names that start with '{prefix}'");
        }
    }

    private static async Task Empty_prefix(ObjectStorageProbe probe)
    {
        await probe.PutAll(["a", "b/c"]);

        var listed = (await probe.ListNames("")).Select(found => found.Name).ToList();

        Expect.Same(listed.Order(StringComparer.Ordinal), listed, "the names in order");
        Expect.True(
            listed.Contains(probe.Name("a")) && listed.Contains(probe.Name("b/c")), "an object is not listed");
    }

    private static async Task Many(ObjectStorageProbe probe)
    {
        var names = Enumerable.Range(0, ManyObjects)
            .Select(number => string.Create(CultureInfo.InvariantCulture, $"log/{number:D6}"))
            .ToList();
        await probe.PutAll(names);

        Expect.Same(names, (await probe.List("log/")).Select(found => found.Name), "the names");
    }

    private static async Task Changes_meanwhile(ObjectStorageProbe probe)
    {
        var lasting = Enumerable.Range(0, 20)
            .Select(number => string.Create(CultureInfo.InvariantCulture, $"log/{number:D2}-lasting"))
            .ToList();
        await probe.PutAll(lasting);
        using var listed = new CancellationTokenSource();
        var changing = Task.Run(Change, probe.Cancel);

        for (var i = 0; i < 10; i++)
        {
            var names = (await probe.List("log/")).Select(found => found.Name).ToList();
            Expect.Same(names.Distinct().Order(StringComparer.Ordinal), names, "the names, each once and in order");
            Expect.Same(
                lasting, names.Where(name => name.EndsWith("lasting", StringComparison.Ordinal)), "the lasting names");
        }
        await listed.CancelAsync();
        await changing;

        async Task Change()
        {
            for (var number = 0; !listed.IsCancellationRequested; number = (number + 1) % 20)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"log/{number:D2}-changing");
                await probe.Put(name);
                await probe.Put(lasting[number]);
                await probe.Writer.Delete(probe.Name(name), probe.Cancel);
            }
        }
    }

    private static async Task Stopped(ObjectStorageProbe probe)
    {
        await probe.PutAll(Names);
        var list = probe.Reader.List(probe.Name(""), probe.Cancel);

        for (var i = 0; i < 2; i++)
        {
            await using var names = list.GetAsyncEnumerator(probe.Cancel);
            Expect.True(await names.MoveNextAsync(), "the list is empty");
            Expect.Equal(probe.Name("a-1"), names.Current.Name, "the first name");
        }
    }
}
