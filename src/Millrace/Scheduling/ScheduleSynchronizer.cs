using Microsoft.Extensions.Logging;
using Millrace.Events;
using Millrace.Storage;

namespace Millrace.Scheduling;

/// <summary>Updates the stored schedules to the definitions of this build, when a node starts.</summary>
internal sealed class ScheduleSynchronizer(
    EventStore store,
    IReadOnlyDictionary<string, ScheduleDefinition> definitions,
    ScheduleWriter writer,
    ILogger logger)
{
    /// <summary>The error of a schedule that this build does not define.</summary>
    public const string NotInBuild = "It is not in the build of this node.";

    /// <summary>Stores the definitions of this build, and marks the schedules that it does not define.</summary>
    public async ValueTask Run(CancellationToken cancellationToken)
    {
        foreach (var definition in definitions.Values)
            await Define(definition, cancellationToken).ConfigureAwait(false);
        await MarkUndefined(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stores one definition. A schedule whose times have not changed keeps its next time.</summary>
    private async ValueTask Define(ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        while (true)
        {
            var found = await store
                .Storage.Documents.Get(ScheduleStore.Name, definition.Name, cancellationToken)
                .ConfigureAwait(false);
            var before = found is null ? null : ScheduleStore.Read(found);
            if (ResolveDefinition(definition, before) is not { } after || after == before)
                return;
            var isNew = (before?.Cron, before?.TimeZone, before?.Time) != (after.Cron, after.TimeZone, after.Time);
            var note = new TimerNote { Due = after.Due };
            var type = isNew ? PlatformEvents.ScheduleDefined : null;
            var isSaved = await writer
                .TrySave(definition.Name, after, found?.Version ?? 0, type, note, cancellationToken)
                .ConfigureAwait(false);
            if (isSaved)
                return;
        } // Each iteration follows a concurrent change of the schedule.
    }

    /// <summary>Marks the stored schedules that this build does not define, even before they are due.</summary>
    private async ValueTask MarkUndefined(CancellationToken cancellationToken)
    {
        DocumentCursor? after = null;
        do
        {
            var query = new DocumentQuery { Collection = ScheduleStore.Name, After = after, Limit = 1_000 };
            var page = await store.Storage.Documents.Query(query, cancellationToken).ConfigureAwait(false);
            foreach (var document in page.Documents.Where(document => !definitions.ContainsKey(document.Key)))
                await MarkUndefined(document, cancellationToken).ConfigureAwait(false);
            after = page.Next;
        }
        while (after is not null);
    }

    private async ValueTask MarkUndefined(Document document, CancellationToken cancellationToken)
    {
        for (var found = document; found is not null;)
        {
            var before = ScheduleStore.Read(found);
            var after = WithoutCode(found.Key, before);
            if (after == before)
                return;
            var note = new TimerNote();
            if (await writer
                    .TrySave(found.Key, after, found.Version, null, note, cancellationToken)
                    .ConfigureAwait(false))
            {
                if (after.IsGone && !before.IsGone)
                    ScheduleLog.Stopped(logger, found.Key, after.Error!); // Set by WithoutCode.
                return;
            }
            found = await store
                .Storage.Documents.Get(ScheduleStore.Name, found.Key, cancellationToken)
                .ConfigureAwait(false);
        } // Each iteration follows a concurrent change of the schedule.
    }

    /// <summary>
    /// Returns a schedule that this build does not define. The schedule keeps its next time until it is due. If a node
    /// of another build defines the schedule, it continues with that time.
    /// </summary>
    private ScheduleRecord WithoutCode(string name, ScheduleRecord before)
    {
        var after = before with { Code = null };
        if (before.IsGone)
            return after;
        if (before is not { IsAdded: true, Removed: null })
            return after with { IsGone = true, Error = NotInBuild };
        if (FindRefused(name, after) is { } refused)
            return refused;
        if (before.Due is not null || before.IsPaused)
            return after;
        return after.TryResolve(store.Time.GetUtcNow()) ?? after; // A node without the time zone had cleared the time.
    }

    /// <summary>
    /// Returns a schedule as this build defines it, or null if this machine does not know its time zone.
    /// </summary>
    private ScheduleRecord? ResolveDefinition(ScheduleDefinition definition, ScheduleRecord? before)
    {
        var withCode = (before ?? ScheduleRecord.Of(definition.Form)) with { Code = definition.Form };
        if (withCode.IsGone)
            withCode = withCode with { IsGone = false, Error = null };
        if (FindRefused(definition.Name, withCode) is { } refused)
            return refused;
        try
        {
            return withCode.Resolved(store.Time.GetUtcNow(), definition.TimeZone);
        }
        catch (Exception exception) when (exception is TimeZoneNotFoundException or InvalidTimeZoneException)
        {
            ScheduleLog.CannotForm(logger, definition.Name, exception);
            return null; // The error is stored when the schedule is due; the other schedules run.
        }
    }

    /// <summary>
    /// Returns a schedule without a time and with an error if this build refuses its stored cron expression. Returns
    /// null otherwise. An earlier build may have accepted the expression, so the other schedules must continue.
    /// </summary>
    private ScheduleRecord? FindRefused(string name, ScheduleRecord record)
    {
        var refused = record.Refused();
        if (refused is { Error: { } error, Removed: null })
            ScheduleLog.Stopped(logger, name, error);
        return refused;
    }
}
