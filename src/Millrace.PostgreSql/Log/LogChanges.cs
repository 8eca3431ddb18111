using System.Globalization;
using Millrace.PostgreSql.Connections;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Log;

/// <summary>
/// Receives notifications of other nodes' writes on one connection, and notifies them of this node's writes: after the
/// commit and coalesced, so that no commit waits. Occasional polling covers lost notifications.
/// </summary>
/// <remarks>
/// A listening node holds a shared lock, and announces itself when it starts. While no other node listens, no
/// notifications are sent.
/// </remarks>
internal sealed class LogChanges(Database database, TimeProvider time) : IAsyncDisposable
{
    private const int PollsBeforeListening = 20;
    private const int PollsBetweenChecks = 30;

    /// <summary>The pause between two notifications. Writes during the pause share one notification.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(3);

    /// <summary>The payload that a node sends when it starts to listen.</summary>
    private const string ListenerStarted = "here";

    /// <summary>
    /// The interval between checks for other listeners. Each check also detects a lost connection, because a connection
    /// dropped by a firewall reports nothing.
    /// </summary>
    private readonly TimeSpan _listenerCheckInterval =
        TimeSpan.FromTicks(Math.Min(PollsBetweenChecks * database.Options.PollInterval.Ticks, MaxSilence.Ticks));

    private static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan MaxPollInterval = TimeSpan.FromSeconds(5);

    private readonly string _listen = $"LISTEN {database.Tables.Channel}";
    private readonly string _countListeners = FormattableString.Invariant($"""
        SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
        WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND d.datname = current_database()
            AND l.classid::bigint = {(uint)database.Tables.ListenMark.Class} AND l.objid::bigint = {(uint)database.Tables.ListenMark.Key}
        """);
    private readonly CancellationTokenSource _closing = new();
    private readonly SemaphoreSlim _pendingNotifications = new(0);
    private readonly HeadSignal _headSignal = new();
    private long _written;
    private LogHead _lastSeen;
    private LogHead? _lastImmediate; // The head for which Wait last returned at once.
    private int _unchanged;
    private volatile bool _isListening;
    private readonly SoleNodeTracker _soleNode = new();
    private volatile int _notifierProcessId; // The server process that sends this node's notifications.
    private Task _listening = Task.CompletedTask;
    private Task _notifyTask = Task.CompletedTask;

    /// <summary>Gets whether no other node listens.</summary>
    public bool IsAlone => _soleNode.IsAlone;

    /// <summary>The number of notifications sent.</summary>
    public long NotificationCount { get; private set; }

    /// <summary>
    /// Starts listening and notifying. When connections are shared with other databases, none is reserved for
    /// listening.
    /// </summary>
    public void Start()
    {
        if (database.SharesConnections)
            return;
        if (database.Options.Prepares)
            _listening = Task.Run(Listen);
        _notifyTask = Task.Run(NotifyLoop);
    }

    /// <summary>Records the last position that this node has written.</summary>
    public void Written(long position)
    {
        var previous = Interlocked.Exchange(ref _written, position);
        if (previous < position && !IsAlone)
            WakeNotifier();
    }

