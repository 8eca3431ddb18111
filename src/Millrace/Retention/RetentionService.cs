using System.Globalization;
using Millrace.Erasing;
using Millrace.Retention;

namespace Millrace;

/// <summary>
/// Runs the retention policies of an application: shows what they would remove, removes it, and reports what was
/// removed. Thread-safe.
/// </summary>
/// <remarks>
/// A run consists of events in the stream <c>$retention-ID</c>. The commit that removes events also records them. One
/// node runs the policies of a store at a time, and another node can continue after a failure.
/// </remarks>
public sealed class RetentionService
{
    private const int MaxIdCharacters = 100;

    private static readonly TimeSpan LockWait = TimeSpan.FromSeconds(1);

    private readonly ErasureScope _scope;
    private readonly RetentionSettings? _settings; // A tool uses the policies that the application has recorded.
    private readonly RetentionLog _log;
    private readonly RetentionProcess _process;

    internal RetentionService(ErasureScope scope, RetentionSettings? settings, RetentionProcess process) =>
        (_scope, _settings, _log, _process) = (scope, settings, new RetentionLog(scope), process);

    /// <summary>
    /// Returns the retention of a store, for tools. They use the policies that the application recorded when it last
    /// started.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="tenant">The tenant to which the store belongs; empty without tenants.</param>
    /// <param name="archiveDirectory">The directory of archive files; null for none.</param>
    public static RetentionService Of(EventStore store, string tenant = "", string? archiveDirectory = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(tenant);
        var scope = new ErasureScope(store, tenant, "");
        var settings = new RetentionSettings
        {
            Declaration = RetentionDeclaration.Empty,
            ArchiveDirectory = archiveDirectory,
        };
        return new RetentionService(scope, null, new RetentionProcess(scope, settings, null));
    }

    /// <summary>Returns the policies, such as <c>category cart: delete after 30 days</c>.</summary>
    public async Task<IReadOnlyList<string>> ListPolicies(CancellationToken cancellationToken = default)
    {
        var declaration = _settings?.Declaration
            ?? await _log.FindDeclaration(cancellationToken).ConfigureAwait(false)
            ?? RetentionDeclaration.Empty;
        return [.. declaration.Rules
            .Where(rule => rule.AppliesTo(_scope.Tenant))
            .Select(rule => rule.ToString())];
    }

    /// <summary>Returns what a run would remove and keep now. Nothing is changed.</summary>
    public async Task<RetentionRun> Plan(CancellationToken cancellationToken = default) =>
        await _process.Plan(await Declaration(cancellationToken).ConfigureAwait(false), null, cancellationToken)
            .ConfigureAwait(false);

    /// <summary>Runs the policies. Continues the run if it was interrupted; a run that has ended is returned.</summary>
    /// <param name="by">The user who starts the run.</param>
    /// <param name="id">The id of the run, of lower-case letters, digits and dashes; null for the current time.
    /// Ids that start with <c>scheduled-</c> are reserved.</param>
    /// <param name="cancellationToken">Cancels the operation. A later call with the same id continues.</param>
    /// <exception cref="InvalidNameException">The id is not valid.</exception>
    /// <exception cref="LockUnavailableException">Another node is running the policies.</exception>
    /// <exception cref="RetentionRefusedException">A policy cannot be carried out. Nothing was removed by
    /// it.</exception>
    public Task<RetentionRun> Run(string by, string? id = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        id ??= NewId("run");
        CheckId(id);
        return id.StartsWith(RetentionScheduler.IdPrefix, StringComparison.Ordinal)
            ? throw new InvalidNameException(
                "id of a retention run", id, $"ids that start with '{RetentionScheduler.IdPrefix}' are for runs at "
                    + "scheduled times")
            : Run(id, by, null, LockWait, cancellationToken);
    }

