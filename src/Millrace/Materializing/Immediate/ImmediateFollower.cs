using Millrace.Consuming;
using Millrace.Storage;
using Millrace.Streams;

namespace Millrace.Materializing.Immediate;

/// <summary>
/// Changes the rows of a view in the commits of a run of its projection, and builds the rows from the documents
/// that exist already, a page at a time. Documents after the last page are not in the rows yet, so their changes are
/// left to a later page.
/// </summary>
internal sealed class ImmediateFollower(HostedImmediate hosted, string source)
{
    private const int PageSize = 500;
    private const string UnknownProblem =
        "The view failed on a node that was ended before it stored the reason. The log of the node can contain it.";

    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortInterval = TimeSpan.FromSeconds(1);

    private readonly RowRules _rules = hosted.CreateRules();
    private readonly ImmediateCatalog _catalog = new(hosted, source);
    private readonly string _key = hosted.View.KeyOf(source);

    // The committed state, and the run whose commits it follows.
    private ImmediateRun _run = new(0, 0, 0, null);
    private ImmediateState _state = new();
    private long _version;
    private bool _mustConfirm;
    private bool _mustReload;

    // What the next commit stores.
    private long _nextPosition;
    private ImmediateChange? _planned;
    private ImmediateChange? _next; // Without the planned rows while they may be refused.
    private DocumentChange? _mark; // Of rows that the commit does not include.
    private bool _isPartOfBuild;

    // What must be done without an event.
    private DateTimeOffset _checkAt = DateTimeOffset.MinValue;
    private DateTimeOffset _retryAt = DateTimeOffset.MinValue;
    private DateTimeOffset _pausedUntil = DateTimeOffset.MinValue;
    private bool _isRequested;
    private long _followedFrom;
    private long _builtFrom;
    private bool _isUnloaded;
    private int _delays;
    private volatile bool _mustCheck;

    /// <summary>Gets the time at which <see cref="Work"/> has something to do.</summary>
    public DateTimeOffset NextDue
    {
        get
        {
            if (_pausedUntil > Now)
                return _pausedUntil;
            if (_mustCheck || MustConfirm || _mustReload || _isUnloaded || _catalog.MustReport
                || _state.Build is not null)
                return DateTimeOffset.MinValue;
            var next = Now + ShortInterval; // The catalog of read models may change.
            next = _checkAt < next ? _checkAt : next;
            return NeedsBuild && _retryAt < next ? _retryAt : next;
        }
    }

    /// <summary>Gets the writes for the next commit.</summary>
    public IReadOnlyList<DocumentChange> Writes => _next?.Writes ?? (_mark is { } mark ? [mark] : []);

    /// <summary>Gets whether the writes were planned with rows, which the storage can refuse.</summary>
    public bool HasPlannedRows => _planned is { Rows.Count: > 0 };

    private EventStore Store => hosted.Services.Store;

    private DateTimeOffset Now => Store.Time.GetUtcNow();

    private bool NeedsBuild =>
        _state.Build is null && (_isRequested || _state.Live is not { } live || !IsFollowed(live));

    /// <summary>Gets whether the state of the rows must be stored, so that readers find it valid.</summary>
    public bool MustConfirm =>
        _mustConfirm
        || _state.Rows.Any(rows =>
            IsFollowed(rows) && (rows.Revision != hosted.Revision || rows.LogEpoch != Store.Tail.Head.Epoch));

    /// <summary>Inspects the stored requests soon. Other threads can call it.</summary>
    public void CheckSoon() => _mustCheck = true;

