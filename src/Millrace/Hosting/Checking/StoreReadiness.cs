using Microsoft.Extensions.DependencyInjection;
using Millrace.Events;
using Millrace.Storage;
using Millrace.Storage.InMemory;

namespace Millrace.Hosting.Checking;

/// <summary>Answers the questions about the store.</summary>
internal sealed class StoreReadiness(IServiceProvider services) : IReadinessCheck
{
    public async ValueTask<IReadOnlyList<ReadinessItem>> Check(CancellationToken cancellationToken)
    {
        var store = services.GetRequiredService<EventStore>();
        var info = await store.GetInfo(cancellationToken).ConfigureAwait(false);
        return
        [
            EventSourcing(store, info),
            store.Description == InMemoryStorage.Name
                ? ReadinessQuestion.DurableStore.No("The store is in memory and lost when the application ends.")
                : ReadinessQuestion.DurableStore.Yes($"{store.Description}."),
            await StoreItem(store, info, cancellationToken).ConfigureAwait(false),
            LogAudit(),
        ];
    }

    private static ReadinessItem EventSourcing(EventStore store, StoreInfo info)
    {
        var application = info.Types.Where(static one => !IsOfPlatform(one.Type)).ToList();
        var unknown = application
            .Select(static one => one.Type)
            .Where(type => !store.Types.CanRead(type))
            .ToList();
        return unknown.Count > 0
            ? ReadinessQuestion.EventSourcing.No(
                $"The application cannot read stored events of the types {ModelReadiness.Names(unknown)}.")
            : ReadinessQuestion.EventSourcing.Yes(
                $"{ModelReadiness.Counted(application.Count, "stored event type")} can be read.");
    }

    private static bool IsOfPlatform(string type) =>
        PlatformEvents.Contains(type) || PlatformEvents.IsReserved(type);

    private static async Task<ReadinessItem> StoreItem(
        EventStore store, StoreInfo info, CancellationToken cancellationToken)
    {
        var indexes = await store.ListAdvisedIndexes(cancellationToken).ConfigureAwait(false);
        var missing = indexes.Count(static index => index.State == AdvisedIndexState.Missing);
        return missing > 0
            ? ReadinessQuestion.Store.No($"{ModelReadiness.Counted(missing, "advised index")} cannot be built.")
            : ReadinessQuestion.Store.Yes(string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"It answers, and contains {info.Events:N0} events in {info.SizeBytes / 1_000_000.0:N1} MB."));
    }

    private ReadinessItem LogAudit() => services.GetService<LogAudit>()?.Status switch
    {
        null => ReadinessQuestion.LogAudit.No("Nothing compares the log with what it promises while it grows."),
        { IsSound: false } found =>
            ReadinessQuestion.LogAudit.No($"The audit of the log found {found.ProblemCount} problems."),
        { LastAuditedAt: null } => ReadinessQuestion.LogAudit.Unknown("The audit has not read the log yet."),
        var sound => ReadinessQuestion.LogAudit.Yes($"The log is sound up to position {sound.Position}."),
    };
}
