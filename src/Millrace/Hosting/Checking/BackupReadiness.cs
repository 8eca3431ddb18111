using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Millrace.Backups;
using Millrace.Storage;

namespace Millrace.Hosting.Checking;

/// <summary>
/// Answers the question about backups. It reads the progress from the stores, because another node may run the backup,
/// and the stores of tenants may not be open.
/// </summary>
internal sealed class BackupReadiness(IServiceProvider services) : IReadinessCheck
{
    private const int MaxProblems = 3;
    private const int StoresAtOnce = 4;
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(6);

    private readonly TimeProvider _time = services.GetRequiredService<TimeProvider>();

    public async ValueTask<IReadOnlyList<ReadinessItem>> Check(CancellationToken cancellationToken)
    {
        if (services.GetService<ContinuousBackup>() is not { } backups)
            return [ReadinessQuestion.Backup.No("The application does not back up its store.")];
        var running = backups.List()
            .Where(static one => one.IsLate || one.Error is not null)
            .Select(ProblemOf)
            .ToList();
        if (running.Count > 0)
            return [ReadinessQuestion.Backup.No(TextOf(running))];
        var place = services.GetRequiredService<IOptions<BackupOptions>>().Value.Place?.Description ?? "its place";
        return [await CheckStores(place, cancellationToken).ConfigureAwait(false)];
    }

    private async ValueTask<ReadinessItem> CheckStores(string place, CancellationToken cancellationToken)
    {
        var tenants = services.GetService<Tenants>();
        var store = tenants is null
            ? services.GetRequiredService<EventStore>()
            : TenantRegistration.FindSharedStore(tenants);
        if (store is null)
            return await CheckTenants(tenants!, place, cancellationToken).ConfigureAwait(false); // They have stores.
        var problem = await FindProblem(store.Stored.Storage, cancellationToken).ConfigureAwait(false);
        return problem is null
            ? ReadinessQuestion.Backup.Yes($"Events are backed up to {place}.")
            : ReadinessQuestion.Backup.No($"The backup {problem}");
    }

    /// <summary>Checks the stores of all tenants, as many as the time permits.</summary>
    private async Task<ReadinessItem> CheckTenants(Tenants tenants, string place, CancellationToken cancellationToken)
    {
        var all = await tenants.List(cancellationToken).ConfigureAwait(false);
        var problems = new ConcurrentDictionary<TenantId, string?>();
        using var timeout = new CancellationTokenSource(MaxTime, _time);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            await Parallel.ForEachAsync(
                all,
                new ParallelOptions { MaxDegreeOfParallelism = StoresAtOnce, CancellationToken = limited.Token },
                async (tenant, cancel) =>
                    problems[tenant] = await FindProblem(tenants.Storage, tenant, cancel).ConfigureAwait(false))
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The answer states how many tenants were checked.
        }
        var found = problems
            .Where(static one => one.Value is not null)
            .OrderBy(static one => one.Key.Value, StringComparer.Ordinal)
            .Select(static one => $"The backup of tenant '{one.Key}' {one.Value}")
            .ToList();
        if (found.Count > 0)
            return ReadinessQuestion.Backup.No(TextOf(found));
        var stores = problems.Count == all.Count
            ? $"The stores of {ModelReadiness.Counted(all.Count, "tenant")} are"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"The stores of {problems.Count} of {all.Count} tenants, which were checked within "
                    + $"{MaxTime.TotalSeconds:0} s, are");
        return ReadinessQuestion.Backup.Yes($"{stores} backed up to {place}.");
    }

    private async ValueTask<string?> FindProblem(
        ITenantStorage tenants, TenantId tenant, CancellationToken cancellationToken)
    {
        var storage = tenants.Of(tenant);
        await using var _ = storage.ConfigureAwait(false);
        try
        {
            await storage.Open(cancellationToken).ConfigureAwait(false);
            return await FindProblem(storage, cancellationToken).ConfigureAwait(false);
        }
        catch (MillraceException exception)
        {
            return $"is not known: {exception.Message}";
        }
    }

    /// <summary>Returns the end of a sentence about the problem of a backup; null if there is none.</summary>
    private async ValueTask<string?> FindProblem(IStorage storage, CancellationToken cancellationToken)
    {
        var position = (await storage.Log.GetHead(cancellationToken).ConfigureAwait(false)).Position;
        var found = await storage.Leases.Find(BackupProcessor.ConsumerName, cancellationToken).ConfigureAwait(false);
        if (found is not [var record, ..])
            return position == 0 ? null : "has not started.";
        if (record.IsPaused)
            return "is paused.";
        if (record.Error is { } error)
            return $"failed: {error}";
        var waiting = position - (record.Checkpoint ?? 0);
        if (waiting <= 0)
            return null;
        var leases = await storage.Leases.Inspect(_time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        return leases.IsHeld(record)
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"runs on no node, and {waiting:N0} events wait.");
    }

    private static string ProblemOf(BackupStatus backup) => backup.Error is { } error
        ? $"The last backup to {backup.Place} failed: {error}"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"The backup to {backup.Place} is late: {backup.WaitingEvents:N0} events wait.");

    private static string TextOf(List<string> problems) =>
        string.Join(' ', problems.Take(MaxProblems))
            + (problems.Count > MaxProblems ? $" {problems.Count - MaxProblems} more have a problem." : "");
}