    /// <summary>Returns when the log may have moved beyond a known end.</summary>
    public async ValueTask Wait(LogHead seen, CancellationToken cancellationToken)
    {
        var wait = _headSignal.WaitBeyond(seen);
        if (wait is null && _lastImmediate == seen)
            // The caller has read the log since and found nothing: the announced event was lost, or never existed.
            wait = _headSignal.Rewind(seen);
        _lastImmediate = wait is null ? seen : null;
        if (wait is not { } change)
            return;
        try
        {
            await change.WaitAsync(Interval(seen), time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The caller checks the log.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        _headSignal.Advance(new LogHead(long.MaxValue, 0));
        await _listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _notifyTask.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>
    /// Returns the polling interval. When polling takes a connection that others could use, the interval grows up to a
    /// limit while nothing changes.
    /// </summary>
    private TimeSpan Interval(LogHead seen)
    {
        if (!database.SharesConnections)
            return database.Options.PollInterval / (_isListening ? 1 : PollsBeforeListening);
        _unchanged = seen == _lastSeen ? _unchanged + 1 : 0;
        _lastSeen = seen;
        var interval = database.Options.PollInterval * Math.Pow(2, Math.Min(_unchanged, 10));
        return interval < MaxPollInterval
            ? interval
            : TimeSpan.FromTicks(Math.Max(MaxPollInterval.Ticks, database.Options.PollInterval.Ticks));
    }

    private async Task Listen()
    {
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                var connection = await database.Connect(_closing.Token).ConfigureAwait(false);
                await using var _ = connection.ConfigureAwait(false);
                connection.Notification += (_, notification) => OnNotification(notification, connection.ProcessID);
                await ListenOn(connection).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is StorageException || PostgreSqlErrors.IsKnown(exception))
            {
                _isListening = false;
                await Task.Delay(database.Options.PollInterval, time, _closing.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>
    /// Handles a notification. A node ignores its own ones, because checking the log would cost as much as sending
    /// them.
    /// </summary>
    private void OnNotification(NpgsqlNotificationEventArgs notification, int listenerProcessId)
    {
        if (notification.PID == _notifierProcessId || notification.PID == listenerProcessId)
            return;
        _soleNode.ReportOtherNode();
        if (notification.Payload == ListenerStarted)
            WakeNotifier(); // The new listener has missed earlier notifications.
        else
            _headSignal.Advance(Parse(notification.Payload));
    }

    private void WakeNotifier()
    {
        if (_pendingNotifications.CurrentCount == 0)
            _pendingNotifications.Release();
    }

    private async ValueTask Announce(NpgsqlConnection connection)
    {
        var batch = new NpgsqlBatch(connection);
        await using var _ = batch.ConfigureAwait(false);
        batch
            .Add("SELECT pg_advisory_lock_shared($1, $2)")
            .With(database.Tables.ListenMark.Class)
            .With(database.Tables.ListenMark.Key);
        batch.Add("SELECT pg_notify($1, $2)").With(database.Tables.Channel).With(ListenerStarted);
        batch.Add(_listen);
        await batch.ExecuteNonQueryAsync(_closing.Token).ConfigureAwait(false);
    }

    /// <summary>Checks whether another node listens. A node that starts after the check announces itself.</summary>
    private async ValueTask CheckListeners(NpgsqlConnection connection)
    {
        var check = _soleNode.StartCheck();
        var batch = new NpgsqlBatch(connection);
        await using var _ = batch.ConfigureAwait(false);
        batch.Add(_countListeners);
        batch.Add(_listen); // Repeated so that pg_stat_activity shows the purpose of the connection.
        long listeners;
        var row = await batch.ExecuteReaderAsync(_closing.Token).ConfigureAwait(false);
        await using (row.ConfigureAwait(false))
            listeners = await row.ReadAsync(_closing.Token).ConfigureAwait(false) ? row.GetInt64(0) : 0;
        _soleNode.CompleteCheck(check, isAlone: listeners == 1);
    }

    private async ValueTask ListenOn(NpgsqlConnection connection)
    {
        try
        {
            await Announce(connection).ConfigureAwait(false);
            _isListening = true;
            while (true)
            {
                await CheckListeners(connection).ConfigureAwait(false);
                var checkedAt = time.GetTimestamp();
                for (
                    var remaining = _listenerCheckInterval;
                    remaining > TimeSpan.Zero;
                    remaining = _listenerCheckInterval - time.GetElapsedTime(checkedAt))
                {
                    if (!await connection.WaitAsync(remaining, _closing.Token).ConfigureAwait(false))
                        break;
                }
            }
        }
        finally
        {
            _isListening = false;
            _soleNode.ReportOtherNode();
            database.ForgetIdle(); // The connection's LISTEN and its lock must not return to the pool.
        }
    }

    private async Task NotifyLoop()
    {
        var notified = 0L;
        while (!_closing.IsCancellationRequested)
        {
            await _pendingNotifications.WaitAsync(_closing.Token).ConfigureAwait(false);
            var position = Interlocked.Read(ref _written);
            if (position <= notified || IsAlone)
                continue;
            try
            {
                var connection = await database.Connect(_closing.Token).ConfigureAwait(false);
                await using var _ = connection.ConfigureAwait(false);
                _notifierProcessId = connection.ProcessID;
                var command = connection
                    .Command(
                        // A lost notification does no harm, so that the commit does not wait for the disk.
                        $"SELECT set_config('synchronous_commit', 'off', true), "
                            + $"pg_notify('{database.Tables.Channel}', epoch || ' ' || $1) "
                            + $"FROM {database.Tables.Header}")
                    .With(position.ToString(CultureInfo.InvariantCulture));
                await using var __ = command.ConfigureAwait(false);
                await command.ExecuteNonQueryAsync(_closing.Token).ConfigureAwait(false);
                notified = position;
                NotificationCount++;
                await Task.Delay(Pause, time, _closing.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is StorageException || PostgreSqlErrors.IsKnown(exception))
            {
                // Other nodes poll as well.
            }
        }
    }

    private static LogHead Parse(string payload)
    {
        var parts = payload.Split(' ');
        return
            parts.Length == 2
            && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var epoch)
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var position)
            ? new LogHead(epoch, position)
            : default;
    }
}
