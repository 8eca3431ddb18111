using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.PostgreSql;
using Millrace.Sqlite;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Faults;

/// <summary>A note was kept until a time; null for ever.</summary>
public sealed record NoteKept(string Note, string Topic, DateTimeOffset? Until);

/// <summary>The document of a note, which expires.</summary>
public sealed record KeptNote(string Note, string Topic, DateTimeOffset? Until);

/// <summary>A row of the notes of a topic.</summary>
public sealed record TopicNotes(string Topic, long Notes);

/// <summary>The JSON metadata of the event, the document and the row.</summary>
[JsonSerializable(typeof(NoteKept))]
[JsonSerializable(typeof(KeptNote))]
[JsonSerializable(typeof(TopicNotes))]
public sealed partial class ExpiringNodeJson : JsonSerializerContext;

/// <summary>
/// A node that removes expired documents and old events. It stops after the first commit that removes some of them, and
/// a test kills it there.
/// </summary>
public static class ExpiringNode
{
    /// <summary>The environment variable with what is removed when the node stops.</summary>
    public const string Variable = "MILLRACE_FAULTS_EXPIRY";

    /// <summary>The removal of expired documents.</summary>
    public const string Documents = "documents";

    /// <summary>The removal of old events.</summary>
    public const string Events = "events";

    /// <summary>The line that the node writes after the commit.</summary>
    public const string Committed = "COMMITTED";

    /// <summary>The name of the projection.</summary>
    public const string Projection = "kept-notes";

    /// <summary>The number of notes that have expired, and whose events are old.</summary>
    public const int Expired = 60;

    /// <summary>The number of other notes.</summary>
    public const int Kept = 7;

    /// <summary>Configures an application with the notes.</summary>
    /// <param name="millrace">The builder.</param>
    /// <param name="storage">The storage.</param>
    /// <param name="isInline">Whether the documents are written in the commits of the events.</param>
    public static void Configure(MillraceBuilder millrace, IStorage storage, bool isInline)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        millrace
            .UseStorage(_ => storage)
            .AddModel(model => model
                .Event("note.kept", 1, ExpiringNodeJson.Default.NoteKept)
                .Projection(Define(isInline)))
            .AddRetention(static retention => retention.StreamsPerSecond = 1_000_000)
            .ConfigureConsumers(static options =>
            {
                options.LeaseDuration = TimeSpan.FromSeconds(1);
                options.LookEvery = TimeSpan.FromMilliseconds(50);
            });
        if (!isInline)
            millrace.AddView(new TopicView(), ExpiringNodeJson.Default.TopicNotes);
    }

    /// <summary>Opens the storage at an address.</summary>
    public static IStorage Open(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.StartsWith("postgres:", StringComparison.Ordinal)
            ? new PostgreSqlStorage(new PostgreSqlOptions { ConnectionString = address })
            : new SqliteStorage(address);
    }

    /// <summary>Appends a note.</summary>
    public static Task<AppendResult> Append(EventStore store, string note, string topic, DateTimeOffset? until)
    {
        ArgumentNullException.ThrowIfNull(store);
        return store.Append(
            StreamId.For("note", note), ExpectedVersion.Any, [new NoteKept(note, topic, until)]);
    }

    /// <param name="address">The store.</param>
    /// <param name="step">What is removed when the node stops, after <c>inline-</c> for an inline projection.</param>
    internal static async Task Run(string address, string step)
    {
        var isInline = step.StartsWith("inline-", StringComparison.Ordinal);
        var removesEvents = step.EndsWith(Events, StringComparison.Ordinal);
        var storage = new FaultInjectingStorage(Open(address))
        {
            AfterCommit = async (batch, _) =>
            {
                if (!batch.Any(request => removesEvents ? request.Removals.Count > 0 : RemovesDocuments(request)))
                    return;
                await Console.Out.WriteLineAsync(Committed);
                await Task.Delay(Timeout.Infinite); // The test kills the node.
            },
        };
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = [] });
        builder.Logging.ClearProviders();
        builder.Services.AddMillrace(millrace => Configure(millrace, storage, isInline));
        using var host = builder.Build();
        await host.StartAsync();
        var store = host.Services.GetRequiredService<EventStore>();
        if (!removesEvents)
        {
            await AppendKept(store);
            await AppendExpired(store); // Their removal starts soon afterwards.
        }
        else
        {
            await AppendExpired(store);
            var last = await store.ReadStream(StreamId.For("note", $"old-{Expired - 1}")).FirstAsync();
            await AppendKept(store); // Later than the events that are removed.
            var token = await store.GetToken();
            await host.Services.GetRequiredService<IReadModel<string, KeptNote>>().Get("young-0", token);
            await host.Services.GetRequiredService<RetentionService>().DeleteBefore(
                "note", last.Timestamp.AddTicks(1), "ann", [Projection]);
        }
        await host.WaitForShutdownAsync();
    }

    private static async Task AppendKept(EventStore store)
    {
        for (var i = 0; i < Kept; i++)
            await Append(store, $"young-{i}", "young", i % 2 == 0 ? null : DateTimeOffset.MaxValue.AddDays(-1));
    }

    /// <summary>Appends the notes that have expired, in one commit: their removal can start after it.</summary>
    private static Task<AppendResult> AppendExpired(EventStore store)
    {
        var request = new AppendRequest();
        for (var i = 0; i < Expired; i++)
        {
            request.To(
                StreamId.For("note", $"old-{i}"),
                ExpectedVersion.Any,
                new NoteKept($"old-{i}", "old", DateTimeOffset.UnixEpoch));
        }
        return store.Append(request);
    }

    private static ProjectionDefinition<string, KeptNote> Define(bool isInline) => new()
    {
        Name = Projection,
        Lifecycle = isInline ? ProjectionLifecycle.Inline : ProjectionLifecycle.Asynchronous,
        Stream = "note",
        Events = [typeof(NoteKept)],
        Create = static () => new NoteProjection(),
        Document = ExpiringNodeJson.Default.KeptNote,
        Fields = [new DocumentField<KeptNote>("until", FieldKind.Ticks, static note => FieldValue.From(note.Until))],
        Expiry = new DocumentExpiry("until"),
    };

    private static bool RemovesDocuments(CommitRequest request) =>
        request.Documents.Any(static change =>
            change.Body is null && CollectionName.NameOf(change.Collection) == Projection);

    private sealed class NoteProjection : Projection<string, KeptNote>
    {
        protected internal override void CollectKeys(RecordedEvent recorded, ICollection<string> keys) =>
            keys.Add(((NoteKept)recorded.Data).Note);

        protected internal override KeptNote? Fold(string key, KeptNote? document, RecordedEvent recorded)
        {
            var kept = (NoteKept)recorded.Data;
            return new KeptNote(key, kept.Topic, kept.Until);
        }
    }

    private sealed class TopicView() : GroupedView<string, KeptNote, string, TopicNotes>("topic-notes")
    {
        protected internal override string Group(KeptNote document) => document.Topic;

        protected internal override IReadOnlyList<decimal> Values(KeptNote document) => [];

        protected internal override TopicNotes Row(string group, GroupTotals totals) => new(group, totals.Count);
    }
}