    /// <summary>
    /// Removes the streams of a category whose last event was recorded before a time, whatever the period of its
    /// policy. It is refused if the policy keeps the category. Streams with events of types that are kept longer or
    /// archived, and streams with personal data that a policy erases but that is not erased yet, are kept.
    /// </summary>
    /// <param name="category">The category, such as <c>cart</c>.</param>
    /// <param name="before">The time.</param>
    /// <param name="by">The user who removes them.</param>
    /// <param name="evenIfReadBy">The read models that may lose events, as for
    /// <see cref="RetentionPolicy.EvenIfReadBy"/>; null for none.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The number of removed events. <see cref="RunBefore"/> returns the complete report.</returns>
    /// <exception cref="RetentionRefusedException">The policy of the category keeps it, or the time is in the
    /// future.</exception>
    /// <inheritdoc cref="Run(string, string?, CancellationToken)"/>
    public async Task<long> DeleteBefore(
        string category,
        DateTimeOffset before,
        string by,
        IReadOnlyList<string>? evenIfReadBy = null,
        CancellationToken cancellationToken = default) =>
        (await RunBefore(category, before, by, evenIfReadBy, cancellationToken).ConfigureAwait(false)).Events;

    /// <summary>Removes what <see cref="DeleteBefore"/> removes, and returns the complete report.</summary>
    /// <returns>The run.</returns>
    /// <inheritdoc cref="DeleteBefore"/>
    public async Task<RetentionRun> RunBefore(
        string category,
        DateTimeOffset before,
        string by,
        IReadOnlyList<string>? evenIfReadBy = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        var rule = await RuleBefore(category, before, evenIfReadBy, cancellationToken).ConfigureAwait(false);
        return await Run(NewId("before"), by, rule, LockWait, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns what <see cref="DeleteBefore"/> would remove and keep now. Nothing is changed.</summary>
    /// <inheritdoc cref="DeleteBefore"/>
    public async Task<RetentionRun> PlanBefore(
        string category,
        DateTimeOffset before,
        IReadOnlyList<string>? evenIfReadBy = null,
        CancellationToken cancellationToken = default)
    {
        var rule = await RuleBefore(category, before, evenIfReadBy, cancellationToken).ConfigureAwait(false);
        var declaration = await Declaration(cancellationToken).ConfigureAwait(false);
        return await _process.Plan(declaration, rule, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Continues all runs that were interrupted. A host does this when it starts.</summary>
    /// <returns>The number of runs that ended.</returns>
    /// <exception cref="AggregateException">Runs could not be continued. The others were continued.</exception>
    public async Task<int> Resume(CancellationToken cancellationToken = default) =>
        await InterruptedWork.Continue(
            await _log.FindOpen(cancellationToken).ConfigureAwait(false),
            Resume,
            "Retention runs could not be continued.",
            cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Stops a run that was interrupted, so that it is not continued, or a run that a node is carrying out, which ends
    /// after its current batch. What was removed before is not restored. Erasures of the run that have started are
    /// completed, and the others are refused. A run that was stopped before is returned.
    /// </summary>
    /// <param name="id">The id of the run.</param>
    /// <param name="by">The user who stops it.</param>
    /// <param name="reason">The reason, which the report shows.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="InvalidNameException">The id is not valid.</exception>
    /// <exception cref="RetentionNotFoundException">There is no such run.</exception>
    /// <exception cref="RetentionRefusedException">The run was completed.</exception>
    public async Task<RetentionRun> Stop(
        string id, string by, string reason, CancellationToken cancellationToken = default)
    {
        CheckId(id);
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        return (await _process.Stop(id, by, reason, cancellationToken).ConfigureAwait(false)).Info;
    }

    /// <summary>Returns a run; null if there is no such run.</summary>
    public async Task<RetentionRun?> Find(string id, CancellationToken cancellationToken = default)
    {
        CheckId(id);
        var record = await _log.Read(id, cancellationToken).ConfigureAwait(false);
        return record.HasStarted ? record.Info : null;
    }

    /// <summary>Returns all runs, in the order of their ids.</summary>
    public async Task<IReadOnlyList<RetentionRun>> List(CancellationToken cancellationToken = default)
    {
        var all = new List<RetentionRun>();
        foreach (var id in await _log.ListIds(cancellationToken).ConfigureAwait(false))
        {
            var record = await _log.Read(id, cancellationToken).ConfigureAwait(false);
            if (record.HasStarted)
                all.Add(record.Info);
        }
        return all;
    }

    /// <summary>Records the policies of the application, for tools.</summary>
    internal Task Declare(CancellationToken cancellationToken) =>
        _settings is null ? Task.CompletedTask : _log.Declare(_settings.Declaration, cancellationToken);

    /// <summary>Gets the tenant; empty without tenants.</summary>
    internal string Tenant => _scope.Tenant;

    /// <summary>Runs the policies at a scheduled time.</summary>
    internal Task<RetentionRun> RunScheduled(string id, CancellationToken cancellationToken) =>
        Run(id, RetentionScheduler.User, null, LockWait, cancellationToken);

    /// <summary>Returns the ids of all runs.</summary>
    internal ValueTask<IReadOnlyList<string>> ListIds(CancellationToken cancellationToken) =>
        _log.ListIds(cancellationToken);

    /// <summary>Continues a run that was interrupted. Returns false if there is nothing to continue.</summary>
    private async Task<bool> Resume(string id, CancellationToken cancellationToken)
    {
        var record = await _log.Read(id, cancellationToken).ConfigureAwait(false);
        if (!record.HasStarted || record.HasEnded)
            return false;
        await Run(id, record.By, record.Before, ErasureProcess.LockWait, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async Task<RetentionRun> Run(
        string id, string by, RetentionRule? before, TimeSpan lockWait, CancellationToken cancellationToken)
    {
        await Declare(cancellationToken).ConfigureAwait(false);
        var declaration = await Declaration(cancellationToken).ConfigureAwait(false);
        var record = await _process.Run(id, by, declaration, before, lockWait, cancellationToken).ConfigureAwait(false);
        return record.Info;
    }

    private async ValueTask<RetentionDeclaration> Declaration(CancellationToken cancellationToken) =>
        _settings?.Declaration
            ?? await _log.FindDeclaration(cancellationToken).ConfigureAwait(false)
            ?? throw new RetentionRefusedException(
                "retention",
                "no application has recorded its policies and read models. Start an application with AddRetention.");

    private async ValueTask<RetentionRule> RuleBefore(
        string category,
        DateTimeOffset before,
        IReadOnlyList<string>? evenIfReadBy,
        CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(category);
        var declaration = await Declaration(cancellationToken).ConfigureAwait(false);
        var kept = new RetentionRules(declaration, _scope.Tenant).ForCategory(category);
        if (kept is { Action: RetentionAction.Keep })
            throw new RetentionRefusedException(
                category, $"the policy '{kept}' keeps its streams. Remove the policy first.");
        if (category.Contains('/', StringComparison.Ordinal))
            throw new RetentionRefusedException(
                category, "a category cannot contain '/', which separates the name of a tenant. Specify the tenant.");
        if (category.StartsWith('$'))
            throw new RetentionRefusedException(category, "streams of Millrace itself are never removed.");
        return before > await _process.Now(cancellationToken).ConfigureAwait(false)
            ? throw new RetentionRefusedException(category, $"the time {before:O} is in the future.")
            : new RetentionRule
            {
                Target = RetentionTarget.Category,
                Name = category,
                Action = RetentionAction.Delete,
                Before = before.ToUniversalTime(),
                EvenIfReadBy = evenIfReadBy ?? [],
            };
    }

    private string NewId(string prefix)
    {
        var now = _scope.Store.Time.GetUtcNow().UtcDateTime;
        return string.Create(CultureInfo.InvariantCulture, $"{prefix}-{now:yyyyMMdd-HHmmss-fffffff}");
    }

    private static void CheckId(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (id.Length is 0 or > MaxIdCharacters || !id.All(IsIdCharacter))
            throw new InvalidNameException(
                "id of a retention run", id, "it must consist of 1 to 100 lower-case letters, digits and dashes");
    }

    private static bool IsIdCharacter(char value) => value is >= 'a' and <= 'z' or >= '0' and <= '9' or '-';
}
