using System.Text;
using Millrace.Storage;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>Contains checks of documents, which commits write and clients read by key.</summary>
internal static class DocumentChecks
{
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("A document is read exactly as it was written, with its version and position", Written_and_read),
        new("A document's version grows with each change and equals the version in the outcome", Versions_grow),
        new(
            "A document is refused when its version is not the expected one, and the exception has both",
            Expected_versions),
        new(
            "A removed document is not found, and gets a new version when it is written again",
            Removed_and_again),
        new("A change is refused if the document was removed and written again after it was read", Late_change),
        new(
            "A document of a cleared collection gets a new version when it is written again",
            Cleared_and_again),
        new("A change to a document in a batch sees the earlier changes of the batch", Changes_in_a_batch),
        new("A document has the position of its change, or else the last position of its commit", Positions),
        new("Several documents are read in one call", Read_at_once),
        new("Document keys of any content are compared ordinally", Unusual_keys),
        new("A document of a megabyte is stored exactly", A_large_document),
        new("Many documents that are marked as new are stored, even if some replace existing ones", Marked_as_new),
    ];

    private static async Task Written_and_read(StorageProbe probe)
    {
        await Ensure(probe);
        byte[] body = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];

        var written = await probe.Do(
            Sample.Write(
                new DocumentChange
                {
                    Collection = "plain@1",
                    Key = "all",
                    Body = body,
                    Position = 7,
                }
            )
        );
        await probe.Do(
            Sample.Write(
                new DocumentChange
                {
                    Collection = "plain@1",
                    Key = "empty",
                    Body = ReadOnlyMemory<byte>.Empty,
                }
            )
        );

        var document = Expect.NotNull(await probe.Documents.Get("plain@1", "all", probe.Cancel), "the document");
        Expect.Equal(
            ("all", written.DocumentVersion, 7),
            (document.Key, document.Version, document.Position),
            "the key, version and position");
        Expect.SameBytes(body, document.Body, "the body");
        var empty = Expect.NotNull(
            await probe.Documents.Get("plain@1", "empty", probe.Cancel), "the document without bytes");
        Expect.Equal(0, empty.Body.Length, "the length of an empty body");
        Expect.Equal(
            null, await probe.Documents.Get("plain@1", "none", probe.Cancel), "a document that does not exist");
    }

    private static async Task Marked_as_new(StorageProbe probe)
    {
        const int many = 500;
        await Ensure(probe);
        await Write(probe, Sample.Put("plain@1", "key-007", "before"), Sample.Put("plain@1", "other", "stays"));

        foreach (var round in new[] { "first", "second" })
        {
            var changes = Enumerable
                .Range(0, many)
                .Select(number =>
                    Sample.Put("plain@1", $"key-{number:000}", $"{round} {number}") with
                    {
                        IsKnownNew = true,
                        Position = 3,
                    }
                );
            var version = await Write(probe, [.. changes, Sample.Put("plain@1", "late", round)]);
            foreach (var number in new[] { 0, 7, many - 1 })
                await ExpectDocument(probe, $"key-{number:000}", version, $"{round} {number}");
            await ExpectDocument(probe, "late", version, round);
        }

        Expect.Equal(
            many + 2, await probe.Documents.Count("plain@1", [], probe.Cancel), "the number of documents");
        var one = Expect.NotNull(await probe.Documents.Get("plain@1", "key-001", probe.Cancel), "a document");
        Expect.Equal(3, one.Position, "the document's position");
    }

    private static async Task Versions_grow(StorageProbe probe)
    {
        await Ensure(probe);
        var last = 0L;

        for (var change = 1; change <= 5; change++)
        {
            var version = await Write(
                probe, Sample.Put("plain@1", "a", $"body {change}"), Sample.Put("plain@1", "b", "x"));
            Expect.True(version > last, $"change {change} has version {version}, and the previous change had {last}");
            await ExpectDocument(probe, "a", version, $"body {change}");
            last = version;
        }
        var none = await probe.Append("a", ExpectedVersion.Any, Sample.Event(1));
        Expect.Equal(0, none.DocumentVersion, "the document version in the outcome of a request without documents");
    }

    private static async Task Expected_versions(StorageProbe probe)
    {
        await Ensure(probe);
        var old = await Write(probe, Sample.Put("plain@1", "a", "1") with { FromVersion = 0 });
        var now = await Write(probe, Sample.Put("plain@1", "a", "2") with { FromVersion = old });

        var first = await RefuseFrom(probe, "a", old);
        var second = await RefuseFrom(probe, "a", 0);
        var third = await RefuseFrom(probe, "b", now);

        Expect.Equal(
            ("plain@1", "a", old, now),
            (first.Collection, first.Key, first.Expected, first.Actual),
            "the properties of the exception");
        Expect.Equal((0L, now), (second.Expected, second.Actual), "the properties of the exception");
        Expect.Equal((now, 0L), (third.Expected, third.Actual), "the properties of the exception");
        await ExpectDocument(probe, "a", now, "2");
        Expect.Equal(null, await probe.Documents.Get("plain@1", "b", probe.Cancel), "the refused document");
    }

    private static async Task Removed_and_again(StorageProbe probe)
    {
        await Ensure(probe);
        var first = await Write(probe, Sample.Put("plain@1", "a", "1"));
        var second = await Write(probe, Sample.Put("plain@1", "a", "2"));
        await probe.Refuse<DocumentConflictException>(Sample.Write(Remove("a") with { FromVersion = first }));

        var removed = await probe.Do(Sample.Write(Remove("a") with { FromVersion = second }));
        await probe.Do(Sample.Write(Remove("never there")));

        Expect.Equal(null, await probe.Documents.Get("plain@1", "a", probe.Cancel), "the removed document");
        Expect.Equal(0, removed.DocumentVersion, "the document version in the outcome of a removal");
        var third = await Write(probe, Sample.Put("plain@1", "a", "3") with { FromVersion = 0 });
        Expect.True(third > second, $"the document that had version {second} before its removal has {third} after it");
        await ExpectDocument(probe, "a", third, "3");
    }

    private static async Task Late_change(StorageProbe probe)
    {
        await Ensure(probe);
        var read = await Write(probe, Sample.Put("plain@1", "a", "read by another node"));
        await probe.Do(Sample.Write(Remove("a")));
        var rewritten = await Write(probe, Sample.Put("plain@1", "a", "written again"));

        var late = await RefuseFrom(probe, "a", read);

        Expect.Equal((read, rewritten), (late.Expected, late.Actual), "the properties of the exception");
        await ExpectDocument(probe, "a", rewritten, "written again");
    }

    private static async Task Cleared_and_again(StorageProbe probe)
    {
        await Ensure(probe);
        var read = await Write(probe, Sample.Put("plain@1", "a", "1"));

        await probe.Documents.Clear("plain@1", null, probe.Cancel);
        var rewritten = await Write(probe, Sample.Put("plain@1", "a", "2"));

        Expect.True(
            rewritten > read, $"the document that had version {read} before it was cleared has {rewritten} after it");
        await RefuseFrom(probe, "a", read);
        await probe.Documents.EnsureCollection(
            Sample.Plain with { Fields = [new FieldDefinition("day", FieldKind.Text)] }, probe.Cancel);
        var again = await Write(probe, Sample.Put("plain@1", "a", "3", "2011-12-05"));
        Expect.True(
            again > rewritten,
            $"the document that had version {rewritten} before it got other fields has {again} after it");
    }

    private static async Task Changes_in_a_batch(StorageProbe probe)
    {
        await Ensure(probe);
        var read = await Write(probe, Sample.Put("plain@1", "a", "0"));

        var outcomes = await probe.Commit(
            Sample.Write(Sample.Put("plain@1", "a", "1") with { FromVersion = read }),
            Sample.Write(Sample.Put("plain@1", "a", "2")),
            Sample.Write(Sample.Put("plain@1", "a", "3") with { FromVersion = read }),
            Sample.Write(Sample.Put("plain@1", "a", "4")),
            Sample.Write(Sample.Put("plain@1", "b", "1")),
            Sample.Write(Remove("b")),
            Sample.Write(Sample.Put("plain@1", "c", "1")),
            Sample.Write(Remove("c")),
            Sample.Write(Sample.Put("plain@1", "c", "again") with { FromVersion = 0 }));

        var versions = outcomes
            .Where(outcome => outcome.DocumentVersion > 0)
            .Select(outcome => outcome.DocumentVersion)
            .ToList();
        var conflict = Expect.Refused<DocumentConflictException>(outcomes[2], "the third change");
        Expect.Equal(outcomes[1].DocumentVersion, conflict.Actual, "the version in the conflict");
        Expect.Equal(
            8, outcomes.Count(outcome => outcome.Result == CommitResult.Committed), "the number of committed changes");
        Expect.Same(versions.Distinct().Order(), versions, "the versions of a batch");
        Expect.Equal(6, versions.Count, "the number of versions that a batch assigns");
        await ExpectDocument(probe, "a", outcomes[3].DocumentVersion, "4");
        Expect.Equal(
            null,
            await probe.Documents.Get("plain@1", "b", probe.Cancel),
            "the document that was removed in the batch");
        await ExpectDocument(probe, "c", outcomes[8].DocumentVersion, "again");
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
            Expect.Equal(
                position,
                (await probe.Documents.Get("plain@1", key, probe.Cancel))?.Position,
                $"the position of '{key}'");
    }

    private static async Task Read_at_once(StorageProbe probe)
    {
        await Ensure(probe);
        await probe.Do(
            Sample.Write([
                .. Enumerable.Range(0, 300).Select(number => Sample.Put("plain@1", $"key-{number}", $"body {number}")),
            ])
        );

        var keys = Enumerable.Range(100, 400).Select(number => $"key-{number}").ToList();
        var found = await probe.Documents.GetMany("plain@1", keys, probe.Cancel);

        var expected = Enumerable.Range(100, 200).Select(number => ($"key-{number}", $"body {number}"));
        Expect.Same(
            expected.OrderBy(pair => pair.Item1, StringComparer.Ordinal),
            found
                .Select(one => (one.Key, Encoding.UTF8.GetString(one.Body.Span)))
                .OrderBy(pair => pair.Key, StringComparer.Ordinal),
            "the documents that exist");
        Expect.Equal(
            0,
            (await probe.Documents.GetMany("plain@1", [], probe.Cancel)).Count,
            "documents for an empty list of keys");
        Expect.Equal(
            1,
            (await probe.Documents.GetMany("plain@1", ["key-1", "key-1"], probe.Cancel)).Count,
            "documents for a repeated key");
    }

    private static async Task Unusual_keys(StorageProbe probe)
    {
        await Ensure(probe);
        var versions = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var key in UnusualNames.All)
            versions[key] = await Write(probe, Sample.Put("plain@1", key, $"body of {key}"));

        foreach (var key in UnusualNames.All)
            await ExpectDocument(probe, key, versions[key], $"body of {key}");
        var page = await probe.Documents.Query(
            new DocumentQuery { Collection = "plain@1", Limit = 1_000 }, probe.Cancel);
        Expect.Same(
            UnusualNames.InOrder, page.Documents.Select(one => one.Key), "the documents in the order of their keys");
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

    private static async Task Ensure(StorageProbe probe) =>
        await probe.Documents.EnsureCollection(Sample.Plain, probe.Cancel);

    /// <summary>Writes documents and returns their version.</summary>
    private static async Task<long> Write(StorageProbe probe, params DocumentChange[] changes) =>
        (await probe.Do(Sample.Write(changes))).DocumentVersion;

    private static Task<DocumentConflictException> RefuseFrom(StorageProbe probe, string key, long version) =>
        probe.Refuse<DocumentConflictException>(
            Sample.Write(Sample.Put("plain@1", key, "late") with { FromVersion = version }));

    private static DocumentChange Remove(string key) => new() { Collection = "plain@1", Key = key };

    private static async Task ExpectDocument(StorageProbe probe, string key, long version, string body)
    {
        var document = Expect.NotNull(await probe.Documents.Get("plain@1", key, probe.Cancel), $"document '{key}'");
        Expect.Equal(
            (key, version, body),
            (document.Key, document.Version, Encoding.UTF8.GetString(document.Body.Span)),
            $"document '{key}'");
    }
}
