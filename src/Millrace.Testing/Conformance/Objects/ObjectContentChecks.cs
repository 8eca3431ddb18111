namespace Millrace.Testing.Conformance.Objects;

/// <summary>Contains the checks of stored, replaced and removed contents.</summary>
internal static class ObjectContentChecks
{
    private const int LargeBytes = 8 * 1024 * 1024;

    public static IReadOnlyList<(string Name, Func<ObjectStorageProbe, Task> Run)> All { get; } =
    [
        ("Another node reads exactly the bytes of a stored object", Read_exactly),
        ("An empty object and an object of 8 MiB are stored exactly", Empty_and_large),
        ("A longer, a shorter and an empty content replace the previous one", Replaced),
        ("An object that was never stored is missing, also if other names start with its name", Never_stored),
        ("A removed object is missing, and can be removed and stored again", Removed),
        ("Removing an object removes no other whose name starts with its name", Similar_names),
        ("Of concurrent puts of one name, readers see whole contents, and one remains", Concurrent_puts),
        ("An object with a name of the maximum length is stored exactly", Long_name),
    ];

    private static async Task Read_exactly(ObjectStorageProbe probe)
    {
        var first = await probe.Put("log/00001.segment", 1_000);
        var second = await probe.Put("log/00002.segment", 70_000);

        await probe.ExpectStored("log/00001.segment", first);
        await probe.ExpectStored("log/00002.segment", second);
        Expect.True(probe.Reader.Description.Length > 0, "the description is empty");
    }

    private static async Task Empty_and_large(ObjectStorageProbe probe)
    {
        foreach (var size in new[] { 0, LargeBytes })
            await probe.ExpectStored($"of-{size}", await probe.Put($"of-{size}", size));
    }

    private static async Task Replaced(ObjectStorageProbe probe)
    {
        await probe.Put("manifest", 1_000);
        foreach (var size in new[] { 5_000, 10, 0 })
        {
            var content = await probe.Put("manifest", size);

            await probe.ExpectStored("manifest", content);
            Expect.Equal(size, (int)(await probe.List("manifest")).One().Size, "the size of the object in the list");
        }
    }

    private static async Task Never_stored(ObjectStorageProbe probe)
    {
        await probe.ExpectMissing("unknown");
        await probe.Put("log/segments/00001");

        await probe.ExpectMissing("log");
        await probe.ExpectMissing("log/segments");
        await probe.ExpectMissing("log/segments/0000");
        await probe.ExpectMissing("log/segments/00001/part");
        await probe.ExpectMissing("00001");
    }

    private static async Task Removed(ObjectStorageProbe probe)
    {
        await probe.Put("log/1");
        var other = await probe.Put("log/2");

        await probe.Writer.Delete(probe.Name("log/1"), probe.Cancel);
        await probe.Writer.Delete(probe.Name("log/1"), probe.Cancel);
        await probe.Writer.Delete(probe.Name("never/stored"), probe.Cancel);

        await probe.ExpectMissing("log/1");
        await probe.ExpectStored("log/2", other);
        Expect.Same(["log/2"], (await probe.List()).Select(found => found.Name), "the list");
        await probe.ExpectStored("log/1", await probe.Put("log/1"));
    }

    private static async Task Similar_names(ObjectStorageProbe probe)
    {
        var below = await probe.Put("log/segments/1");
        var longer = await probe.Put("log/segments-2");

        await probe.Writer.Delete(probe.Name("log"), probe.Cancel);
        await probe.Writer.Delete(probe.Name("log/segments"), probe.Cancel);

        await probe.ExpectStored("log/segments/1", below);
        await probe.ExpectStored("log/segments-2", longer);
    }

    private static async Task Concurrent_puts(ObjectStorageProbe probe)
    {
        const int Writers = 6;
        const int Puts = 4;
        await probe.Writer.Put(probe.Name("manifest"), Content(0), probe.Cancel);
        using var written = new CancellationTokenSource();
        var reading = Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(Read, probe.Cancel)));

        await Task.WhenAll(Enumerable.Range(1, Writers).Select(async writer =>
        {
            for (var put = 0; put < Puts; put++)
                await probe.Writer.Put(probe.Name("manifest"), Content(writer), probe.Cancel);
        }));
        await written.CancelAsync();
        await reading;

        await ReadWhole();

        // Each content has a different size and one repeated byte.
        static ReadOnlyMemory<byte> Content(int writer)
        {
            var content = new byte[100_000 + 20_000 * writer];
            content.AsSpan().Fill((byte)writer);
            return content;
        }

        async Task Read()
        {
            do
                await ReadWhole();
            while (!written.IsCancellationRequested);
        }

        async Task ReadWhole()
        {
            var found = await probe.Reader.Get(probe.Name("manifest"), probe.Cancel);
            Expect.True(found is { Length: > 0 }, "an object is missing or empty while it is replaced");
            Expect.SameBytes(Content(found!.Value.Span[0]), found.Value, "an object while it is replaced");
        }
    }

    private static async Task Long_name(ObjectStorageProbe probe)
    {
        var name = $"{new string('n', 200)}/{new string('o', 200)}/";
        name += new string('p', 512 - probe.Name(name).Length);

        var content = await probe.Put(name);

        await probe.ExpectStored(name, content);
        Expect.Equal(name, (await probe.List()).One().Name, "the name in the list");
    }
}
