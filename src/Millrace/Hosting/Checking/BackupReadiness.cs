using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Millrace.Backups;
using Millrace.Storage;

namespace Millrace.Hosting.Checking;

/// <summary>
/// Answers the question about backups. It reads the progress from the stores, because another node may run the backup,
/// and the stores of tenants may not be open. It opens the latter for reading only, so that it changes nothing.
/// </summary>
internal sealed class BackupReadiness(IServiceProvider services) : IReadinessCheck
{
    private const int MaxProblems = 3;
    private const int StoresAtOnce = 4;
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(6);

    private readonly TimeProvider _time = services.GetRequiredService<TimeProvider>();

    private BackupOptions Options => services.GetRequiredService<IOptions<BackupOptions>>().Value;

    /// <summary>Gets the time that an event waits at most for its backup and for the checkpoint after it.</summary>
    private TimeSpan MaxWaiting =>
        Options.MaxWaiting + services.GetRequiredService<IOptions<ConsumerOptions>>().Value.CheckpointEvery;

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
        return [await CheckStores(Options.Place?.Description ?? "its place", cancellationToken).ConfigureAwait(false)];
    }

    /// <summary>Returns the answer about the stores of tenants: yes only if all are known and backed up.</summary>
    /// <param name="tenants">The number of tenants.</param>
    /// <param name="states">What is known of the tenants that were checked in time.</param>
    /// <param name="place">The description of the place.</param>
    internal static ReadinessItem AnswerOf(
        int tenants, IReadOnlyDictionary<TenantId, StoreState> states, string place)
    {
        var problems = states
            .Where(static one => one.Value.Problem is not null)
            .OrderBy(static one => one.Key.Value, StringComparer.Ordinal)
            .Select(static one => $"The backup of tenant '{one.Key}' {one.Value.Problem}")
            .ToList();
        if (problems.Count > 0)
            return ReadinessQuestion.Backup.No(TextOf(problems));
        var unknown = states
            .Where(static one => one.Value.Unknown is not null)
            .OrderBy(static one => one.Key.Value, StringComparer.Ordinal)
            .Select(static one => $"The backup of tenant '{one.Key}' is not known: {one.Value.Unknown}")
            .ToList();
        if (states.Count < tenants)
            unknown.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"Only {states.Count} of {tenants} tenants could be checked within {MaxTime.TotalSeconds:0} s."));
        return unknown.Count > 0
            ? ReadinessQuestion.Backup.Unknown(TextOf(unknown))
            : ReadinessQuestion.Backup.Yes(
                $"The stores of {ModelReadiness.Counted(tenants, "tenant")} are backed up to {place}.");
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
        var states = new ConcurrentDictionary<TenantId, StoreState>();
        using var timeout = new CancellationTokenSource(MaxTime, _time);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            await Parallel.ForEachAsync(
                all,
                new ParallelOptions { MaxDegreeOfParallelism = StoresAtOnce, CancellationToken = limited.Token },
                async (tenant, cancel) =>
                    states[tenant] = await FindState(tenants.Storage, tenant, cancel).ConfigureAwait(false))
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The answer states how many tenants were checked.
        }
        return AnswerOf(all.Count, states, place);
    }

    private async ValueTask<StoreState> FindState(
        ITenantStorage tenants, TenantId tenant, CancellationToken cancellationToken)
    {
        try
        {
            if (tenants.OfReadOnly(tenant) is not { } storage)
                return new StoreState(Problem: null, "its storage cannot be read without changing it.");
            await using var _ = storage.ConfigureAwait(false);
            await storage.Open(cancellationToken).ConfigureAwait(false);
            return new StoreState(
                await FindProblem(storage, cancellationToken).ConfigureAwait(false), Unknown: null);
        }
        catch (MillraceException exception)
        {
            return new StoreState(Problem: null, exception.Message);
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
        if (!leases.IsHeld(record))
            return string.Create(CultureInfo.InvariantCulture, $"runs on no node, and {waiting:N0} events wait.");
        // A node that holds the lease may hang, or make no progress.
        var next = await storage.Log
            .ReadLog(
                new LogPageQuery(EventFilter.All, (record.Checkpoint ?? 0) + 1, IsBackwards: false, 1)
                {
                    IsBrief = true,
                },
                cancellationToken)
            .ConfigureAwait(false);
        return next.Events is [var oldest, ..]
            && leases.Now - oldest.Timestamp > MaxWaiting
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"is late: {waiting:N0} events wait, the first one since {oldest.Timestamp.UtcDateTime:u}.")
            : null;
    }

    private static string ProblemOf(BackupStatus backup) => backup.Error is { } error
        ? $"The last backup to {backup.Place} failed: {error}"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"The backup to {backup.Place} is late: {backup.WaitingEvents:N0} events wait.");

    private static string TextOf(List<string> problems) =>
        string.Join(' ', problems.Take(MaxProblems))
            + (problems.Count > MaxProblems ? $" {problems.Count - MaxProblems} more have a problem." : "");

    /// <summary>What is known of the backup of a store; both are null if it is complete.</summary>
    /// <param name="Problem">The end of a sentence about its problem.</param>
    /// <param name="Unknown">Why its state is not known.</param>
    internal readonly record struct StoreState(string? Problem, string? Unknown);
}
