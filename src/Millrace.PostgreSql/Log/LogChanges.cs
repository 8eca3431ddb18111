using System.Globalization;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>
/// Hears what other nodes write, on one connection, and tells them what this one writes: after the commit and
/// coalesced, so that no commit waits for it. A notification that is lost is made up for by looking every now and then.
/// </summary>
/// <remarks>
/// A node that listens shows it by a lock, and says so when it begins. As long as nobody else does, there is nobody to
/// tell.
/// </remarks>
internal sealed class LogChanges(Database database, TimeProvider time) : IAsyncDisposable
{
    private const int PollsBeforeListening = 20;
    private const int PollsBetweenChecks = 30;

    /// <summary>Between two notifications: what is written meanwhile is told by one.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(3);

    /// <summary>What a node says that begins to listen.</summary>
    private const string Here = "here";

    /// <summary>
    /// Between two looks at who listens. They also show whether the connection is still there: one that a firewall has
    /// dropped says nothing.
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
    private LogHead? _answered; // What was seen by who was last told at once that there is more.
    private int _unchanged;
    private volatile bool _isListening;
    private readonly SoleNodeTracker _soleNode = new();
    private volatile int _notifierProcessId; // The server's process that tells for this node.
    private Task _listening = Task.CompletedTask;
    private Task _notifyTask = Task.CompletedTask;

    /// <summary>Whether no other node listens.</summary>
    public bool IsAlone => _soleNode.Holds;

    /// <summary>How often other nodes were told.</summary>
    public long Told { get; private set; }

    /// <summary>Begins. Where connections are shared with other databases, none is kept to listen on: there is nobody
    /// to tell.</summary>
    public void Start()
    {
        if (database.SharesConnections)
            return;
        if (database.Options.Prepares)
            _listening = Task.Run(Listen);
        _notifyTask = Task.Run(NotifyLoop);
    }

    /// <summary>Notes what this node has written.</summary>
    public void Written(long position)
    {
        var before = Interlocked.Exchange(ref _written, position);
        if (before < position && !IsAlone)
            WakeNotifier();
    }

    /// <summary>Returns when the log may no longer end where it was seen to.</summary>
    public async ValueTask Wait(LogHead seen, CancellationToken cancellationToken)
    {
        var wait = _headSignal.Beyond(seen);
        if (wait is null && _answered == seen)
            // Who waits has looked since: what was heard of is not there, but lost or never was.
            wait = _headSignal.Rewind(seen);
        _answered = wait is null ? seen : null;
        if (wait is not { } heard)
            return;
        try
        {
            await heard.WaitAsync(Interval(seen), time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Whoever waits looks again.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        _headSignal.Notice(new LogHead(long.MaxValue, 0));
        await _listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _notifyTask.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>How long to wait before looking: ever longer, within a bound, where it costs a connection that others
    /// could use.</summary>
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
                connection.Notification += (_, notification) => Hear(notification, connection.ProcessID);
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

    /// <summary>What this node has written it knows by itself: looking for it would cost as much as telling
    /// it.</summary>
    private void Hear(NpgsqlNotificationEventArgs notification, int own)
    {
        if (notification.PID == _notifierProcessId || notification.PID == own)
            return;
        _soleNode.End();
        if (notification.Payload == Here)
            WakeNotifier(); // It has not heard what was written while nobody was there.
        else
            _headSignal.Notice(Parse(notification.Payload));
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
        batch.Add("SELECT pg_notify($1, $2)").With(database.Tables.Channel).With(Here);
        batch.Add(_listen);
        await batch.ExecuteNonQueryAsync(_closing.Token).ConfigureAwait(false);
    }

    /// <summary>Looks whether another node listens. One that begins after the look says so.</summary>
    private async ValueTask CheckListeners(NpgsqlConnection connection)
    {
        var begun = _soleNode.StartCheck();
        var batch = new NpgsqlBatch(connection);
        await using var _ = batch.ConfigureAwait(false);
        batch.Add(_countListeners);
        batch.Add(_listen); // Once more: that is what the database shows this connection to be there for.
        long listeners;
        var row = await batch.ExecuteReaderAsync(_closing.Token).ConfigureAwait(false);
        await using (row.ConfigureAwait(false))
            listeners = await row.ReadAsync(_closing.Token).ConfigureAwait(false) ? row.GetInt64(0) : 0;
        _soleNode.CompleteCheck(begun, isAlone: listeners == 1);
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
                var looked = time.GetTimestamp();
                for (
                    var left = _listenerCheckInterval;
                    left > TimeSpan.Zero;
                    left = _listenerCheckInterval - time.GetElapsedTime(looked))
                {
                    if (!await connection.WaitAsync(left, _closing.Token).ConfigureAwait(false))
                        break;
                }
            }
        }
        finally
        {
            _isListening = false;
            _soleNode.End();
            database.ForgetIdle(); // What it listens to, and the lock that shows it, must not go back into the pool.
        }
    }

    private async Task NotifyLoop()
    {
        var told = 0L;
        while (!_closing.IsCancellationRequested)
        {
            await _pendingNotifications.WaitAsync(_closing.Token).ConfigureAwait(false);
            var position = Interlocked.Read(ref _written);
            if (position <= told || IsAlone)
                continue;
            try
            {
                var connection = await database.Connect(_closing.Token).ConfigureAwait(false);
                await using var _ = connection.ConfigureAwait(false);
                _notifierProcessId = connection.ProcessID;
                var command = connection
                    .Command(
                        // It is no harm when it is lost: nobody waits for the disk.
                        $"SELECT set_config('synchronous_commit', 'off', true), "
                            + $"pg_notify('{database.Tables.Channel}', epoch || ' ' || $1) "
                            + $"FROM {database.Tables.Header}")
                    .With(position.ToString(CultureInfo.InvariantCulture));
                await using var __ = command.ConfigureAwait(false);
                await command.ExecuteNonQueryAsync(_closing.Token).ConfigureAwait(false);
                (told, Told) = (position, Told + 1);
                await Task.Delay(Pause, time, _closing.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is StorageException || PostgreSqlErrors.IsKnown(exception))
            {
                // The others look by themselves every now and then.
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
