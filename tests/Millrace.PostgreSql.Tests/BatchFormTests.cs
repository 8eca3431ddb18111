using System.Text;
using Millrace.Storage;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests batches with and without columns for rare values: each event is read as it was given.</summary>
public sealed class BatchFormTests : StoreTests
{
    [PostgreSqlFact]
    public async Task A_batch_has_columns_for_what_few_events_have_only_where_one_of_its_events_has_it()
    {
        await using var node = await Given.Open(Database);
        await node.Commit(Given.Append("first", ExpectedVersion.NoStream, Given.Event())); // The general path.
        List<EncodedEvent> given = [];

        await CommitTogether(node, given, Given.Event(), Given.Event());
        Assert.Equal((1, 1), (node.OptimisticCommits.Hits, node.OptimisticCommits.PlainHits));
        for (var part = 0; part < Parts.Length; part++)
            await CommitTogether(node, given, Given.Event(), Parts[part]());
        Assert.Equal((1 + Parts.Length, 1), (node.OptimisticCommits.Hits, node.OptimisticCommits.PlainHits));
        await CommitTogether(node, given, Given.Event(), Given.Event());
        Assert.Equal((2 + Parts.Length, 2), (node.OptimisticCommits.Hits, node.OptimisticCommits.PlainHits));

        var read = await node.ReadAll();
        Assert.Equal(given.Select(Describe), read.Skip(1).Select(Describe));
        Assert.True((await node.Maintenance.Verify(null, CancellationToken.None)).IsSound);
    }

    private static Func<EncodedEvent>[] Parts { get; } =
    [
        () => Rare(correlation: Guid.NewGuid()),
        () => Rare(causation: Guid.NewGuid()),
        () => Rare(contentType: EventContentType.Cbor),
        () => Rare(source: "shop"),
        () => Rare(key: "key-1"),
        () => Rare(tag: new Tag("customer", "7")),
        () => Rare(metadata: """{"traceParent":"a"}"""),
    ];

    private static EncodedEvent Rare(
        Guid? correlation = null,
        Guid? causation = null,
        string contentType = EventContentType.Json,
        string? source = null,
        string? key = null,
        Tag? tag = null,
        string metadata = "") =>
        new()
        {
            Id = Guid.CreateVersion7(),
            Type = "thing.happened",
            Payload = "{}"u8.ToArray(),
            CorrelationId = correlation,
            CausationId = causation,
            ContentType = contentType,
            Source = source,
            EncryptionKeyId = key,
            Tags = tag is { } one ? [one] : [],
            MetadataBytes = Encoding.UTF8.GetBytes(metadata),
        };

    /// <summary>Appends each to its own stream, so that they are several requests in one batch.</summary>
    private static async Task CommitTogether(
        PostgreSqlStorage node, List<EncodedEvent> all, params EncodedEvent[] events)
    {
        var batch = Array.ConvertAll(events, one => Given.Append($"s-{one.Id}", ExpectedVersion.NoStream, one));
        var outcomes = await node.CommitTogether(batch);
        Assert.All(outcomes, static outcome => Assert.Equal(CommitResult.Committed, outcome.Result));
        all.AddRange(events);
    }

    private static string Describe(EncodedEvent one) =>
        Describe(
            one.Id,
            one.CorrelationId,
            one.CausationId,
            one.ContentType,
            one.Source,
            one.EncryptionKeyId,
            [.. one.Tags],
            one.MetadataBytes);

    private static string Describe(RecordedEvent one) =>
        Describe(
            one.Id,
            one.CorrelationId,
            one.CausationId,
            one.ContentType,
            one.Source,
            one.EncryptionKeyId,
            [.. one.Tags],
            one.MetadataBytes);

    private static string Describe(
        Guid id, Guid? correlation, Guid? causation, string contentType, string? source, string? key, Tag[] tags,
        ReadOnlyMemory<byte> metadata) =>
        $"{id} {correlation} {causation} {contentType} {source} {key} {string.Join(", ", tags)} "
            + $"{Encoding.UTF8.GetString(metadata.Span)}";
}
