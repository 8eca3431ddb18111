using Microsoft.Extensions.Logging;

namespace Millrace.Tenancy;

/// <summary>
/// Closes unused tenants periodically. Opens closed tenants to finish pending work, at the start and periodically.
/// Each node runs one loop.
/// </summary>
internal sealed partial class IdleTenantSweeper(
    ITenantStorage storage, OpenTenants openTenants, TenantOptions options, TimeProvider time, ILogger logger)
    : IDisposable
{
    private static readonly TimeSpan MaxVisitTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    /// <summary>Starts the loop.</summary>
    /// <param name="opensClosedTenants">True if closed tenants can have pending work.</param>
    public void Start(bool opensClosedTenants) =>
        _running = Task.Run(() => Run(opensClosedTenants, _stopping.Token), CancellationToken.None);

    public async Task Stop()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stopping.Dispose();

    private async Task Run(bool opensClosedTenants, CancellationToken cancellationToken)
    {
        long? lastSweep = null;
        var pause = options.IdleAfter < options.VisitEvery ? options.IdleAfter / 2 : options.VisitEvery / 2;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await openTenants.CloseIdle(cancellationToken).ConfigureAwait(false);
                if (opensClosedTenants
                    && (lastSweep is not { } last || time.GetElapsedTime(last) >= options.VisitEvery))
                {
                    await SweepAll(cancellationToken).ConfigureAwait(false);
                    lastSweep = time.GetTimestamp();
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // An error must not stop the loop.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.CannotLook(logger, exception);
            }
            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task SweepAll(CancellationToken cancellationToken)
    {
        var all = await storage.List(cancellationToken).ConfigureAwait(false);
        openTenants.ForgetOthers(all);
        var parallelOptions = new ParallelOptions
        {
            MaxDegreeOfParallelism = options.VisitsAtOnce,
            CancellationToken = cancellationToken,
        };
        await Parallel
            .ForEachAsync(all.Where(tenant => !openTenants.Has(tenant)), parallelOptions, TrySweep)
            .ConfigureAwait(false);
    }

    private async ValueTask TrySweep(TenantId tenant, CancellationToken cancellationToken)
    {
        try
        {
            // Another node may have removed the tenant after the tenants were listed.
            if (openTenants.CanUse(tenant) && await storage.Exists(tenant, cancellationToken).ConfigureAwait(false))
                await Sweep(tenant, cancellationToken).ConfigureAwait(false);
        }
        catch (TenantNotFoundException)
        {
            // Another node has just removed the tenant.
        }
        catch (MillraceException exception)
        {
            // A tenant that cannot be opened must not affect the others.
            Log.CannotVisit(logger, tenant.Value, exception);
        }
    }

    /// <summary>
    /// Opens a tenant and lets its consumers finish pending work. Then closes the tenant, unless a caller has used
    /// it, or an index is being built. Such a tenant is closed when it is idle, and after the build.
    /// </summary>
    private async ValueTask Sweep(TenantId tenant, CancellationToken cancellationToken)
    {
        var openTenant = await openTenants.Enter(tenant, cancellationToken, isVisit: true).ConfigureAwait(false);
        try
        {
            var started = time.GetTimestamp();
            while (!openTenant.Runtime.IsBuilding
                && !await openTenant.Runtime.IsSettled(isVisit: true, cancellationToken).ConfigureAwait(false)
                && time.GetElapsedTime(started) < MaxVisitTime
                && !openTenants.IsBeingRemoved(tenant))
            {
                await Task.Delay(PollInterval, time, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            openTenants.Leave(openTenant, isVisit: true);
        }
        if (!openTenant.Runtime.IsBuilding)
            await openTenants.TryCloseVisited(openTenant).ConfigureAwait(false);
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 7002, Level = LogLevel.Error, Message = "Cannot list the tenants; retrying.")]
        public static partial void CannotLook(ILogger logger, Exception exception);

        [LoggerMessage(
            EventId = 7003,
            Level = LogLevel.Warning,
            Message = "Cannot open the tenant {Tenant} to finish pending work.")]
        public static partial void CannotVisit(ILogger logger, string tenant, Exception exception);
    }
}
