using System.Diagnostics;
using System.Text.Json;
using Millrace.Consuming;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.ProcessManagers;

/// <summary>Reads instances of processes, and writes their events with the document by which they are found.</summary>
internal static class ProcessStore
{
    public const string StateField = "state";
    public const string ChangedField = "changed";

    public static CollectionDefinition CollectionOf(string process) =>
        new(
            ProcessNames.CollectionOf(process),
            [
                new FieldDefinition(DueDocumentScheduler.Field, FieldKind.Integer),
                new FieldDefinition(StateField, FieldKind.Text),
                new FieldDefinition(ChangedField, FieldKind.Integer),
                new FieldDefinition("version", FieldKind.Integer),
            ]
        );

    /// <summary>Reads an instance from its stream. Returns null if the instance does not exist.</summary>
    public static async ValueTask<ProcessInstance?> Load(
        EventStore store, string process, string id, CancellationToken cancellationToken)
    {
        ProcessInstance? instance = null;
        await foreach (
            var recorded in store
                .ReadStream(ProcessNames.StreamOf(process, id), cancellationToken: cancellationToken)
                .ConfigureAwait(false))
        {
            instance ??= new ProcessInstance(process, id);
            instance.ApplyStored(
                recorded.Type, Read(recorded), recorded.Timestamp, recorded.Version, recorded.CorrelationId);
            instance.NoteTrace(TraceContinuation.ParentOf(recorded), recorded.Timestamp);
        }
        return instance;
    }

    public static ProcessNote Read(RecordedEvent recorded) =>
        JsonSerializer.Deserialize(recorded.Payload.Span, ProcessJson.Default.ProcessNote) ?? new ProcessNote();

    /// <summary>Adds the events of decisions to a request, and the document if its index fields change.</summary>
    public static AppendRequest AddTo(AppendRequest request, ProcessDecider decider) =>
        Write(request, decider.Instance, decider.Events);

    /// <summary>Adds a user's decision to a request, and applies it to the instance.</summary>
    public static AppendRequest AddTo(
        AppendRequest request,
        ProcessInstance instance,
        IReadOnlyList<(string Type, ProcessNote Note)> events,
        DateTimeOffset now)
    {
        foreach (var (type, note) in events)
            instance.Apply(type, note, now);
        return Write(request, instance, events);
    }

    private static AppendRequest Write(
        AppendRequest request, ProcessInstance instance, IReadOnlyList<(string Type, ProcessNote Note)> events)
    {
        var expected = ExpectedVersion.AsRead(instance.StreamVersion);
        request.To(ProcessNames.StreamOf(instance.Process, instance.Id), expected, [.. events.Select(Event)]);
        instance.NoteTrace(Activity.Current?.Id, instance.ChangedAt); // As the append records it.
        if (instance.Record?.MatchesInstance(instance) == true)
            return request; // The stream has the details of a running instance.
        if (instance is { IsStarted: false, BufferedEvents.IsEmpty: true })
        {
            request.With(
                new DocumentChange { Collection = ProcessNames.CollectionOf(instance.Process), Key = instance.Id }
            );
            instance.Record = null;
            return request;
        }
        var record = RecordOf(instance);
        request.With(Document(instance, record));
        instance.Record = record;
        return request;
    }

    private static NewEvent Event((string Type, ProcessNote Note) decided) =>
        NewEvent.FromBytes(
            decided.Type, JsonSerializer.SerializeToUtf8Bytes(decided.Note, ProcessJson.Default.ProcessNote)) with
        {
            Metadata = decided.Note.By is null ? null : new EventMetadata { UserId = decided.Note.By },
        };

    private static ProcessRecord RecordOf(ProcessInstance instance) => new()
    {
        Due = instance.Due,
        Version = instance.Version,
        State = instance.State.ToString(),
        Steps = [.. instance.Current],
        StartedAt = instance.StartedAt,
        ChangedAt = instance.ChangedAt,
        Reason = instance.Reason,
    };

    private static DocumentChange Document(ProcessInstance instance, ProcessRecord record) => new()
    {
        Collection = ProcessNames.CollectionOf(instance.Process),
        Key = instance.Id,
        Body = JsonSerializer.SerializeToUtf8Bytes(record, ProcessJson.Default.ProcessRecord),
        Fields = record.Fields(),
    };
}
