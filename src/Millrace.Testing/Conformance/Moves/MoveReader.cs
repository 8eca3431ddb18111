using Millrace.Storage;
using Millrace.Storage.Moves;

namespace Millrace.Testing.Conformance.Moves;

/// <summary>Reads a store as an application does, and returns it in the form in which a move copies it.</summary>
internal static class MoveReader
{
    public static async Task<MoveContent> Read(StorageProbe probe)
    {
        var content = new MoveContent();
        foreach (var recorded in await probe.ReadLog(limit: 100))
            content.Add(recorded);
        await ReadStreams(probe, content);
        await ReadFacts(probe, content);
        await ReadConsumers(probe, content);
        var deadLetters = new DeadLetterQuery { States = Enum.GetValues<DeadLetterState>() };
        foreach (var deadLetter in await probe.DeadLetters.List(deadLetters, probe.Cancel))
            Add(content, deadLetter);
        await ReadReadModels(probe, content);
        await ReadDocuments(probe, content);
        return content;
    }

    private static async Task ReadStreams(StorageProbe probe, MoveContent content)
    {
        foreach (var (number, removal) in (await probe.Log.ReadRemovals(0, 100, probe.Cancel)).Removals)
            content.Put(
                MovedTables.Removals,
                number,
                removal.Stream.Value,
                (long)removal.Kind,
                removal.FromVersion,
                removal.ToVersion,
                removal.Events,
                removal.Reason,
                removal.User,
                Time(removal.At));
        foreach (var stream in await probe.Log.ListStreams("", null, 100, probe.Cancel))
        {
            if (stream.FirstVersion != 1 || stream.State != StreamState.Open)
                content.Put(
                    MovedTables.StreamBounds, stream.Stream.Value, stream.FirstVersion, (long)stream.State);
        }
    }

    private static async Task ReadFacts(StorageProbe probe, MoveContent content)
    {
        foreach (var value in MoveSample.ClaimedValues)
        {
            if (await probe.Log.FindClaim(MoveSample.Scope, value, probe.Cancel) is { } owner)
                content.Put(MovedTables.Claims, MoveSample.Scope, value, owner);
        }
        foreach (var id in MoveSample.HandledIds)
        {
            if (await probe.Log.FindHandled(MoveSample.Scope, id, probe.Cancel) is { } answer)
                content.Put(
                    MovedTables.Handled,
                    MoveSample.Scope,
                    id,
                    answer.Answer.ToArray(),
                    answer.Position,
                    Time(Sample.FarFuture));
        }
    }

    private static async Task ReadConsumers(StorageProbe probe, MoveContent content)
    {
        foreach (var record in await probe.Leases.List(probe.Cancel))
        {
            content.Put(
                MovedTables.Consumers,
                record.Consumer,
                (long)record.Partition,
                record.Holder,
                record.LeaseEpoch,
                Time(record.LeaseUntil),
                record.Checkpoint,
                record.State,
                record.Error,
                Time(record.ReportedAt),
                Time(record.HeldSince),
                Time(record.StateSince));
            if (record.IsPaused)
                content.Put(MovedTables.PausedConsumers, record.Consumer);
        }
    }

    private static void Add(MoveContent content, DeadLetter deadLetter) => content.Put(
        MovedTables.DeadLetters,
        deadLetter.Id,
        deadLetter.Revision,
        deadLetter.Consumer,
        (long)deadLetter.Partition,
        deadLetter.Position,
        deadLetter.Key,
        deadLetter.Stream.Value,
        deadLetter.Version,
        deadLetter.EventType,
        deadLetter.EventId,
        (long)deadLetter.State,
        (long)deadLetter.Attempts,
        Time(deadLetter.RetryAt),
        (long?)deadLetter.Class,
        deadLetter.Cause,
        deadLetter.ErrorType,
        deadLetter.Message,
        deadLetter.Stack,
        Time(deadLetter.FirstFailedAt),
        Time(deadLetter.LastFailedAt),
        deadLetter.EditedPayload?.ToArray(),
        (long?)deadLetter.Decision,
        deadLetter.User,
        deadLetter.Reason,
        Time(deadLetter.DecidedAt));

    private static async Task ReadReadModels(StorageProbe probe, MoveContent content)
    {
        foreach (var record in await probe.Documents.ListReadModels(probe.Cancel))
        {
            content.Put(
                MovedTables.ReadModels,
                record.Name,
                record.Revision,
                record.Live,
                record.Building,
                record.Kept,
                record.SwitchesAutomatically ? 1L : 0L,
                record.Builds);
            foreach (var retired in record.Retired)
                content.Put(MovedTables.RetiredCollections, retired.Name, record.Name, Time(retired.Until));
        }
    }

    private static async Task ReadDocuments(StorageProbe probe, MoveContent content)
    {
        foreach (var info in await probe.Documents.List(probe.Cancel))
        {
            content.Create(info.Definition);
            var table = MovedTables.OfDocuments(info.Definition);
            var query = new DocumentQuery { Collection = info.Definition.Name, Limit = 100, WithFields = true };
            foreach (var found in (await probe.Documents.Query(query, probe.Cancel)).Documents)
            {
                var values = Expect.NotNull(found.Fields, "the fields of a document").Select(Field);
                content.Put(
                    table, [found.Key, found.Version, found.Position, found.Body.ToArray(), .. values]);
            }
        }
    }

    private static object? Field(FieldValue field) => field.Value switch
    {
        double real => FieldNumbers.ToSortable(real),
        TimeSpan ticks => ticks.Ticks,
        var value => value,
    };

    private static object? Time(DateTimeOffset? time) => FieldValue.Microseconds(time).Value;
}
