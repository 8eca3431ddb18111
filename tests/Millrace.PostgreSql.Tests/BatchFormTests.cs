using System.Text;
using Millrace.Storage;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests that batches with and without columns for rare values store all values of each event.</summary>
public sealed class BatchFormTests : StoreTests
{
    [PostgreSqlFact]
    public async Task A_batch_has_a_column_for_a_rare_value_only_if_an_event_has_the_value()
    {
        await using var node = await TestData.Open(Database);
        // The first commit uses the general path.
        await node.Commit(TestData.Append("first", ExpectedVersion.NoStream, TestData.Event()));
        List<EncodedEvent> appended = [];

        await CommitTogether(node, appended, TestData.Event(), TestData.Event());
        Assert.Equal((1, 1), (node.OptimisticCommits.Hits, node.OptimisticCommits.PlainHits));
        for (var index = 0; index < RareEvents.Length; index++)
            await CommitTogether(node, appended, TestData.Event(), RareEvents[index]());
        Assert.Equal((1 + RareEvents.Length, 1), (node.OptimisticCommits.Hits, node.OptimisticCommits.PlainHits));
        await CommitTogether(node, appended, TestData.Event(), TestData.Event());
        Assert.Equal((2 + RareEvents.Length, 2), (node.OptimisticCommits.Hits, node.OptimisticCommits.PlainHits));

        var read = await node.ReadAll();
        Assert.Equal(appended.Select(Describe), read.Skip(1).Select(Describe));
        Assert.True((await node.Maintenance.Verify(null, CancellationToken.None)).IsSound);
    }

    private static Func<EncodedEvent>[] RareEvents { get; } =
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
            Tags = tag is { } value ? [value] : [],
            MetadataBytes = Encoding.UTF8.GetBytes(metadata),
        };

    /// <summary>Appends each event to another stream, so that the batch has several requests.</summary>
    private static async Task CommitTogether(
        PostgreSqlStorage node, List<EncodedEvent> all, params EncodedEvent[] events)
    {
        var batch = Array.ConvertAll(
            events, encoded => TestData.Append($"s-{encoded.Id}", ExpectedVersion.NoStream, encoded));
        var outcomes = await node.CommitTogether(batch);
        Assert.All(outcomes, static outcome => Assert.Equal(CommitResult.Committed, outcome.Result));
        all.AddRange(events);
    }

    private static string Describe(EncodedEvent encoded) =>
        Describe(
            encoded.Id,
            encoded.CorrelationId,
            encoded.CausationId,
            encoded.ContentType,
            encoded.Source,
            encoded.EncryptionKeyId,
            [.. encoded.Tags],
            encoded.MetadataBytes);

    private static string Describe(RecordedEvent recorded) =>
        Describe(
            recorded.Id,
            recorded.CorrelationId,
            recorded.CausationId,
            recorded.ContentType,
            recorded.Source,
            recorded.EncryptionKeyId,
            [.. recorded.Tags],
            recorded.MetadataBytes);

    private static string Describe(
        Guid id, Guid? correlation, Guid? causation, string contentType, string? source, string? key, Tag[] tags,
        ReadOnlyMemory<byte> metadata) =>
        $"{id} {correlation} {causation} {contentType} {source} {key} {string.Join(", ", tags)} "
            + $"{Encoding.UTF8.GetString(metadata.Span)}";
}
