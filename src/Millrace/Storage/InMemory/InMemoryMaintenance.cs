using Millrace.Streams;

namespace Millrace.Storage.InMemory;

/// <summary>Information and verification of the in-memory data.</summary>
internal sealed class InMemoryMaintenance(InMemoryData data) : IMaintenanceStorage
{
    private const int SchemaVersion = 1;
    private const int MaxTypes = 100;

    public ValueTask<StoreInfo> GetInfo(CancellationToken cancellationToken)
    {
        using (data.Reading(cancellationToken))
        {
            return ValueTask.FromResult(new StoreInfo
            {
                Head = data.Head,
                Events = data.Events.Count,
                Streams = data.Streams.Count,
                SizeBytes = 0,
                SchemaVersion = SchemaVersion,
                RemovedEvents = data.Removals.Sum(removal => removal.Events),
                Types = [.. CountTypes().OrderByDescending(type => type.Events)
                    .ThenBy(type => type.Type, CodePointOrder.Instance).Take(MaxTypes)],
            });
        }
    }

    public ValueTask<string?> GetIdentity(CancellationToken cancellationToken)
    {
        using (data.Reading(cancellationToken))
            return new($"{data.Id}/{data.Epoch}");
    }

    public ValueTask Backup(
        string destination, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken) =>
        throw new StorageException(
            "The in-memory storage does not support backups, because its data is lost when the program ends.",
            StorageProblem.Other);

    public ValueTask<VerifyReport> Verify(IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken)
    {
        using (data.Reading(cancellationToken))
        {
            var report = new InMemoryVerification(data).Run();
            progress?.Report(new MaintenanceProgress(data.Events.LastPosition, data.Events.LastPosition, "events"));
            return ValueTask.FromResult(report);
        }
    }

    public ValueTask<LogHead> StartEpoch(CancellationToken cancellationToken)
    {
        using (data.Writing(cancellationToken))
        {
            data.Epoch++;
            data.NotifyMoved();
            return ValueTask.FromResult(data.Head);
        }
    }

    public ValueTask RemoveByPrefix(string prefix, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(prefix);
        using (data.Writing(cancellationToken))
        {
            foreach (var name in WithPrefix(data.Collections.Keys, prefix))
                data.Collections.Remove(name);
            foreach (var name in WithPrefix(data.ReadModels.Keys, prefix))
                data.ReadModels.Remove(name);
            foreach (var name in WithPrefix(data.Consumers.All.Select(record => record.Consumer), prefix))
                data.Consumers.Remove(name);
            foreach (var claim in data
                    .Claims.Keys.Where(claim => claim.Scope.StartsWith(prefix, StringComparison.Ordinal))
                    .ToArray())
                data.Claims.Remove(claim);
            data.DeadLetters.RemoveByPrefix(prefix);
            data.Handled.RemoveByPrefix(prefix);
        }
        return ValueTask.CompletedTask;
    }

    private static string[] WithPrefix(IEnumerable<string> names, string prefix) =>
        [.. names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal))];

    private IEnumerable<TypeCount> CountTypes()
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        for (var position = 1L; position <= data.Events.LastPosition; position++)
        {
            if (data.Events.Find(position) is { } stored)
                counts[stored.Encoded.Type] = counts.GetValueOrDefault(stored.Encoded.Type) + 1;
        }
        return counts.Select(pair => new TypeCount(pair.Key, pair.Value));
    }
}
