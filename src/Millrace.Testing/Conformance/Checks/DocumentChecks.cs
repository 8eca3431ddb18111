using System.Text;
using Millrace.Storage;

namespace Millrace.Testing;

/// <summary>Documents: written by commits, read by key.</summary>
internal static class DocumentChecks
{
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("A document is read back byte for byte, with its version and position", Written_and_read),
        new("A document's version counts its changes", Versions_count),
        new("A document written with an expected version is refused when it has another, with the facts", Expected_versions),
        new("A removed document is gone, and begins again at version 1", Removed_and_again),
        new("Changes to one document in a batch see each other", Changes_in_a_batch),
        new("A document reflects the position it was given, or the last one of its commit", Positions),
        new("Several documents are read at once", Read_at_once),
        new("Keys of documents are compared ordinally, whatever they hold", Odd_keys),
        new("A document of a megabyte is kept", A_large_document),
    ];

    private static async Task Written_and_read(StorageProbe probe)
    {
        await Ensure(probe);
        byte[] body = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];

        await probe.Do(Sample.Write(new DocumentChange { Collection = "plain@1", Key = "all", Body = body, Position = 7 }));
        await probe.Do(Sample.Write(new DocumentChange { Collection = "plain@1", Key = "empty", Body = ReadOnlyMemory<byte>.Empty }));

        var document = Expect.NotNull(await probe.Documents.Get("plain@1", "all", probe.Cancel), "the document");
        Expect.Equal(("all", 1, 7), (document.Key, document.Version, document.Position), "key, version and position");
        Expect.SameBytes(body, document.Body, "the body");
        var empty = Expect.NotNull(await probe.Documents.Get("plain@1", "empty", probe.Cancel), "the document without bytes");
        Expect.Equal(0, empty.Body.Length, "the length of an empty body");
        Expect.Equal(null, await probe.Documents.Get("plain@1", "none", probe.Cancel), "a document that does not exist");
    }

    private static async Task Versions_count(StorageProbe probe)
    {
        await Ensure(probe);

        for (var version = 1; version <= 5; version++)
        {
            await probe.Do(Sample.Write(Sample.Put("plain@1", "a", $"body {version}")));
            await ExpectDocument(probe, "a", version, $"body {version}");
        }
    }

    private static async Task Expected_versions(StorageProbe probe)
    {
        await Ensure(probe);
        await probe.Do(Sample.Write(Sample.Put("plain@1", "a", "1") with { FromVersion = 0 }));
        await probe.Do(Sample.Write(Sample.Put("plain@1", "a", "2") with { FromVersion = 1 }));

        var first = await probe.Refuse<DocumentConflictException>(Sample.Write(Sample.Put("plain@1", "a", "3") with { FromVersion = 1 }));
        var second = await probe.Refuse<DocumentConflictException>(Sample.Write(Sample.Put("plain@1", "a", "3") with { FromVersion = 0 }));
        var third = await probe.Refuse<DocumentConflictException>(Sample.Write(Sample.Put("plain@1", "b", "3") with { FromVersion = 2 }));

        Expect.Equal(("plain@1", "a", 1L, 2L), (first.Collection, first.Key, first.Expected, first.Actual), "the facts");
        Expect.Equal((0L, 2L), (second.Expected, second.Actual), "the facts");
        Expect.Equal((2L, 0L), (third.Expected, third.Actual), "the facts");
        await ExpectDocument(probe, "a", 2, "2");
        Expect.Equal(null, await probe.Documents.Get("plain@1", "b", probe.Cancel), "the refused document");
    }

    private static async Task Removed_and_again(StorageProbe probe)
    {
        await Ensure(probe);
        await probe.Do(Sample.Write(Sample.Put("plain@1", "a", "1")));
        await probe.Do(Sample.Write(Sample.Put("plain@1", "a", "2")));
        await probe.Refuse<DocumentConflictException>(Sample.Write(Remove("a") with { FromVersion = 1 }));

        await probe.Do(Sample.Write(Remove("a") with { FromVersion = 2 }));
        await probe.Do(Sample.Write(Remove("never there")));

        Expect.Equal(null, await probe.Documents.Get("plain@1", "a", probe.Cancel), "the removed document");
        await probe.Do(Sample.Write(Sample.Put("plain@1", "a", "3") with { FromVersion = 0 }));
        await ExpectDocument(probe, "a", 1, "3");
    }

    private static async Task Changes_in_a_batch(StorageProbe probe)
    {
        await Ensure(probe);

        var outcomes = await probe.Commit(
            Sample.Write(Sample.Put("plain@1", "a", "1") with { FromVersion = 0 }),
            Sample.Write(Sample.Put("plain@1", "a", "2") with { FromVersion = 1 }),
            Sample.Write(Sample.Put("plain@1", "a", "3") with { FromVersion = 1 }),
            Sample.Write(Sample.Put("plain@1", "a", "4")),
            Sample.Write(Sample.Put("plain@1", "b", "1")),
            Sample.Write(Remove("b")),
            Sample.Write(Sample.Put("plain@1", "c", "1")),
            Sample.Write(Remove("c")),
            Sample.Write(Sample.Put("plain@1", "c", "again") with { FromVersion = 0 }));

        Expect.Equal(2, Expect.Refused<DocumentConflictException>(outcomes[2], "the third change").Actual, "the version in the conflict");
        Expect.Equal(8, outcomes.Count(outcome => outcome.Result == CommitResult.Committed), "changes committed");
        await ExpectDocument(probe, "a", 3, "4");
        Expect.Equal(null, await probe.Documents.Get("plain@1", "b", probe.Cancel), "the document that was removed in the batch");
        await ExpectDocument(probe, "c", 1, "again");
    }

    private static async Task Positions(StorageProbe probe)
    {
        await Ensure(probe);
        await probe.Append("s", ExpectedVersion.Any, Sample.Events(1, 3));

        await probe.Do(Sample.Write(Sample.Put("plain@1", "alone", "x")));
        await probe.Do(Sample.Write(Sample.Put("plain@1", "given", "x") with { Position = 2 }));
        await probe.Do(new CommitRequest
        {
            Appends = [Sample.To("s", ExpectedVersion.Any, Sample.Events(4, 2))],
            Documents = [Sample.Put("plain@1", "inline", "x")],
        });

        foreach (var (key, position) in new[] { ("alone", 3L), ("given", 2L), ("inline", 5L) })
            Expect.Equal(position, (await probe.Documents.Get("plain@1", key, probe.Cancel))?.Position, $"the position of '{key}'");
    }

    private static async Task Read_at_once(StorageProbe probe)
    {
        await Ensure(probe);
        await probe.Do(
            Sample.Write([.. Enumerable.Range(0, 300).Select(number => Sample.Put("plain@1", $"key-{number}", $"body {number}"))]));

        var keys = Enumerable.Range(100, 400).Select(number => $"key-{number}").ToList();
        var found = await probe.Documents.GetMany("plain@1", keys, probe.Cancel);

        var expected = Enumerable.Range(100, 200).Select(number => ($"key-{number}", $"body {number}"));
        Expect.Same(
            expected.OrderBy(pair => pair.Item1, StringComparer.Ordinal),
            found.Select(one => (one.Key, Encoding.UTF8.GetString(one.Body.Span))).OrderBy(pair => pair.Key, StringComparer.Ordinal),
            "the documents that exist");
        Expect.Equal(0, (await probe.Documents.GetMany("plain@1", [], probe.Cancel)).Count, "documents of no key");
        Expect.Equal(
            1, (await probe.Documents.GetMany("plain@1", ["key-1", "key-1"], probe.Cancel)).Count, "documents of a key given twice");
    }

    private static async Task Odd_keys(StorageProbe probe)
    {
        await Ensure(probe);
        foreach (var key in OddNames.All)
            await probe.Do(Sample.Write(Sample.Put("plain@1", key, $"body of {key}")));

        foreach (var key in OddNames.All)
            await ExpectDocument(probe, key, 1, $"body of {key}");
        var page = await probe.Documents.Query(new DocumentQuery { Collection = "plain@1", Limit = 1_000 }, probe.Cancel);
        Expect.Same(OddNames.InOrder, page.Documents.Select(one => one.Key), "the documents by key");
    }

    private static async Task A_large_document(StorageProbe probe)
    {
        await Ensure(probe);
        var body = new byte[1024 * 1024];
        new Random(7).NextBytes(body);

        await probe.Do(Sample.Write(new DocumentChange { Collection = "plain@1", Key = "large", Body = body }));

        var document = Expect.NotNull(await probe.Documents.Get("plain@1", "large", probe.Cancel), "the document");
        Expect.SameBytes(body, document.Body, "the body");
    }

    private static async Task Ensure(StorageProbe probe) => await probe.Documents.EnsureCollection(Sample.Plain, probe.Cancel);

    private static DocumentChange Remove(string key) => new() { Collection = "plain@1", Key = key };

    private static async Task ExpectDocument(StorageProbe probe, string key, long version, string body)
    {
        var document = Expect.NotNull(await probe.Documents.Get("plain@1", key, probe.Cancel), $"document '{key}'");
        Expect.Equal(
            (key, version, body), (document.Key, document.Version, Encoding.UTF8.GetString(document.Body.Span)), $"document '{key}'");
    }
}