    /// <inheritdoc cref="Consuming.IDocumentFollower.Start"/>
    public async ValueTask Start(long leaseEpoch, long? checkpoint, CancellationToken cancellationToken)
    {
        Forget();
        _run = new ImmediateRun(Store.Tail.Head.Epoch, leaseEpoch, hosted.Revision, checkpoint)
        {
            IsListed = hosted.IsListed(source),
        };
        await Reload(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Plans the writes for changed documents. After a failure of the view, they invalidate it.</summary>
    public async ValueTask Follow(ChangedDocuments documents, long position, CancellationToken cancellationToken)
    {
        Forget();
        _followedFrom = Store.Time.GetTimestamp();
        _nextPosition = position;
        try
        {
            if (_mustReload && !_isUnloaded)
                await Reload(cancellationToken).ConfigureAwait(false);
            if (_isUnloaded)
                await MarkUnfollowed(cancellationToken).ConfigureAwait(false);
            else
                Plan(await ChangeFor(documents, cancellationToken).ConfigureAwait(false));
        }
#pragma warning disable CA1031 // A failure of the view invalidates it, and never keeps the projection from its commit.
        catch (Exception exception)
            when (!ImmediateFailures.IsOfStorage(exception) && !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            if (!_isUnloaded)
                Plan(Fail(exception));
        }
    }

    /// <summary>Does a part of the work that is due, and plans its writes.</summary>
    public async ValueTask Work(long position, CancellationToken cancellationToken)
    {
        Forget();
        _nextPosition = position;
        try
        {
            Plan(await Step(cancellationToken).ConfigureAwait(false));
            _delays = 0;
        }
        catch (Exception exception)
            when ((_isUnloaded || !_isPartOfBuild || ImmediateFailures.IsOfStorage(exception) || IsDelay(exception))
                && !cancellationToken.IsCancellationRequested)
        {
            Delay(exception);
        }
#pragma warning disable CA1031 // A failure of a build ends it, and never keeps the projection from its events.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            _pausedUntil = Now + ShortInterval;
            Plan(FailBuild(exception));
        }
    }

    /// <summary>Notes the failure of a commit with writes of the view.</summary>
    public void CommitFailed(Exception exception)
    {
        if (exception is DocumentConflictException { Collection: FollowerStates.Collection })
            _mustReload = true; // The view was dropped, or an earlier commit has succeeded after all.
    }

    /// <summary>Leaves the planned rows out of the next attempt of a commit, which invalidates them.</summary>
    public void LeaveOut(Exception reason) => _next = _isPartOfBuild ? FailBuild(reason) : Fail(reason);

    /// <summary>Includes the planned rows in the next attempt of a commit.</summary>
    public void Include() => _next = _planned;

    /// <summary>Called after each commit of the run.</summary>
    /// <param name="documentVersion">The version of the written documents; 0 if it is unknown.</param>
    /// <param name="position">The checkpoint after the commit.</param>
    public void Committed(long documentVersion, long position)
    {
        _run = _run with { Checkpoint = position };
        if (_next is not { } committed)
            return;
        (_state, _version) = (committed.State, documentVersion);
        hosted.ForgetUnfollowed(source);
        _mustReload |= documentVersion == 0;
        _mustConfirm = false;
        if (committed.IsSwitch)
        {
            _isRequested = false;
            _catalog.Switched(_state.Live!.Collection); // Not null after a switch.
        }
        if (committed.Failure is { } failure)
        {
            ViewLog.ImmediateFailed(hosted.Services.Logger, _key, failure);
            _retryAt = Now + RefreshSchedule.RetryDelayAfter(1);
            _catalog.Failed(failure, committed.FailedFrom);
        }
        Forget();
    }

    /// <summary>Drops what is not committed.</summary>
    public void Forget()
    {
        (_planned, _next, _mark) = (null, null, null);
        _isPartOfBuild = false;
    }

    private static bool Contains(ImmediateRows rows, string key) =>
        rows.IsComplete || (rows.Cursor is { } cursor && CodePointOrder.Instance.Compare(key, cursor) <= 0);

    /// <summary>Returns whether all commits of the run included the rows.</summary>
    private bool IsFollowed(ImmediateRows rows) => rows.LeaseEpoch == _run.LeaseEpoch;

    private void Plan(ImmediateChange? change) => _planned = _next = change;

    /// <summary>Returns the change for changed documents; null if the commit changes nothing of the view.</summary>
    private async ValueTask<ImmediateChange?> ChangeFor(
        ChangedDocuments documents, CancellationToken cancellationToken)
    {
        var followed = _state.Rows.Where(IsFollowed).ToArray();
        if (followed.Length == 0
            || (documents.Count == 0 && followed.All(rows => rows.Position == _nextPosition)))
            return null;
        var changes = new List<DocumentChange>();
        var changed = await documents.Read(_rules.NeedsFormer, cancellationToken).ConfigureAwait(false);
        foreach (var rows in followed)
        {
            ChangedDocument[] contained = [.. changed.Where(document => Contains(rows, document.Key))];
            changes.AddRange(
                await _rules.Change(contained, rows.Collection, _nextPosition, cancellationToken)
                    .ConfigureAwait(false));
        }
        return ChangeTo(_state, changes);
    }

    private ImmediateChange ChangeTo(ImmediateState next, IReadOnlyList<DocumentChange>? changes = null)
    {
        next = next.With(rows => IsFollowed(rows)
            ? rows with
            {
                Position = _nextPosition,
                Revision = hosted.Revision,
                LogEpoch = Store.Tail.Head.Epoch,
            }
            : rows);
        return new ImmediateChange(changes ?? [], ImmediateStateStore.ChangeTo(_key, source, _version, next), next);
    }

    private ImmediateChange Fail(Exception exception)
    {
        var others = _state.With(rows => IsFollowed(rows) ? null : rows);
        return ChangeTo(others with { HasFailed = true }) with { Failure = exception, FailedFrom = _followedFrom };
    }

    /// <summary>Ends a build that failed. Rows that follow the documents remain.</summary>
    private ImmediateChange FailBuild(Exception exception) =>
        ChangeTo(_state with { Build = null, HasFailed = _state.Live is null }) with
        {
            Failure = exception,
            FailedFrom = _builtFrom,
        };

    private void Delay(Exception exception)
    {
        ViewLog.Delayed(hosted.Services.Logger, _key, exception);
        var pause = RefreshSchedule.RetryDelayAfter(++_delays);
        _pausedUntil = Now + (pause < CheckInterval ? pause : CheckInterval);
    }

    /// <summary>
    /// Returns whether the build must wait: another node changed the record, or an operator must drop it, because it is
    /// damaged.
    /// </summary>
    private static bool IsDelay(Exception exception) =>
        exception is DocumentConflictException or StorageException { Problem: StorageProblem.Damaged };

    /// <summary>
    /// Marks the stored rows, because a commit does not include them while the view is not loaded. Otherwise, readers
    /// and a later run of the same lease would take them for complete.
    /// </summary>
    private async ValueTask MarkUnfollowed(CancellationToken cancellationToken)
    {
        hosted.NoteUnfollowed(source, _run.LeaseEpoch);
        var (stored, version) = await hosted.States.Find(_key, source, cancellationToken).ConfigureAwait(false);
        if (stored is { IsUnfollowed: false } && stored.Rows.Any())
            _mark = ImmediateStateStore.ChangeTo(_key, source, version, stored with { IsUnfollowed = true });
    }

    /// <summary>
    /// Loads the state. If commits of the run did not follow the view because it was not loaded, no rows continue.
    /// </summary>
    private async ValueTask Load(CancellationToken cancellationToken)
    {
        await hosted.States.EnsureCollection(cancellationToken).ConfigureAwait(false);
        var (stored, version) = await hosted.States.Find(_key, source, cancellationToken).ConfigureAwait(false);
        var record = await _catalog.Read(cancellationToken).ConfigureAwait(false);
        _version = version;
        _state = stored is null or { IsUnfollowed: true } || hosted.WasUnfollowed(source, _run.LeaseEpoch)
            ? new ImmediateState()
            : stored.ContinueWith(_run, _catalog.Listed);
        _mustConfirm = version > 0 && _state != stored;
        (_mustReload, _isUnloaded) = (false, false);
        if (_state.Live is { } live && record?.Building == live.Collection)
            _catalog.Switched(live.Collection); // The run that switched was ended before it could report this.
        if (_state.HasFailed && record is { Error: null })
        {
            // It was ended before it could report this.
            _catalog.Failed(new InvalidOperationException(UnknownProblem), Store.Time.GetTimestamp());
        }
        Note(record);
    }

    /// <summary>
    /// Loads the state before a commit. If it cannot be loaded, the commit does not include the rows.
    /// </summary>
    private async ValueTask Reload(CancellationToken cancellationToken)
    {
        try
        {
            await Load(cancellationToken).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // A state that cannot be read does not keep the projection from its events.
        catch (Exception exception)
            when (!ImmediateFailures.IsOfStorage(exception) && !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            _isUnloaded = true;
            Delay(exception);
        }
    }

    private void Note(ViewRecord? record)
    {
        _isRequested = record is not null && record.RequestedAt > (record.RefreshedAt ?? DateTimeOffset.MinValue);
        _retryAt = record?.PausedUntil ?? DateTimeOffset.MinValue;
        _checkAt = Now + CheckInterval;
    }

    private async ValueTask<ImmediateChange?> Step(CancellationToken cancellationToken)
    {
        if (_mustReload || _isUnloaded)
            await Load(cancellationToken).ConfigureAwait(false);
        if (MustConfirm)
            return ChangeTo(_state);
        if (_catalog.MustReport)
            Note(await _catalog.Report(cancellationToken).ConfigureAwait(false));
        if (_mustCheck || _checkAt <= Now)
        {
            _mustCheck = false;
            var (_, version) = await hosted.States.Find(_key, source, cancellationToken).ConfigureAwait(false);
            if (version == _version)
                Note(await _catalog.Read(cancellationToken).ConfigureAwait(false));
            else
                await Load(cancellationToken).ConfigureAwait(false); // The state was removed.
            if (_state.Rows.Any(rows => !_catalog.Listed.Contains(rows.Collection)))
                return ChangeTo(_state.With(rows => _catalog.Listed.Contains(rows.Collection) ? rows : null));
        }
        _isPartOfBuild = true;
        if (_state.Build is { } build)
            return await ReadPage(build, cancellationToken).ConfigureAwait(false);
        return NeedsBuild && _retryAt <= Now ? await Begin(cancellationToken).ConfigureAwait(false) : null;
    }

    private async ValueTask<ImmediateChange> Begin(CancellationToken cancellationToken)
    {
        _builtFrom = Store.Time.GetTimestamp();
        var collection = await _catalog.Begin(cancellationToken).ConfigureAwait(false);
        var build = new ImmediateRows { Collection = collection, LeaseEpoch = _run.LeaseEpoch };
        return ChangeTo(_state with { Build = build });
    }

    private async ValueTask<ImmediateChange> ReadPage(ImmediateRows build, CancellationToken cancellationToken)
    {
        var query = new DocumentQuery
        {
            Collection = source,
            After = build.Cursor is { } cursor ? new DocumentCursor(FieldValue.Null, cursor) : null,
            Limit = Math.Min(PageSize, hosted.Services.Host.Options.CommitDocuments),
        };
        DocumentPage page;
        using (ProtectedValues.Conceal())
            page = await Store.Storage.Documents.Query(query, cancellationToken).ConfigureAwait(false);
        ChangedDocument[] documents =
            [.. page.Documents.Select(static document => new ChangedDocument(document.Key, null, document.Body))];
        var changes = await _rules.Change(documents, build.Collection, _nextPosition, cancellationToken)
            .ConfigureAwait(false);
        var isLast = page.Next is null;
        build = build with
        {
            Cursor = documents is [.., var last] ? last.Key : build.Cursor,
            IsComplete = isLast,
        };
        var next = isLast ? new ImmediateState { Live = build } : _state with { Build = build };
        return ChangeTo(next, changes) with { IsSwitch = isLast };
    }
}
